"""Random endpoints with parameters of every location, sent random values, behave alike."""

import inspect
import json
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import pydantic
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .case import Ask, Case, request
from .framework import FASTAPI, TENURE


class Item(pydantic.BaseModel):
    p0: int
    p1: str = "d"


TYPES: dict[str, Any] = {
    "int": int,
    "str": str,
    "bool_or_none": bool | None,
    "small": Annotated[int, pydantic.Field(le=5)],
    "ints": list[int],
    "words": set[str],
    "item": Item,
    "items": list[Item],
    "object": dict[str, int],
    "anything": Any,
}
TEXT_TYPES = ("int", "str", "bool_or_none", "small")
SEVERAL = (*TEXT_TYPES, "ints")
FITTING = {
    "path": TEXT_TYPES,
    "query": SEVERAL,
    "header": SEVERAL,
    "cookie": TEXT_TYPES,
    "body": tuple(TYPES),
    "": TEXT_TYPES,
}
ABSENT: Any = inspect.Parameter.empty


@dataclass(frozen=True)
class Given:
    """One parameter: where it comes from (nothing: by the rules), its type, its default."""

    location: str
    kind: str
    default: Any
    alias: str | None
    embed: bool


@dataclass(frozen=True)
class Shape:
    parameters: tuple[Given, ...]
    below: tuple[tuple[Given, ...], ...]
    """The parameters of the dependencies that the endpoint has."""


@st.composite
def parameters(draw: Any) -> Given:
    location = draw(st.sampled_from(list(FITTING)))
    kind = draw(st.sampled_from(FITTING[location]))
    plain = st.sampled_from([ABSENT, ABSENT, None, 3, "text"])
    default = ABSENT if location == "path" else draw(plain)
    alias = draw(st.sampled_from([None, None, "p1", "other"])) if location else None
    return Given(
        location, kind, default, None if location == "path" else alias, draw(st.booleans())
    )


SHAPES = st.builds(
    Shape,
    st.lists(parameters(), min_size=1, max_size=4).map(tuple),
    st.lists(st.lists(parameters(), max_size=3).map(tuple), max_size=2).map(tuple),
)

TEXT = st.sampled_from(["1", "1", "1", "1", "7", "x", "", "true", "3.0", "a b"])
NAMES = st.sampled_from(["p0", "p1", "p2", "p3", "other"])
PAIRS = st.lists(st.tuples(NAMES, TEXT), min_size=2, max_size=8)
VALUES = st.sampled_from(
    [7, "7", "x", None, True, [1, "2"], ["x"], {"p0": 1}, [{"p0": 1}, {"p1": 2}], {"p0": "x"}, {}]
)
BODIES = st.one_of(st.just(ABSENT), VALUES, st.dictionaries(NAMES, VALUES, max_size=4))


def build_for(shape: Shape) -> Any:
    """An endpoint that shows what it is called with, and what its dependencies were."""

    def signed(function: Any, web: Any, given: tuple[Given, ...], more: list[Any]) -> Any:
        function.__signature__ = inspect.Signature(
            [*(declare(web, f"p{number}", one) for number, one in enumerate(given)), *more]
        )
        return function

    def declare(web: Any, name: str, given: Given) -> inspect.Parameter:
        annotation = TYPES[given.kind]
        if given.location:
            options: dict[str, Any] = {"alias": given.alias} if given.alias else {}
            if given.location == "body":
                options["embed"] = given.embed
            marker = getattr(web, given.location.capitalize())(**options)
            annotation = Annotated[annotation, marker]
        kind = inspect.Parameter.KEYWORD_ONLY
        return inspect.Parameter(name, kind, default=given.default, annotation=annotation)

    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()
        required: list[Any] = []
        for number, below in enumerate(shape.below):

            def dependency(**values: Any) -> Any:
                return sorted(values.items())

            depends = web.Depends(signed(dependency, web, below, []))
            kind = inspect.Parameter.KEYWORD_ONLY
            required.append(inspect.Parameter(f"d{number}", kind, default=depends))

        def endpoint(**values: Any) -> Any:
            return {"repr": repr(sorted(values.items()))}

        app.post("/{u}/{v}")(signed(endpoint, web, shape.parameters, required))
        return app

    return build


def ask_for(query: Any, headers: Any, cookies: Any, path: Any, body: Any) -> Ask:
    sent = [(name, value) for name, value in headers]
    sent += [("cookie", "; ".join(f"{name}={value}" for name, value in cookies))]
    more: dict[str, Any] = {}
    if body is not ABSENT:
        sent.append(("content-type", "application/json"))
        more["body"] = json.dumps(body).encode()
    return request("POST", f"/{path[0]}/{path[1]}?{urlencode(query)}", headers=sent, **more)


ASKS = st.builds(
    ask_for, PAIRS, PAIRS, PAIRS, st.tuples(*[st.sampled_from(["7", "x", "1"])] * 2), BODIES
)


def contradicts_itself(shape: Shape) -> bool:
    """Whether two bodies of one name are to be embedded and not to be embedded.

    FastAPI then reads one of them in one way and one in the other.
    """
    embedded: dict[str, set[bool]] = {}
    for declared in (shape.parameters, *shape.below):
        for number, one in enumerate(declared):
            if one.location == "body":
                embedded.setdefault(f"p{number}", set()).add(one.embed)
    return any(len(choices) > 1 for choices in embedded.values())


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(SHAPES, ASKS)
def test_random_parameters(shape: Shape, ask: Ask) -> None:
    assume(not contradicts_itself(shape))
    case = Case("random", build_for(shape), ask)
    fastapi, tenure = case.run(FASTAPI), case.run(TENURE)
    if fastapi.refused is not None:
        # Which error a mistake is refused with is a departure; that it is refused is not.
        assert tenure.refused is not None, fastapi.complaint
        return
    difference = fastapi.difference(tenure, "fastapi", "tenure")
    assert not difference, difference
