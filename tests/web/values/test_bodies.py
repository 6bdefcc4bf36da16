"""What body parameters read from one body, against FastAPI: JSON and forms, alone and in pairs."""

import functools
import io
import itertools
from typing import Annotated, Any, Literal, cast

import pytest
from fastapi import params as fastapi_params
from fastapi.dependencies.utils import _get_body_field, _should_embed_body_fields
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, Json
from starlette.datastructures import FormData, UploadFile

from tenure.web import File, Form
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.fields import field_for
from tenure.web.bind.forms import FormBody

from .grid import Plain
from .sides import (
    ABSENT,
    EMPTY,
    Build,
    FastAPIParameter,
    TenureParameter,
    declared,
    read_bodies_by_fastapi,
    read_bodies_by_tenure,
)


class Person(BaseModel):
    name: str
    tags: list[str] = []
    n: int | None = None


class Book(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    name: list[str] = []


class Cat(BaseModel):
    model_config = ConfigDict(extra="allow")
    kind: Literal["cat"] = "cat"
    x: int = 0


class Dog(BaseModel):
    kind: Literal["dog"]
    x: list[int] = []


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    x: int = Field(default=0, validation_alias=AliasChoices("c1", "c2"))
    y: list[str] = Field(default=[], alias="q")


PARAMETERS: dict[str, Build] = {
    "int": lambda web: (int, web.Body()),
    "int embedded": lambda web: (int, web.Body(embed=True)),
    "int or 5": lambda web: (int, web.Body(5)),
    "choices": lambda web: (
        Annotated[int, web.Body(validation_alias=AliasChoices("c1", "c2"))],
        3,
    ),
    "list alias": lambda web: (list[int], web.Body(alias="q")),
    "dict": lambda web: (dict[str, int], EMPTY),
    "model": lambda web: (Plain, EMPTY),
    "model or None": lambda web: (Plain | None, None),
    "form text": lambda web: (str, web.Form()),
    "form text or d": lambda web: (str, web.Form("d")),
    "form alias": lambda web: (str, web.Form(alias="q")),
    "form number": lambda web: (int, web.Form(gt=2)),
    "form list": lambda web: (list[str], web.Form([])),
    "form choices": lambda web: (
        Annotated[list[str], web.Form(validation_alias=AliasChoices("c1", "c2"))],
        ["z"],
    ),
    "form Json": lambda web: (Annotated[Json[list[int]], web.Form()], EMPTY),
    "form model": lambda web: (Annotated[Person, web.Form()], EMPTY),
    "form model or None": lambda web: (Annotated[Person | None, web.Form()], None),
    "form model strict": lambda web: (Annotated[Book, web.Form()], EMPTY),
    "form model aliased": lambda web: (Annotated[Aliased, web.Form()], EMPTY),
    "form union": lambda web: (Annotated[Cat | Dog, web.Form()], EMPTY),
    "form union or None": lambda web: (Annotated[Person | Book | None, web.Form()], None),
    "form union told apart": lambda web: (
        Annotated[Cat | Dog, web.Form(discriminator="kind")],
        EMPTY,
    ),
    "bytes": lambda web: (bytes, web.File()),
    "bytes or None": lambda web: (bytes | None, web.File(None)),
    "list of bytes": lambda web: (list[bytes], web.File()),
    "set of bytes": lambda web: (set[bytes], web.File()),
    "upload": lambda web: (web.UploadFile, EMPTY),
    "upload or None": lambda web: (web.UploadFile | None, None),
    "uploads": lambda web: (list.__class_getitem__(web.UploadFile), EMPTY),
}

JSON_BODIES: list[Any] = [
    ABSENT,
    None,
    1,
    "text",
    [],
    [1],
    {},
    {"x": 1},
    {"x": 1, "y": 2},
    {"x": {"a": 1}, "y": {"a": 2, "b": ["x"]}},
    {"x": None, "y": None},
    {"q": [1], "c2": 7},
    {"c1": "no", "c2": 7, "a": 4},
    {"a": 1},
    b"raw",
]


class InMemory(io.BytesIO):
    """A file that Starlette knows to be in memory, so that reading it waits for no thread."""

    _rolled = False


def upload(content=b"hello", filename="f.txt"):
    return UploadFile(InMemory(content), size=len(content), filename=filename)


def no_file():
    return upload(b"", "")


def form_bodies() -> list[FormData]:
    first, second = upload(b"one"), upload(b"two")
    return [
        FormData(items)
        for items in cast(
            "list[list[tuple[str, str | UploadFile]]]",
            [
                [],
                [("x", "1")],
                [("x", "")],
                [("x", "1"), ("x", "2"), ("y", "3")],
                [("name", "n"), ("tags", "a"), ("tags", "b")],
                [("name", "n"), ("n", ""), ("zz", "1")],
                [("name", "")],
                [("title", "t"), ("name", "1"), ("name", "2")],
                [("kind", "cat"), ("x", "3")],
                [("kind", "dog"), ("x", "3"), ("x", "4"), ("e", "1")],
                [("kind", "cow")],
                [("x", first), ("y", second)],
                [("x", first), ("x", second), ("y", upload())],
                [("x", no_file())],
                [("x", no_file()), ("x", first)],
                [("c2", "1"), ("c2", "2")],
                [("c1", ""), ("c2", "2")],
                [("q", "1"), ("x", "[1,2]")],
            ],
        )
    ]


PAIRS: list[tuple[str, ...]] = [
    *((each,) for each in PARAMETERS),
    *itertools.combinations(PARAMETERS, 2),
]


@pytest.mark.parametrize("first", PARAMETERS)
def test_bodies_are_read_as_by_fastapi(first):
    differences = {}
    for pair in (each for each in PAIRS if each[0] == first):
        for names in {("x", "y")[: len(pair)], ("x", "x")[: len(pair)]}:
            theirs = [
                prepared(FastAPIParameter, each, name)
                for each, name in zip(pair, names, strict=True)
            ]
            ours = [
                prepared(TenureParameter, each, name)
                for each, name in zip(pair, names, strict=True)
            ]
            plan = BodyPlan([each.field for each in ours])
            assert plan.is_form == read_as_form_by_fastapi(theirs), (pair, names)
            # Parameters of one function have different names.
            for together in (True, False) if len(set(names)) == len(names) else (False,):
                for body in form_bodies() if plan.is_form else JSON_BODIES:
                    expected = outcome(read_bodies_by_fastapi, theirs, body, together)
                    found = outcome(read_bodies_by_tenure, ours, body, together)
                    if expected != found and expected is not TypeError:
                        differences[pair, names, together, str(body)] = expected, found
    assert differences == {}


@functools.cache
def prepared(side, parameter, name):
    return declared(side, PARAMETERS[parameter], name)


def outcome(read, parameters, body, together):
    try:
        return read(parameters, body, together=together)
    except TypeError:
        # FastAPI fails on a file where a text with JSON is declared; that is a 422.
        return TypeError


def read_as_form_by_fastapi(parameters):
    fields = [each.field for each in parameters]
    embed = _should_embed_body_fields(fields)
    body_field = _get_body_field(body_params=fields, name="any", embed_body_fields=embed)
    assert body_field is not None
    return isinstance(body_field.field_info, fastapi_params.Form)


def test_a_file_where_a_text_with_json_is_declared_is_the_clients_mistake():
    plan = BodyPlan([field_for("x", Annotated[Json[list[int]], Form()])])
    ((value, errors),) = plan.read(FormBody(FormData([("x", upload())])))
    assert value is None
    assert [each["type"] for each in errors] == ["json_type"]


def test_no_object_has_no_keys_and_no_defaults():
    plan = BodyPlan([field_for("x", int, 1), field_for("y", Plain, None)])
    assert plan.is_embedded
    (_, (value, errors)) = plan.read([])
    assert (value, errors[0]["type"], errors[0]["loc"]) == (None, "missing", ("body", "y"))


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_contents_are_read_and_the_file_stays_where_it_was():
    plan = BodyPlan(
        [
            field_for("x", Annotated[bytes, File()]),
            field_for("y", Annotated[list[bytes], File()]),
        ]
    )
    file = upload(b"0123456789")
    await file.seek(4)
    form = FormBody(FormData([("x", file), ("y", file), ("y", "text")]))
    await form.read_contents(plan._names_of_contents)
    (content, _), (contents, _) = plan.read(form)
    assert (content, contents) == (b"456789", [b"456789", b"text"])
    assert await file.read() == b"456789"


async def test_a_model_of_a_form_can_hold_files():
    class Letter(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        subject: str
        scan: bytes = File()

    plan = BodyPlan([field_for("letter", Annotated[Letter, Form()])])
    form = FormBody(FormData([("subject", "s"), ("scan", upload(b"pixels"))]))
    await form.read_contents(plan._names_of_contents)
    ((letter, errors),) = plan.read(form)
    assert (letter.subject, letter.scan, errors) == ("s", b"pixels", ())
