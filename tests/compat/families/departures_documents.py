"""Departures of documents and of the pages that show them."""

from typing import Annotated, Any

from typing_extensions import TypeAliasType

from ..case import Family, declared, get, together

DOCUMENTED = Family("departures_documents")

Many = TypeAliasType("Many", list[int])


@DOCUMENTED.program(
    get("/openapi.json").gives(200, warnings=("UserWarning", "UserWarning")).but(200, warnings=()),
)
def body_parameters_with_names_of_methods(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    def create(json: Annotated[int, web.Body()], copy: Annotated[int, web.Body()]) -> Any: ...

    return app


@DOCUMENTED.program(
    together(get("/openapi.json"), get("/remove"), get("/paths"))
    .gives(200, ["/remove", "/paths", "/gone"])
    .but(200, ["/remove", "/paths"]),
)
def a_route_taken_out_of_the_list(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/remove")
    async def remove() -> Any:
        assert app.router.routes.pop().path == "/gone"

    @app.get("/paths")
    async def paths() -> Any:
        return list(app.openapi()["paths"])

    @app.get("/gone")
    async def gone() -> Any: ...

    return app


@DOCUMENTED.program(get("/").refused("AssertionError").but(refused="FastAPIError"))
def a_document_without_a_title(web: Any, record: Any) -> Any:
    return web.FastAPI(title="")


@DOCUMENTED.program(
    get("/openapi.json").gives(200).but(200),
    get("/?many=1&many=2", name="as-a-query").gives(422).but(200, [1, 2]),
)
def an_alias_of_a_type_inside_annotated(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(many: Annotated[Many, web.Query()]) -> Any:
        return many

    return app


def _with_responses(responses: Any) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()
        app.get("/", responses=responses)(lambda: None)
        return app

    return build


for _name, _kind, _responses in (
    ("no-dict", "AssertionError", {404: "not found"}),
    ("a-model-without-a-body", "AssertionError", {204: {"model": int}}),
    ("no-status", "ValueError", {"many": {"model": int}}),
):
    DOCUMENTED.add(
        f"responses_that_no_document_could_hold-{_name}",
        _with_responses(_responses),
        declared().refused(_kind).but(refused="FastAPIError"),
    )
