"""Wrong uses: which class of error refuses them, and how early."""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

from ..case import Family, declared, get

MISTAKES = Family("mistakes")


class NoModel:
    """A type that pydantic knows nothing of."""


def _nothing() -> None: ...


def _wrong_uses(web: Any) -> dict[str, Callable[[], Any]]:
    app, router, other = web.FastAPI(), web.APIRouter(), web.APIRouter()
    other.include_router(router)

    def serve(path: str, annotation: Any, **options: Any) -> Callable[[], Any]:
        def read(value: Any) -> Any: ...

        read.__annotations__ = {"value": annotation}
        return lambda: app.get(path, **options)(read)

    return {
        "default inside Annotated": serve("/", Annotated[int, web.Query(1)]),
        "dict in the query": serve("/", Annotated[dict[str, int], web.Query()]),
        "list in the path": serve("/{value}", Annotated[list[int], web.Path()]),
        "request with a marker": serve("/", Annotated[web.Request, web.Query()]),
        "path with a default": lambda: web.Path(1),
        "prefix without a slash": lambda: web.APIRouter(prefix="a"),
        "prefix that ends with one": lambda: app.include_router(router, prefix="/a/"),
        "router in itself": lambda: router.include_router(router),
        "router through another": lambda: router.include_router(other),
        "no title": lambda: web.FastAPI(title=""),
        "no function": lambda: app.add_api_route("/", None),
        "model without a body": lambda: app.get("/", status_code=204, response_model=int)(_nothing),
        "response that is no dict": lambda: app.get("/", responses={404: "x"})(_nothing),
        "unknown event": lambda: web.APIRouter().add_event_handler("x", _nothing),
        "no type": serve("/", NoModel),
        "no type of a response": lambda: app.get("/", response_model=NoModel)(_nothing),
        "no type of another response": lambda: app.get("/", responses={404: {"model": NoModel}})(
            _nothing
        ),
        "unknown keyword": lambda: app.get("/", unknown=1),
        "prefix and path empty": lambda: _include_an_empty_path(web),
    }


def _include_an_empty_path(web: Any) -> None:
    router = web.APIRouter()
    router.get("")(_nothing)
    web.FastAPI().include_router(router)


@MISTAKES.program(get("/").gives(200))
def what_catches_a_mistake(web: Any, record: Any) -> Any:
    """Programs that catch the class FastAPI raises catch Tenure's error, too."""
    expected = {"no type", "no type of a response", "no type of another response"}
    expected.add("prefix and path empty")
    caught: dict[str, str] = {}
    for name, use in _wrong_uses(web).items():
        kind: type[Exception] = AssertionError
        if name in expected:
            kind = web.exceptions.FastAPIError
        if name == "unknown keyword":
            kind = TypeError
        try:
            use()
        except kind:
            caught[name] = "as expected"
    app = web.FastAPI(openapi_url=None)
    app.get("/")(lambda: caught)
    return app


@MISTAKES.program(declared().refused("FastAPIError", complaint="NoModel"))
def an_additional_response_of_no_type(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.get("/", responses={404: {"model": NoModel}})(_nothing)
    return app


@MISTAKES.program(declared().refused("TypeError", complaint="unknown"))
def an_unknown_keyword_of_a_decorator(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.get("/", unknown=1)  # never used on a function
    return app


@MISTAKES.program(get("/").gives(200))
def how_markers_are_shown(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    shown = [
        repr(web.Depends()),
        repr(web.Depends(int, use_cache=False, scope="function")),
        repr(web.Security(int, scopes=["a"])),
        repr(dataclasses.replace(web.Depends(int), scope="request")),
        repr(web.Query(3)),
    ]
    app.get("/")(lambda: shown)
    return app
