"""The options of parameters: constraints, names, defaults, how several of them meet."""

from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import quote

import pydantic

from ..case import Ask, Family, declared, get, post
from .parameter_grid import ask_for, build_for

OPTIONS = Family("options")

# annotation, options of the marker, raw values that fit, raw values that do not
CONSTRAINTS: dict[str, tuple[Any, dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "gt": (int, {"gt": 3}, ("4",), ("3", "x")),
    "ge": (int, {"ge": 3}, ("3",), ("2",)),
    "lt": (float, {"lt": 3}, ("2.9",), ("3",)),
    "le": (float, {"le": 3}, ("3.0",), ("3.1",)),
    "ge_le": (int, {"ge": 1, "le": 3}, ("1", "3"), ("0", "4")),
    "multiple_of": (int, {"multiple_of": 3}, ("6",), ("7",)),
    "min_length": (str, {"min_length": 2}, ("ab",), ("a",)),
    "max_length": (str, {"max_length": 2}, ("ab",), ("abc",)),
    "pattern": (str, {"pattern": "^a+$"}, ("aa",), ("ab",)),
    "strict": (int, {"strict": True}, (), ("3",)),
    "allow_inf_nan": (float, {"allow_inf_nan": False}, ("1",), ("nan", "inf")),
    "max_digits": (Decimal, {"max_digits": 3, "decimal_places": 1}, ("12.3",), ("12.34", "1234")),
    "optional_ge": (int | None, {"ge": 3}, ("3",), ("2",)),
    "list_min_length": (list[int], {"min_length": 2}, (), ("1",)),
    "list_max_length": (list[str], {"max_length": 1}, ("abc",), ()),
    "deprecated": (int, {"deprecated": True}, ("1",), ("x",)),
    "described": (int, {"title": "T", "description": "D", "examples": [1]}, ("1",), ()),
    "hidden": (int, {"include_in_schema": False}, ("1",), ("x",)),
}

# annotation, options of the marker; the value's name on the wire is tried in every spelling
NAMES: dict[str, dict[str, Any]] = {
    "alias": {"alias": "other-Name"},
    "validation_alias": {"validation_alias": "other-Name"},
    "serialization_alias": {"serialization_alias": "other-Name"},
    "alias_and_validation_alias": {"alias": "seen", "validation_alias": "other-Name"},
}

DEFAULTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "value": (int, {"default": 3}),
    "none": (int | None, {"default": None}),
    "of_another_type": (int, {"default": "not a number"}),
    "factory": (int, {"default_factory": lambda: 4}),
    "list": (list[int], {"default": [1, 2]}),
    "list_factory": (list[int], {"default_factory": list}),
    "validated": (int, {"default": "5", "validate_default": True}),
    "ellipsis": (int, {"default": ...}),
    "constrained": (int, {"default": 1, "ge": 3}),
}


def fill_constraints() -> None:
    for name, (annotation, options, good, bad) in CONSTRAINTS.items():
        for location in ("path", "query", "header", "cookie"):
            if location in ("path", "cookie") and name.startswith("list"):
                continue
            build = build_for(location, annotation, options)
            for status, values in ((200, good), (422, bad)):
                for number, value in enumerate(values):
                    label = f"{location}-{name}-{status}-{number}"
                    OPTIONS.add(label, build, ask_for(location, [value]).gives(status))


def fill_names() -> None:
    for name, options in NAMES.items():
        for location in ("query", "header", "cookie", "body"):
            build = build_for(
                location, int, options | ({"embed": True} if location == "body" else {})
            )
            for spelling in ("the_value", "the-value", "seen", "other-Name", "other-name"):
                asks: dict[str, Ask] = {
                    "query": get(f"/?{quote(spelling)}=1"),
                    "header": get(headers={spelling: "1"}),
                    "cookie": get(headers={"cookie": f"{spelling}=1"}),
                    "body": post(json={spelling: 1}),
                }
                OPTIONS.add(f"{location}-{name}-{spelling}", build, asks[location])


def build_with_default(location: str, annotation: Any, options: dict[str, Any], style: str) -> Any:
    """A parameter with a default: in its marker, or beside an `Annotated` one."""

    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()
        marker = getattr(web, location.capitalize())
        rest = dict(options)

        def show(the_value: Any) -> Any:
            return {"repr": repr(the_value)}

        if style == "marker":
            show.__defaults__ = (marker(**rest),)
            show.__annotations__ = {"the_value": annotation}
        else:
            if "default" in rest:
                show.__defaults__ = (rest.pop("default"),)
            show.__annotations__ = {"the_value": Annotated[annotation, marker(**rest)]}
        app.api_route("/", methods=["GET", "POST"])(show)
        return app

    return build


