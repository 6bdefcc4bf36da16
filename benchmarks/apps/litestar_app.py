"""The application in Litestar, with the models of pydantic or of msgspec, which is its own."""

from typing import Annotated, Any

import msgspec
from litestar import Litestar, get, post
from litestar.di import Provide
from litestar.params import Parameter

from benchmarks.apps.shared import (
    Connection,
    Note,
    Order,
    Receipt,
    Session,
    User,
    receipt_for,
)

__all__ = ["make_app"]

Token = Annotated[str, Parameter(header="x-token")]


class StructLine(msgspec.Struct):
    sku: str
    quantity: int
    price: float
    note: str | None = None


class StructOrder(msgspec.Struct):
    customer: str
    lines: list[StructLine]
    express: bool = False


class StructReceipt(msgspec.Struct):
    number: int
    total: float
    order: StructOrder


def make_app(note: Note, *, with_structs: bool = False) -> Litestar:
    @get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    @post("/orders", status_code=200)
    async def order(data: Order) -> Receipt:
        return receipt_for(data)

    @post("/orders", status_code=200)
    async def struct_order(data: StructOrder) -> StructReceipt:
        return StructReceipt(number=1, total=len(data.lines) * 1.5, order=data)

    return Litestar(
        [
            _async_endpoint(note),
            _plain_endpoint(note),
            hello,
            struct_order if with_structs else order,
        ],
        openapi_config=None,
    )


def _async_endpoint(note: Note) -> Any:
    async def read_settings() -> dict[str, str]:
        return {"name": "items"}

    async def open_connection(settings: Any) -> Any:
        connection = Connection(settings["name"])
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    async def open_session(connection: Any) -> Any:
        session = Session(connection)
        note("open session")
        try:
            yield session
        finally:
            note("close session")

    async def find_user(token: Token, session: Any) -> User:
        return User(token, session)

    @get(
        "/items/{item_id:int}",
        dependencies={
            "settings": Provide(read_settings),
            "connection": Provide(open_connection),
            "session": Provide(open_session),
            "user": Provide(find_user),
        },
    )
    async def read_item(item_id: int, user: Any) -> dict[str, Any]:
        note("endpoint")
        return {"item": item_id, "user": user.name, "open": user.session.connection.is_open}

    return read_item


def _plain_endpoint(note: Note) -> Any:
    def read_settings() -> dict[str, str]:
        return {"name": "items"}

    def open_connection(settings: Any) -> Any:
        connection = Connection(settings["name"])
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    def open_session(connection: Any) -> Any:
        session = Session(connection)
        note("open session")
        try:
            yield session
        finally:
            note("close session")

    def find_user(token: Token, session: Any) -> User:
        return User(token, session)

    @get(
        "/plain-items/{item_id:int}",
        sync_to_thread=True,
        dependencies={
            "settings": Provide(read_settings, sync_to_thread=True),
            "connection": Provide(open_connection),
            "session": Provide(open_session),
            "user": Provide(find_user, sync_to_thread=True),
        },
    )
    def read_item(item_id: int, user: Any) -> dict[str, Any]:
        note("endpoint")
        return {"item": item_id, "user": user.name, "open": user.session.connection.is_open}

    return read_item
