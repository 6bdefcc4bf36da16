"""What programs read of routes and markers, and names that are reached without an import."""

import copy
import pickle
import warnings
from functools import partial
from importlib import import_module
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..case import Family, get, socket, together

NAMES = Family("names")


@NAMES.program(get("/").gives(200))
def defaults_that_nobody_gave(web: Any, record: Any) -> Any:
    """They can be told from given values, and hold what would be used."""
    app = web.FastAPI()
    placeholder = web.datastructures.DefaultPlaceholder

    def words(**options: Any) -> dict[str, Any]:
        return {
            name: [value.value if is_default else value, is_default]
            for name, value in options.items()
            for is_default in [isinstance(value, placeholder)]
        }

    @app.get("/")
    def read() -> Any:
        route, router = app.routes[-1], web.APIRouter()
        options = words(
            response_class=route.response_class,
            make_id=route.generate_unique_id_function,
            of_router=router.default_response_class,
            make_id_of_router=router.generate_unique_id_function,
            strict=router.strict_content_type,
            of_application=app.router.default_response_class,
        )
        return {
            name: [getattr(value, "__name__", value), is_default]
            for name, (value, is_default) in options.items()
        }

    return app


@NAMES.program(get("/").gives(200))
def a_class_of_responses_that_was_given(web: Any, record: Any) -> Any:
    app = web.FastAPI(default_response_class=web.responses.PlainTextResponse)

    @app.get("/", response_class=web.responses.JSONResponse)
    def read() -> Any:
        return [app.routes[-1].response_class.__name__, app.router.default_response_class.__name__]

    return app


