"""Pages that show an OpenAPI document in a browser: Swagger UI and ReDoc.

The application serves them at ``docs_url`` and ``redoc_url``. Programs call these functions to
serve a page of their own, with scripts and styles from elsewhere. Whatever is put into a page is
escaped for the place where it stands.
"""

from __future__ import annotations

import html
import json
from typing import Any

from starlette.responses import HTMLResponse

from tenure.web.encoders import jsonable_encoder

__all__ = [
    "get_redoc_html",
    "get_swagger_ui_html",
    "get_swagger_ui_oauth2_redirect_html",
    "swagger_ui_default_parameters",
]

swagger_ui_default_parameters: dict[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}
"""What Swagger UI is configured with besides what a page is given."""

_FAVICON = "https://fastapi.tiangolo.com/img/favicon.png"
_FONTS = "https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700"


def get_swagger_ui_html(
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js",
    swagger_css_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css",
    swagger_favicon_url: str = _FAVICON,
    oauth2_redirect_url: str | None = None,
    init_oauth: dict[str, Any] | None = None,
    swagger_ui_parameters: dict[str, Any] | None = None,
) -> HTMLResponse:
    """The page of Swagger UI: operations to read and to try out.

    *openapi_url* is where the browser finds the document, *oauth2_redirect_url* the path that
    serves ``get_swagger_ui_oauth2_redirect_html``. *swagger_ui_parameters* are added to
    ``swagger_ui_default_parameters``; *init_oauth* is handed to Swagger UI's ``initOAuth``.
    """
    parameters = {**swagger_ui_default_parameters, **(swagger_ui_parameters or {})}
    configuration = [
        f"url: {_script_text(openapi_url)},",
        *(f"{_script_json(name)}: {_script_json(value)}," for name, value in parameters.items()),
    ]
    if oauth2_redirect_url:
        redirect = _script_text(oauth2_redirect_url)
        configuration.append(f"oauth2RedirectUrl: window.location.origin + {redirect},")
    presets = "SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset"
    configuration.append(f"presets: [{presets}],")
    lines = "\n    ".join(configuration)
    start = f"const ui = SwaggerUIBundle({{\n    {lines}\n  }})"
    if init_oauth:
        start += f"\n  ui.initOAuth({_script_json(init_oauth)})"
    return _page(
        title,
        head=[_icon(swagger_favicon_url), _stylesheet(swagger_css_url)],
        body=[
            '<div id="swagger-ui"></div>',
            _script(swagger_js_url),
            f"<script>\n  {start}\n</script>",
        ],
    )


def get_redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str = "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js",
    redoc_favicon_url: str = _FAVICON,
    with_google_fonts: bool = True,
) -> HTMLResponse:
    """The page of ReDoc: the whole document to read.

    *openapi_url* is where the browser finds the document. Without *with_google_fonts* nothing
    is asked of Google, and the reader's own fonts are used.
    """
    fonts = [_stylesheet(_FONTS)] if with_google_fonts else []
    return _page(
        title,
        head=[_icon(redoc_favicon_url), *fonts, "<style>body { margin: 0; padding: 0 }</style>"],
        body=[
            "<noscript>ReDoc needs JavaScript to show this document.</noscript>",
            f'<redoc spec-url="{html.escape(openapi_url)}"></redoc>',
            _script(redoc_js_url),
        ],
    )


def get_swagger_ui_oauth2_redirect_html() -> HTMLResponse:
    """The page that an authorization server sends the browser back to.

    It runs in the window that Swagger UI opened, hands over what the server answered, and closes.
    """
    return HTMLResponse(_OAUTH2_REDIRECT)


# The opener waits in ``swaggerUIRedirectOauth2``: what was asked (``auth``, ``state``), and whom
# to tell of success (``callback``) and of failure (``errCb``). An answer with a code or a token
# counts as ours only if it brings back the ``state`` that was sent along.
_OAUTH2_REDIRECT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Swagger UI: authorization</title>
</head>
<body>
<script>
"use strict";

function handOver() {
  const request = window.opener.swaggerUIRedirectOauth2;
  const inHash = /code|token|error/.test(window.location.hash);
  const text = inHash ? window.location.hash.slice(1).replace("?", "&")
                      : window.location.search.slice(1);
  const answer = Object.fromEntries(new URLSearchParams(text));
  const isOurs = answer.state === request.state;
  const tell = (level, message) => request.errCb(
    { authId: request.auth.name, source: "auth", level: level, message: message });
  const codeFlows = ["accessCode", "authorizationCode", "authorization_code"];
  const wantsCode = codeFlows.includes(request.auth.schema.get("flow")) && !request.auth.code;

  if (!wantsCode) {
    request.callback(
      { auth: request.auth, token: answer, isValid: isOurs, redirectUrl: request.redirectUrl });
    return;
  }
  if (!isOurs) {
    tell("warning", "The authorization server did not bring back the state it was sent. "
                    + "Somebody may have interfered.");
  }
  if (answer.code) {
    delete request.state;
    request.auth.code = answer.code;
    request.callback({ auth: request.auth, redirectUrl: request.redirectUrl });
    return;
  }
  const reason = [answer.error, answer.error_description, answer.error_uri].filter(Boolean);
  tell("error", reason.length ? "The authorization server refused: " + reason.join("; ")
                              : "The authorization server sent no code.");
}

function run() {
  handOver();
  window.close();
}

if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", run);
} else {
  run();
}
</script>
</body>
</html>
"""


def _page(title: str, *, head: list[str], body: list[str]) -> HTMLResponse:
    lines = [
        "<!DOCTYPE html>",
        "<html>",
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{html.escape(title)}</title>",
        *head,
        "</head>",
        "<body>",
        *body,
        "</body>",
        "</html>",
    ]
    return HTMLResponse("\n".join(lines) + "\n")


def _icon(url: str) -> str:
    return f'<link rel="shortcut icon" href="{html.escape(url)}">'


def _stylesheet(url: str) -> str:
    return f'<link rel="stylesheet" type="text/css" href="{html.escape(url)}">'


def _script(url: str) -> str:
    return f'<script src="{html.escape(url)}"></script>'


_IN_SCRIPTS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def _script_json(value: Any) -> str:
    """JSON that neither ends the script it stands in nor begins a comment of HTML."""
    return json.dumps(jsonable_encoder(value)).translate(_IN_SCRIPTS)


def _script_text(text: str) -> str:
    """A text in single quotes."""
    inside = json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inside.translate(_IN_SCRIPTS)}'"
