"""Mistakes that Tenure finds when they are declared, and that FastAPI finds later or never."""

import functools
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import pydantic

from ..case import Case, Family, declared, get, socket
from .programs import watching

DECLARED = Family("departures_declared")


@DECLARED.program(
    get("/")
    .gives(200, order="+f +r endpoint -f send:start send:end -r")
    .but(refused="DependencyScopeError", complaint='scope of "request"'),
    section="17.3",
)
def scope_rules_are_transitive(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    watch = watching(record)

    def plain(f: Any = web.Depends(watch("f"), scope="function")) -> Any:
        return f

    async def wide(value: Any = web.Depends(plain)) -> Any:
        record("+r")
        yield value
        record("-r")

    @app.get("/")
    async def read(value: Any = web.Depends(wide)) -> Any:
        record("endpoint")

    return app


@DECLARED.program(
    get("/")
    .gives(200, order="+r endpoint send:start send:end -r")
    .but(refused="DependencyScopeError", complaint="reqest"),
    section="17.3",
)
def scope_names_are_checked(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    async def read(r: Any = web.Depends(watching(record)("r"), scope="reqest")) -> Any:
        record("endpoint")

    return app


@DECLARED.program(
    declared().refused("AssertionError").but(refused="FastAPIError", complaint="install it"),
    section="house rule",
)
def packages_that_are_not_installed(web: Any, record: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both are deprecated, and say so
        for kind in (web.responses.ORJSONResponse, web.responses.UJSONResponse):
            kind({})
    return web.FastAPI()


@DECLARED.program(
    get("/").gives(500, error="TypeError").but(refused="FastAPIError"),
    section="17.6",
)
def an_async_wrapper_that_hides_a_generator(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def generator() -> Any:
        yield 1

    @functools.wraps(generator)
    async def wrapper() -> Any:
        return list(generator())

    @app.get("/")
    def read(value: Any = web.Depends(wrapper)) -> Any:
        return value

    return app


@DECLARED.program(
    get("/").gives(500, error="TypeError").but(500, error="FastAPIError"),
    section="17.6",
)
def a_def_wrapper_that_consumes_a_generator(web: Any, record: Any) -> Any:
    """No signature tells it from a wrapper that hands the generator on: found when it runs."""
    app = web.FastAPI()

    def generator() -> Any:
        yield 1

    @functools.wraps(generator)
    def wrapper() -> Any:
        return list(generator())

    @app.get("/")
    def read(value: Any = web.Depends(wrapper)) -> Any:
        return value

    return app


@DECLARED.program(
    socket("/").gives(error="TypeError").but(refused="FastAPIError", complaint="WebSocket"),
    section="17.14",
)
def a_request_below_a_websocket(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def below(request: web.Request) -> Any: ...

    @app.websocket("/")
    async def talk(websocket: web.WebSocket, value: Any = web.Depends(below)) -> None: ...

    return app


@DECLARED.program(
    socket("/").gives(error="TypeError").but(refused="FastAPIError", complaint="async def"),
    section="17.14",
)
def a_def_websocket_endpoint(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.websocket("/")
    def talk(websocket: web.WebSocket) -> None: ...

    return app


@DECLARED.program(
    get("/?value=1").gives(500, error="TypeError").but(refused="FastAPIError", complaint="value"),
    section="17.14",
)
def positional_only_parameters(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def dependency(value: int, /) -> Any:
        return value

    @app.get("/")
    def read(value: Any = web.Depends(dependency)) -> Any:
        return value

    return app


@DECLARED.program(
    get("/").gives(500, error="TypeError").but(refused="FastAPIError"),
    section="17.14",
)
def unhashable_callables(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> Any: ...

    @app.get("/")
    def read(value: Any = web.Depends(Unhashable())) -> Any: ...

    return app


@DECLARED.program(
    get("/").gives(500, error="DependencyScopeError").but(refused="DependencyScopeError"),
    section="17.14",
)
def the_faults_of_an_override(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def original() -> Any: ...

    def override(f: Any = web.Depends(watching(record)("f"), scope="function")) -> Any:
        yield

    @app.get("/")
    def read(value: Any = web.Depends(original)) -> Any: ...

    app.dependency_overrides[original] = override
    return app


@DECLARED.program(
    get("/?never=1").gives(500, error="DependencyScopeError").but(refused="DependencyScopeError"),
    section="17.14",
)
def dependencies_given_to_an_inclusion(web: Any, record: Any) -> Any:
    """FastAPI looks at them when the first request arrives."""
    app = web.FastAPI()
    router = web.APIRouter()

    def wide(f: Any = web.Depends(watching(record)("f"), scope="function")) -> Any:
        yield

    @router.get("/")
    def read() -> Any: ...

    app.include_router(router, dependencies=[web.Depends(wide)])
    return app


@DECLARED.program(
    get("/").gives(500, error="RecursionError").but(refused="FastAPIError", complaint="cycle"),
    section="17.14",
)
def an_override_that_needs_what_it_overrides(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def original() -> Any: ...

    def override(value: Any = web.Depends(original)) -> Any: ...

    @app.get("/")
    def read(value: Any = web.Depends(original)) -> Any: ...

    app.dependency_overrides[original] = override
    return app


@DECLARED.program(
    get("/?number=3", name="given").gives(200, [3, 3]).but(200, [3, 5]),
    get("/", name="absent").gives(200, [5, 5]),
    section="fault of the original",
)
def one_marker_object_for_two_parameters(web: Any, record: Any) -> Any:
    """FastAPI writes the first parameter's name on the marker itself."""
    app = web.FastAPI()
    marker = web.Query(5)

    @app.get("/")
    def read(number: int = marker, other: int = marker) -> Any:
        return [number, other]

    return app


@DECLARED.program(
    get("/").gives(200, "Ellipsis").but(422),
    section="fault of the original",
)
def an_ellipsis_beside_an_annotated_marker(web: Any, record: Any) -> Any:
    """Everywhere else it means that the value is required."""
    app = web.FastAPI()

    @app.get("/")
    def read(number: Annotated[int, web.Query()] = ...) -> Any:  # type: ignore[assignment]
        return repr(number)

    return app


@DECLARED.program(
    get("/?args=1&kwargs=2")
    .gives(200, {"args": "1", "kwargs": "2"})
    .but(refused="FastAPIError", complaint="any number of arguments"),
    section="17.14",
)
def starred_parameters(web: Any, record: Any) -> Any:
    """FastAPI takes their names for two required query parameters."""
    app = web.FastAPI()

    def dependency(*args: Any, **kwargs: Any) -> Any:
        return kwargs

    @app.get("/")
    def read(value: Annotated[Any, web.Depends(dependency)]) -> Any:
        return value

    return app


@DECLARED.program(
    get("/").gives(500, error="TypeError").but(refused="FastAPIError", complaint="socket"),
    section="house rule",
)
def a_websocket_below_a_request(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(socket: web.WebSocket) -> Any: ...

    return app


@DECLARED.program(
    get("/").gives(500, error="ValueError").but(refused="FastAPIError", complaint="value"),
    section="house rule",
)
def a_default_factory_with_an_argument(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(value: int = web.Query(default_factory=lambda data: 3)) -> Any: ...

    return app


@DECLARED.program(
    get("/?number=2").gives(422).but(200, {"number": 2}),
    section="house rule",
)
def an_open_model_as_a_dependency(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Open(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")
        number: int

    @app.get("/")
    def read(value: Annotated[Open, web.Depends()]) -> Any:
        return value

    return app


NONE: Any = object()

# Declarations that both refuse: path, annotation, default, and the kind of FastAPI's error.
# Where that is an assertion, `python -O` lets the mistake pass.
MISTAKES: dict[str, tuple[str, Callable[[Any], Any], Callable[[Any], Any], str]] = {
    "default_inside_annotated": (
        "/",
        lambda web: Annotated[int, web.Query(default=1)],
        lambda web: NONE,
        "AssertionError",
    ),
    "path_with_a_default": (
        "/{value}",
        lambda web: int,
        lambda web: web.Path(default=1),
        "AssertionError",
    ),
    "depends_twice": (
        "/",
        lambda web: Annotated[int, web.Depends(int)],
        lambda web: web.Depends(str),
        "AssertionError",
    ),
    "query_twice": (
        "/",
        lambda web: Annotated[int, web.Query()],
        lambda web: web.Query(),
        "AssertionError",
    ),
    "query_of_a_name_in_the_path": (
        "/{value}",
        lambda web: Annotated[int, web.Query()],
        lambda web: NONE,
        "AssertionError",
    ),
    "path_of_a_list": (
        "/{value}",
        lambda web: Annotated[list[int], web.Path()],
        lambda web: NONE,
        "AssertionError",
    ),
    "query_of_a_dictionary": (
        "/",
        lambda web: Annotated[dict[str, int], web.Query()],
        lambda web: NONE,
        "AssertionError",
    ),
    "background_tasks_with_a_marker": (
        "/",
        lambda web: Annotated[web.BackgroundTasks, web.Query()],
        lambda web: NONE,
        "AssertionError",
    ),
}


def build_mistake(path: str, make: Callable[[Any], Any], make_default: Callable[[Any], Any]) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()

        def read(value: Any) -> Any: ...

        read.__annotations__ = {"value": make(web)}
        default = make_default(web)
        if default is not NONE:
            read.__defaults__ = (default,)
        app.get(path)(read)
        return app

    return build


def fill_mistakes() -> None:
    for name, (path, annotation, default, kind) in MISTAKES.items():
        ask = declared().refused(kind).but(refused="FastAPIError", complaint="value")
        build = build_mistake(path, annotation, default)
        DECLARED.cases.append(Case(f"typed_errors-{name}", build, ask, "house rule"))


def build_an_empty_depends(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.get("/", dependencies=[web.Depends()])(lambda: None)
    return app


fill_mistakes()
DECLARED.add(
    "typed_errors-an_empty_depends_in_a_list",
    build_an_empty_depends,
    declared().refused("AssertionError").but(refused="FastAPIError", complaint="nothing to call"),
)