@NAMES.program(get("/").gives(200))
def markers_as_text(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        return [
            repr(web.Depends()),
            repr(web.Depends(int, use_cache=False, scope="function")),
            repr(web.Depends(int, max_concurrency=3)),
            repr(web.Security(int, scopes=["a", "b"])),
            repr(web.Query(None)),
            repr(web.Body(3)),
        ]

    return app


@NAMES.program(get("/").gives(200))
def operation_ids_that_are_given_twice(web: Any, record: Any) -> Any:
    """Programs ignore the warning by the beginning of its text."""
    app = web.FastAPI()

    @app.get("/", operation_id="again")
    def read() -> Any:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", message="Duplicate Operation ID once")
            app.openapi()
        return [str(each.message)[:28] for each in caught]

    @app.get("/a", operation_id="again")
    def beside() -> Any: ...

    @app.get("/b", operation_id="once")
    def first() -> Any: ...

    @app.get("/c", operation_id="once")
    def second() -> Any: ...

    return app


class Body_create__post(BaseModel):  # noqa: N801 - the name is the case
    """Has the name that the model of a body is given."""

    number: int


@NAMES.program(get("/openapi.json").gives(200))
def a_model_with_the_name_of_a_body(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    def create(
        first: Annotated[int, web.Body()], second: Annotated[int, web.Body()]
    ) -> Body_create__post: ...

    return app


@NAMES.program(get("/").gives(200))
def modules_that_nobody_imported(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        module = import_module(web.package)
        return [
            module.__version__,
            module.security.HTTPBearer.__name__,
            module.openapi.utils.get_openapi.__name__,
            module.openapi.docs.get_redoc_html.__name__,
            module.openapi.models.OpenAPI.__name__,
            module.openapi.constants.REF_PREFIX,
            module.encoders.jsonable_encoder.__name__,
            module.concurrency.run_in_threadpool.__name__,
            module.utils.generate_unique_id.__name__,
            hasattr(module, "nothing"),
        ]

    return app


def _read(dependant: Any) -> Any:
    return {
        "call": dependant.call.__name__,
        "name": dependant.name,
        "path": dependant.path,
        "scope": dependant.scope,
        "use_cache": dependant.use_cache,
        "oauth_scopes": [dependant.own_oauth_scopes, dependant.parent_oauth_scopes],
        "fields": {
            place: [
                [each.name, each.alias, repr(each.field_info), repr(each.default)] for each in found
            ]
            for place in ("path", "query", "header", "cookie", "body")
            for found in [getattr(dependant, f"{place}_params")]
        },
        "injected": [
            getattr(dependant, f"{each}_param_name")
            for each in (
                "request",
                "websocket",
                "http_connection",
                "response",
                "background_tasks",
                "security_scopes",
            )
        ],
        "below": [_read(each) for each in dependant.dependencies],
    }


@NAMES.program(get("/").gives(200), get("/flat").gives(200), get("/apart").gives(200))
def what_a_route_depends_on(web: Any, record: Any) -> Any:
    """As audits of routes read it: is everything behind authentication?"""
    utils = web.dependencies.utils

    def of_scopes(scopes: web.security.SecurityScopes, token: str = web.Header()) -> None: ...

    def of_all(
        request: web.Request,
        response: web.Response,
        tasks: web.BackgroundTasks,
        connection: web.requests.HTTPConnection,
        user: None = web.Security(of_scopes, scopes=["inner"]),
        size: int = web.Cookie(3, alias="Size"),
    ) -> None: ...

    def closed() -> Any:
        yield

    app = web.FastAPI(dependencies=[web.Depends(of_scopes)])

    @app.post("/item/{number}", dependencies=[web.Security(of_all, scopes=["listed"])])
    def create(
        number: int,
        text: Annotated[list[str], web.Query(alias="t", max_length=3)],
        body: Body_create__post,
        again: Annotated[None, web.Depends(of_all, use_cache=False)],
        open_: Annotated[None, web.Depends(closed, scope="function")],
    ) -> None: ...

    @app.websocket("/socket")
    async def socket(websocket: web.WebSocket, user: None = web.Depends(of_scopes)) -> None: ...

    @app.get("/")
    def read(token: str = web.Header("")) -> Any:
        return [
            _read(each.dependant)
            for each in app.routes
            if getattr(each, "path", "") in ("/item/{number}", "/socket")
        ]

    @app.get("/flat")
    def flat() -> Any:
        dependant = next(each for each in app.routes if each.name == "create").dependant
        return [each.alias for each in utils.get_flat_params(dependant)]

    @app.get("/apart")
    def apart() -> Any:
        signature = utils.get_typed_signature(create)
        return [
            _read(utils.get_dependant(path="/item/{number}", call=create)),
            [
                str(each.annotation).partition("<function")[0]
                for each in signature.parameters.values()
            ],
            str(utils.get_typed_return_annotation(create)),
        ]

    for each in ("create", "socket"):
        assert any(route.name == each for route in app.routes)
    app.dependency_overrides[of_scopes] = lambda: None
    return app


@NAMES.program(
    together(get("/listed"), get("/first"), get("/last")).gives(200),
    socket("/socket", name="a_socket"),
)
def dependencies_that_are_added_to_routes(web: Any, record: Any) -> Any:
    """Plug-ins do it, to what is there already."""
    app = web.FastAPI()

    def note(word: str) -> None:
        record(word)

    def noting(word: str) -> Any:
        return web.Depends(partial(note, word))

    for path in ("/listed", "/first", "/last"):

        @app.get(path, dependencies=[noting("before")])
        def read() -> None:
            record("endpoint")

    @app.websocket("/socket")
    async def serve(websocket: web.WebSocket) -> None:
        await websocket.accept()
        record("endpoint")

    def sub(word: str, path: str) -> Any:
        make = web.dependencies.utils.get_parameterless_sub_dependant
        return make(depends=noting(word), path=path)

    for route in app.routes:
        path = getattr(route, "path", "")
        if path in ("/listed", "/socket"):
            route.dependant.dependencies.append(sub("listed", path))
        elif path == "/first":
            route.dependant.dependencies.insert(0, sub("first", path))
        elif path == "/last":
            route.dependant.dependencies.extend([sub("last", path), sub("of_all", path)])
    return app


USED_THERE = {
    "applications": "HTMLResponse JSONResponse Request RequestValidationError get_openapi"
    " get_redoc_html get_swagger_ui_html get_swagger_ui_oauth2_redirect_html generate_unique_id"
    " Default DefaultPlaceholder IncEx AsyncExitStackMiddleware ServerErrorMiddleware",
    "routing": "HTTPException JSONResponse PlainTextResponse Request RequestValidationError"
    " StreamingResponse WebSocket jsonable_encoder run_in_threadpool get_dependant URL"
    " get_value_or_default is_body_allowed_for_status_code serialize_response request_response"
    " Default DefaultPlaceholder Dependant ModelField create_model_field get_name ServerSentEvent",
    "openapi.utils": "DefaultPlaceholder METHODS_WITH_BODY REF_PREFIX JSONResponse Body"
    " deep_dict_update generate_operation_id_for_path get_flat_params",
    "params": "Example FastAPIDeprecationWarning Undefined",
    "param_functions": "AliasChoices AliasPath Discriminator Example Undefined",
    "security.base": "SecurityBaseModel",
    "security.oauth2": "OAuthFlowsModel",
    "utils": "DefaultPlaceholder FieldInfo ModelField Undefined create_model_field",
}


@NAMES.program(get("/").gives(200))
def names_where_they_are_used(web: Any, record: Any) -> Any:
    """Programs import them from modules that only use them."""
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        modules = {
            home: import_module(f"{web.package}.{home}") for home in (*USED_THERE, "datastructures")
        }
        for module in modules.values():
            assert not hasattr(module, "nothing_of_the_kind")
        placeholder = modules["datastructures"].DefaultPlaceholder
        assert modules["routing"].DefaultPlaceholder is placeholder
        return {
            home: [getattr(getattr(modules[home], name), "__name__", "?") for name in names.split()]
            for home, names in USED_THERE.items()
        }

    return app


@NAMES.program(get("/").gives(200))
def responses_that_are_made_by_hand(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    serialize = web.routing.serialize_response
    field = web.utils.create_model_field(name="r", type_=Body_create__post, mode="serialization")

    make = web.utils.create_model_field
    option = make("o", int, default=3, alias="O")
    listed = make("l", int, field_info=FieldInfo(annotation=int, description="How many"))

    @app.get("/")
    async def read() -> Any:
        given = {"number": "3", "more": 1}
        try:
            await serialize(field=field, response_content={"number": "x"}, is_coroutine=False)
        except web.exceptions.ResponseValidationError as error:
            wrong = [error.errors(), error.body]
        written = await serialize(field=field, response_content=given, dump_json=True)
        return [
            await serialize(response_content={"set": {1}, "model": Body_create__post(number=1)}),
            await serialize(field=field, response_content=given),
            await serialize(
                field=field,
                response_content=given,
                include={"number"},
                exclude={"number"},
                by_alias=False,
                exclude_unset=True,
                exclude_defaults=True,
                exclude_none=True,
                endpoint_ctx=None,
            ),
            written.decode(),
            wrong,
            [field.name, field.alias, repr(field.default), field.mode],
            field.validate({"number": "x"}, {}, loc=("here",)),
            field.validate({"number": 1})[1],
            [option.alias, option.default, repr(option.field_info), listed.field_info.description],
        ]

    return app


@NAMES.program(get("/").gives(200), get("/beside").gives(200))
def handlers_that_are_put_around_a_route(web: Any, record: Any) -> Any:
    """As plug-ins do, after the route is declared."""
    app = web.FastAPI()

    @app.get("/")
    def read(word: str = "unsaid") -> Any:
        record("endpoint")
        return word

    @app.get("/beside")
    def beside() -> Any: ...

    async def answer(request: Any) -> Any:
        record("around")
        return web.responses.PlainTextResponse(request.url.path)

    for route in app.routes:
        if getattr(route, "path", "") in ("/", "/beside"):
            route.app = web.routing.request_response(answer)
    return app


@NAMES.program(get("/").gives(200))
def copies_of_errors(web: Any, record: Any) -> Any:
    """They are handed from process to process."""
    app = web.FastAPI()
    found = [{"type": "missing", "loc": ("query", "q")}]
    errors = web.exceptions

    @app.get("/")
    def read() -> Any:
        made = [
            errors.RequestValidationError(found, body={"a": 1}),
            errors.WebSocketRequestValidationError(found),
            errors.ResponseValidationError(found, body=3, endpoint_ctx={"path": "GET /"}),
        ]
        return [
            [each.errors(), each.args, getattr(each, "body", None), str(each), repr(each)]
            for error in made
            for each in (error, copy.copy(error), pickle.loads(pickle.dumps(error)))
        ]

    return app
