"""The graphs that the tests of this folder draw."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from tenure import Depends
from tenure.graph.builder import build_graph
from tenure.graph.inputs import Input, NoInputs
from tenure.graph.markers import Depends as Marker
from tenure.graph.providers import Parameter, Provider
from tenure.view.model import Entry


class Given:
    """An input of the binder below."""

    uses_labels = False
    source = "argument"


class Arguments(NoInputs):
    """Fills every parameter of type int."""

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        return Given() if parameter.annotation is int else None


class Settings:
    pass


def get_settings() -> Settings:
    return Settings()


async def open_pool(settings: Annotated[Settings, Depends(get_settings)]) -> AsyncIterator[str]:
    yield "pool"


def open_session(
    pool: Annotated[str, Depends(open_pool)], settings: Annotated[Settings, Depends(get_settings)]
) -> Iterator[str]:
    yield "session"


class Books:
    def __init__(self, session: Annotated[str, Depends(open_session)], limit: int) -> None:
        pass


async def count_visit() -> None:
    pass


async def read_book(
    book_id: int,
    books: Annotated[Books, Depends()],
    session: Annotated[str, Depends(open_session)],
    other: Annotated[Settings, Depends(get_settings, use_cache=False)],
) -> str:
    return "book"


def add_book(work: Annotated[str, Depends(open_session, scope="function")]) -> None:
    pass


def fake_session() -> Iterator[str]:
    yield "fake"


def entry(title: str, root: Any, *required: Marker, overrides: Any = None) -> Entry:
    graph = build_graph(root, Arguments(), required=required, overrides=overrides or {})
    return Entry(title, graph)


def library() -> list[Entry]:
    return [
        entry("GET /books/{book_id}", read_book, Marker(count_visit)),
        entry("POST /books", add_book, Marker(count_visit)),
    ]
