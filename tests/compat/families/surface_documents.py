"""The objects of an OpenAPI document, made by hand, and the functions that make whole ones."""

import json
from typing import Any

from ..case import Family, get

OBJECTS = Family("objects")


def document_of(m: Any) -> Any:
    """A document in which each kind of object occurs, made of the models in *m*."""
    schema = m.Schema(
        type="object",
        properties={"name": m.Schema(type="string", xml=m.XML(name="n")), "any": True},
        discriminator=m.Discriminator(propertyName="name"),
        externalDocs=m.ExternalDocumentation(url="https://example.org/more"),
    )
    assert isinstance(schema, m.BaseModelWithConfig)
    example = m.Example(summary="One", value=1)
    media = m.MediaType(
        schema=schema, examples={"one": example}, encoding={"a": m.Encoding(contentType="text/a")}
    )
    parameter = m.Parameter(
        name="q", required=False, schema=m.Schema(type=["string", "null"]),
        **{"in": m.ParameterInType.query},
    )  # fmt: skip
    assert isinstance(parameter, m.ParameterBase)
    flows = m.OAuthFlows(
        implicit=m.OAuthFlowImplicit(authorizationUrl="/a"),
        password=m.OAuthFlowPassword(tokenUrl="/t", scopes={"a": "A"}),
        clientCredentials=m.OAuthFlowClientCredentials(tokenUrl="/t"),
        authorizationCode=m.OAuthFlowAuthorizationCode(authorizationUrl="/a", tokenUrl="/t"),
    )
    assert isinstance(flows.implicit, m.OAuthFlow)
    schemes = {
        "key": m.APIKey(name="k", **{"in": m.APIKeyIn.header}),
        "basic": m.HTTPBase(scheme="basic"),
        "bearer": m.HTTPBearer(bearerFormat="JWT"),
        "oauth2": m.OAuth2(flows=flows),
        "id": m.OpenIdConnect(openIdConnectUrl="/id"),
    }
    assert schemes["key"].type_ is m.SecuritySchemeType.apiKey
    assert all(isinstance(each, m.SecurityBase) for each in schemes.values())
    operation = m.Operation(
        operationId="read",
        parameters=[parameter, m.Reference(**{"$ref": "#/components/parameters/p"})],
        requestBody=m.RequestBody(content={"application/json": media}),
        responses={
            "200": m.Response(
                description="Fine",
                headers={"X-Count": m.Header(schema=m.Schema(type="integer"))},
                links={"next": m.Link(operationId="read")},
            )
        },
        tags=["a"],
    )
    return m.OpenAPI(
        openapi="3.1.0",
        info=m.Info(
            title="T",
            version="1",
            contact=m.Contact(name="C", email="c@example.org"),
            license=m.License(name="L", identifier="MIT"),
        ),
        servers=[
            m.Server(url="/{v}", variables={"v": m.ServerVariable(default="1", enum=["1", "2"])})
        ],
        paths={"/": m.PathItem(get=operation)},
        components=m.Components(schemas={"Thing": schema}, securitySchemes=schemes),
        tags=[m.Tag(name="a", description="A")],
        **{"x-own": {"kept": True}},
    )


@OBJECTS.program(get("/").gives(200))
def every_object_of_a_document(web: Any, record: Any) -> Any:
    models = web.openapi.models
    constants = web.openapi.constants
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        words = [
            sorted(constants.METHODS_WITH_BODY),
            constants.REF_PREFIX,
            constants.REF_TEMPLATE,
            str(models.SchemaOrBool is not None),
            str(models.SecurityScheme is not None),
            sorted(models.SchemaType.__args__),
        ]
        document = document_of(models).model_dump_json(by_alias=True, exclude_none=True)
        return web.responses.JSONResponse([words, json.loads(document)])

    return app


@OBJECTS.program(get("/").gives(200))
def a_document_made_by_hand(web: Any, record: Any) -> Any:
    app, webhooks = web.FastAPI(openapi_url=None), web.APIRouter()

    @webhooks.post("called")
    def called() -> Any: ...

    @app.get("/")
    def read() -> Any:
        return web.responses.JSONResponse(
            web.openapi.utils.get_openapi(
                title="T",
                version="1",
                openapi_version="3.1.0",
                summary="S",
                description="D",
                routes=app.routes,
                webhooks=webhooks.routes,
                tags=[{"name": "a"}],
                servers=[{"url": "/"}],
                terms_of_service="https://example.org/terms",
                contact={"name": "C"},
                license_info={"name": "L"},
                separate_input_output_schemas=False,
                external_docs={"url": "https://example.org"},
            )
        )

    return app


@OBJECTS.program(
    get("/", name="page").gives(200, [True] * 8),
    get("/docs", name="gone").gives(404),
)
def documentation_pages_with_options(web: Any, record: Any) -> Any:
    app = web.FastAPI(
        docs_url="/other",
        redoc_url=None,
        swagger_ui_oauth2_redirect_url="/other-redirect",
        swagger_ui_init_oauth={"clientId": "the-client"},
        swagger_ui_parameters={"deepLinking": False, "theOwn": 7},
        separate_input_output_schemas=False,
    )
    docs = web.openapi.docs

    @app.get("/")
    def read() -> Any:
        swagger = docs.get_swagger_ui_html(
            openapi_url="/the-document",
            title="The title",
            swagger_js_url="/the.js",
            swagger_css_url="/the.css",
            swagger_favicon_url="/the.png",
            oauth2_redirect_url="/the-redirect",
            init_oauth={"appName": "the-application"},
            swagger_ui_parameters={"docExpansion": "none"},
        ).body.decode()
        redoc = docs.get_redoc_html(
            openapi_url="/the-document",
            title="The title",
            redoc_js_url="/the.js",
            redoc_favicon_url="/the.png",
            with_google_fonts=False,
        ).body.decode()
        assert docs.get_swagger_ui_oauth2_redirect_html().body
        return [
            all(word in swagger for word in ("/the-document", "The title", "/the.js", "/the.css")),
            "/the.png" in swagger,
            "/the-redirect" in swagger,
            "the-application" in swagger,
            "docExpansion" in swagger,
            all(word in redoc for word in ("/the-document", "The title", "/the.js", "/the.png")),
            "fonts.googleapis.com" not in redoc,
            "fonts.googleapis.com" in docs.get_redoc_html(openapi_url="/", title="").body.decode(),
        ]

    # The pages themselves are each framework's own; what they are made of is compared above.
    app.router.routes[:] = [
        each for each in app.router.routes if getattr(each, "path", "") != "/other"
    ]
    return app
