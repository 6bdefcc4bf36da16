"""The names that programs import from FastAPI's modules are in Tenure's of the same name."""

import importlib
import importlib.util
import subprocess
import sys
import warnings
from importlib import metadata
from types import SimpleNamespace

import pytest

import tenure.web
from tenure.web import responses, utils
from tenure.web.exceptions import FastAPIDeprecationWarning

MODULES = {
    "background": {"BackgroundTasks"},
    "concurrency": {
        "asynccontextmanager",
        "contextmanager_in_threadpool",
        "iterate_in_threadpool",
        "run_in_threadpool",
        "run_until_first_complete",
    },
    "datastructures": {
        "URL",
        "Address",
        "Default",
        "DefaultPlaceholder",
        "DefaultType",
        "FormData",
        "Headers",
        "QueryParams",
        "State",
        "UploadFile",
    },
    "encoders": {"ENCODERS_BY_TYPE", "decimal_encoder", "isoformat", "jsonable_encoder"},
    "exception_handlers": {
        "http_exception_handler",
        "request_validation_exception_handler",
        "websocket_request_validation_exception_handler",
    },
    "exceptions": {
        "DependencyScopeError",
        "EndpointContext",
        "FastAPIDeprecationWarning",
        "FastAPIError",
        "HTTPException",
        "PydanticV1NotSupportedError",
        "RequestErrorModel",
        "RequestValidationError",
        "ResponseValidationError",
        "ValidationException",
        "WebSocketErrorModel",
        "WebSocketException",
        "WebSocketRequestValidationError",
    },
    "middleware": {"Middleware"},
    "middleware.asyncexitstack": {"AsyncExitStackMiddleware"},
    "middleware.cors": {"CORSMiddleware"},
    "middleware.gzip": {"GZipMiddleware"},
    "middleware.httpsredirect": {"HTTPSRedirectMiddleware"},
    "middleware.trustedhost": {"TrustedHostMiddleware"},
    "middleware.wsgi": {"WSGIMiddleware"},
    "param_functions": {
        "Body",
        "Cookie",
        "Depends",
        "File",
        "Form",
        "Header",
        "Path",
        "Query",
        "Security",
    },
    "params": {
        "Body",
        "Cookie",
        "Depends",
        "File",
        "Form",
        "Header",
        "Param",
        "ParamTypes",
        "Path",
        "Query",
        "Security",
    },
    "requests": {"HTTPConnection", "Request"},
    "responses": {
        "EventSourceResponse",
        "FileResponse",
        "HTMLResponse",
        "JSONResponse",
        "ORJSONResponse",
        "PlainTextResponse",
        "RedirectResponse",
        "Response",
        "StreamingResponse",
        "UJSONResponse",
    },
    "staticfiles": {"StaticFiles"},
    "templating": {"Jinja2Templates"},
    "testclient": {"TestClient"},
    "types": {"DecoratedCallable", "DependencyCacheKey", "IncEx", "ModelNameMap", "UnionType"},
    "utils": {
        "deep_dict_update",
        "generate_operation_id_for_path",
        "generate_unique_id",
        "get_path_param_names",
        "get_value_or_default",
        "is_body_allowed_for_status_code",
    },
    "websockets": {"WebSocket", "WebSocketDisconnect", "WebSocketState"},
}
NEEDS = {"templating": "jinja2"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_the_names_of_fastapis(name):
    if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
        with pytest.raises(ImportError, match=NEEDS[name]):
            importlib.import_module(f"tenure.web.{name}")
        return
    with warnings.catch_warnings():
        # Starlette deprecates WSGIMiddleware, and some HTTP clients of TestClient.
        warnings.simplefilter("ignore")
        theirs = importlib.import_module(f"fastapi.{name}")
        ours = importlib.import_module(f"tenure.web.{name}")
    assert {each for each in MODULES[name] if hasattr(theirs, each)} == MODULES[name]
    assert MODULES[name] - set(ours.__all__) == set()


def test_which_status_codes_have_a_body():
    allowed = utils.is_body_allowed_for_status_code
    assert [allowed(each) for each in (None, "default", "2XX", 200, "404")] == [True] * 5
    assert [allowed(each) for each in (100, "199", 204, 205, 304)] == [False] * 5


def test_nested_dicts_are_updated_and_lists_appended():
    main = {"a": {"b": 1, "c": [1]}, "d": 1}
    utils.deep_dict_update(main, {"a": {"b": 2, "c": [2]}, "d": {"e": 1}})
    assert main == {"a": {"b": 2, "c": [1, 2]}, "d": {"e": 1}}


def test_operation_ids():
    class Route:
        name = "read"
        path_format = "/items/{id}"
        methods = {"GET"}  # noqa: RUF012 - read only

    assert utils.generate_unique_id(Route()) == "read_items__id__get"
    with pytest.warns(FastAPIDeprecationWarning):
        made = utils.generate_operation_id_for_path(name="read", path="/items/{id}", method="GET")
    assert made == "read_items__id__get"
    assert utils.get_path_param_names("/items/{id}/{part}") == {"id", "part"}


@pytest.mark.parametrize("name", ["UJSONResponse", "ORJSONResponse"])
def test_deprecated_responses_warn_and_name_the_missing_package(name, monkeypatch):
    package = name.removesuffix("Response").lower()
    monkeypatch.setitem(sys.modules, package, None)
    with (
        pytest.warns(FastAPIDeprecationWarning, match=name),
        pytest.raises(RuntimeError, match=f"{name} needs the package '{package}'"),
    ):
        getattr(responses, name)({})


def test_deprecated_responses_are_written_by_their_package(monkeypatch):
    orjson = SimpleNamespace(
        OPT_NON_STR_KEYS=4,
        OPT_SERIALIZE_NUMPY=16,
        dumps=lambda content, option: f"{content} {option}".encode(),
    )
    ujson = SimpleNamespace(dumps=lambda content, ensure_ascii: f"{content} {ensure_ascii}")
    monkeypatch.setitem(sys.modules, "orjson", orjson)
    monkeypatch.setitem(sys.modules, "ujson", ujson)
    with pytest.warns(FastAPIDeprecationWarning):
        fast = responses.ORJSONResponse([1])
    with pytest.warns(FastAPIDeprecationWarning):
        small = responses.UJSONResponse([1])
    assert (fast.body, small.body) == (b"[1] 20", b"[1] False")
    assert (fast.render(content=2), small.render(content=2)) == (b"2 20", b"2 False")


def test_modules_are_attributes_of_their_package() -> None:
    program = (
        "import tenure.web as web; "
        "web.security.HTTPBearer, web.concurrency.run_in_threadpool, web.logger.logger, "
        "web.middleware.Middleware, web.openapi.utils.get_openapi, "
        "web.openapi.models.Contact, web.openapi.constants.REF_PREFIX; "
        "print(web.__version__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{metadata.version('fastapi')}\n", "")
    assert not hasattr(tenure.web, "no_such_module")
    assert not hasattr(tenure.web.openapi, "no_such_module")