def fill_defaults() -> None:
    for name, (annotation, options) in DEFAULTS.items():
        for location in ("query", "header", "cookie", "body"):
            if location == "cookie" and "list" in name:
                continue
            for style in ("marker", "annotated"):
                if name == "ellipsis" and style == "annotated":
                    continue  # a departure
                if location == "body":
                    options = options | {"embed": True}  # noqa: PLW2901
                build = build_with_default(location, annotation, options, style)
                given = post(json={"the_value": [6] if "list" in name else 6})
                ask = given if location == "body" else ask_for(location, ["6"])
                OPTIONS.add(f"{location}-default_{name}-{style}-given", build, ask)
                absent = post(json={}) if location == "body" else get()
                OPTIONS.add(f"{location}-default_{name}-{style}-absent", build, absent)
                if location == "body":
                    null = post(json={"the_value": None})
                    OPTIONS.add(f"body-default_{name}-{style}-null", build, null)
                    OPTIONS.add(f"body-default_{name}-{style}-no_body", build, post())


fill_constraints()
fill_names()
fill_defaults()


@OPTIONS.program(
    get("/", headers={"x_kept": "1", "x-turned": "2"}, name="right").gives(200, ["1", "2"]),
    get("/", headers={"x-kept": "1", "x_turned": "2"}, name="wrong").gives(422),
)
def header_underscores(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        x_kept: Annotated[str, web.Header(convert_underscores=False)],
        x_turned: Annotated[str, web.Header()],
    ) -> Any:
        return [x_kept, x_turned]

    return app


@OPTIONS.program(
    get("/?page-number=2&word=tea", name="by_alias").gives(200),
    get("/?number=2", name="by_name").gives(422),
    get("/?page-number=2&word=tea&word=milk&extra=1", name="extra").gives(200),
)
def query_model(web: Any, record: Any) -> Any:
    class Page(pydantic.BaseModel):
        number: int = pydantic.Field(alias="page-number")
        word: list[str] = []

    app = web.FastAPI()

    @app.get("/")
    def read(page: Annotated[Page, web.Query()]) -> Any:
        return page

    return app


@OPTIONS.program(
    get("/?a=1", name="query_right").gives(200),
    get("/?a=1&b=2", name="query_extra").gives(422),
    get("/?a=x", name="query_wrong").gives(422),
    get("/header", headers={"x-a": "1", "x-tags": "t"}, name="header_right"),
    get("/header", headers={"x_a": "1"}, name="header_underscore"),
    get("/header", headers=[("x-a", "1"), ("x-tags", "t"), ("x-tags", "u")], name="header_list"),
    get("/cookie", headers={"cookie": "a=1"}, name="cookie_right").gives(200),
    get("/cookie", headers={"cookie": "a=1; b=2"}, name="cookie_extra").gives(422),
    get("/cookie", name="cookie_missing").gives(422),
)
def models_that_forbid_extra_values(web: Any, record: Any) -> Any:
    class Strict(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="forbid")
        a: int

    class Headers(pydantic.BaseModel):
        x_a: int
        x_tags: list[str] = []

    app = web.FastAPI()

    @app.get("/")
    def query(a: Annotated[Strict, web.Query()]) -> Any:
        return a

    @app.get("/header")
    def header(a: Annotated[Headers, web.Header()]) -> Any:
        return a

    @app.get("/cookie")
    def cookie(a: Annotated[Strict, web.Cookie()]) -> Any:
        return a

    return app


@OPTIONS.program(
    get("/3/4?z=5", name="right").gives(200, [4, 3, 5, 1]),
    get("/x/y?z=w&d=v", name="all_wrong").gives(422),
)
def errors_come_by_location_then_by_declaration(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/{a}/{b}")
    def read(b: int, z: int, a: int, d: int = 1, h: Annotated[int, web.Header()] = 0) -> Any:
        return [b, a, z, d]

    return app


@OPTIONS.program(
    get("/items/3", name="implied").gives(200, [3, None]),
    get("/items/3?q=w", name="with_query").gives(200, [3, "w"]),
    get("/items/x", name="wrong").gives(422),
)
def plain_parameters(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/items/{number}")
    def read(number: int, q: str | None = None) -> Any:
        return [number, q]

    return app


@OPTIONS.program(
    get("/?q=1", name="old_order").gives(200, [1, "d"]),
    get("/?q=1&w=e", name="both").gives(200, [1, "e"]),
)
def unannotated_parameters(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(*, w: str = "d", q=web.Query()) -> Any:  # type: ignore[no-untyped-def]
        return [int(q), w]

    return app


@OPTIONS.program(
    get("/?value=3&header=4", headers={"header": "5"}, name="right").gives(200, [3, 5]),
    get("/", name="missing").gives(422),
)
def the_last_marker_of_an_annotation_wins(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        value: Annotated[int, web.Depends(lambda: 1), web.Query()],
        header: Annotated[int, web.Query(), web.Header()],
    ) -> Any:
        return [value, header]

    return app


class Unreadable:
    """A type that pydantic knows nothing of."""


@OPTIONS.program(declared().refused("FastAPIError"))
def a_type_without_a_schema(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(value: Unreadable) -> Any: ...

    return app
