"""The application on Starlette alone: parsing, nesting and answering written by hand."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager

import pydantic
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks.apps.shared import Connection, Note, Order, Session, User, receipt_for

__all__ = ["make_app"]


def make_app(note: Note) -> Starlette:
    async def hello(_: Request) -> JSONResponse:
        return JSONResponse({"hello": "world"})

    async def order(request: Request) -> Response:
        try:
            order = Order.model_validate_json(await request.body())
        except pydantic.ValidationError as error:
            return JSONResponse({"detail": error.errors(include_url=False)}, status_code=422)
        receipt = receipt_for(order)
        return Response(receipt.model_dump_json(), media_type="application/json")

    return Starlette(
        routes=[
            Route("/items/{item_id}", _async_endpoint(note)),
            Route("/plain-items/{item_id}", _plain_endpoint(note)),
            Route("/hello", hello),
            Route("/orders", order, methods=["POST"]),
        ]
    )


def _parse(request: Request) -> tuple[int, str] | Response:
    """The path parameter and the header, or what is wrong with them."""
    errors = []
    item_id, token = 0, request.headers.get("x-token")
    try:
        item_id = int(request.path_params["item_id"])
    except ValueError:
        errors.append({"loc": ["path", "item_id"], "msg": "not an integer"})
    if token is None:
        errors.append({"loc": ["header", "x-token"], "msg": "missing"})
    if errors or token is None:
        return JSONResponse({"detail": errors}, status_code=422)
    return item_id, token


def _async_endpoint(note: Note):
    async def read_settings():
        return {"name": "items"}

    @asynccontextmanager
    async def open_connection(settings):
        connection = Connection(settings["name"])
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    @asynccontextmanager
    async def open_session(connection):
        session = Session(connection)
        note("open session")
        try:
            yield session
        finally:
            note("close session")

    async def find_user(token, session):
        return User(token, session)

    async def read_item(request: Request) -> Response:
        parsed = _parse(request)
        if isinstance(parsed, Response):
            return parsed
        item_id, token = parsed
        settings = await read_settings()
        async with open_connection(settings) as connection, open_session(connection) as session:
            user = await find_user(token, session)
            note("endpoint")
            return JSONResponse(
                {"item": item_id, "user": user.name, "open": user.session.connection.is_open}
            )

    return read_item


def _plain_endpoint(note: Note):
    """All of it is plain, so Starlette runs it in one thread from beginning to end."""

    def read_settings():
        return {"name": "items"}

    @contextmanager
    def open_connection(settings):
        connection = Connection(settings["name"])
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    @contextmanager
    def open_session(connection):
        session = Session(connection)
        note("open session")
        try:
            yield session
        finally:
            note("close session")

    def find_user(token, session):
        return User(token, session)

    def read_item(request: Request) -> Response:
        parsed = _parse(request)
        if isinstance(parsed, Response):
            return parsed
        item_id, token = parsed
        settings = read_settings()
        with open_connection(settings) as connection, open_session(connection) as session:
            user = find_user(token, session)
            note("endpoint")
            return JSONResponse(
                {"item": item_id, "user": user.name, "open": user.session.connection.is_open}
            )

    return read_item
