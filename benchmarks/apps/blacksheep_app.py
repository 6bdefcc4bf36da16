"""The application in BlackSheep, whose own dependency injection neither awaits nor closes.

So the dependencies are nested by hand in the endpoint. Plain endpoints run on the event loop
there, so the plain path is left out.
"""

from contextlib import asynccontextmanager
from typing import Any

from blacksheep import Application, FromHeader, FromJSON, json
from blacksheep.server.routing import Router

from benchmarks.apps.shared import Connection, Note, Order, Session, User, receipt_for

__all__ = ["make_app"]


class FromToken(FromHeader[str]):
    name = "X-Token"


def make_app(note: Note) -> Any:
    app = Application(router=Router())

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

    @app.router.get("/items/{item_id}")
    async def read_item(item_id: int, token: FromToken):
        settings = await read_settings()
        async with open_connection(settings) as connection, open_session(connection) as session:
            user = await find_user(token.value, session)
            note("endpoint")
            return json(
                {"item": item_id, "user": user.name, "open": user.session.connection.is_open}
            )

    @app.router.get("/hello")
    async def hello():
        return json({"hello": "world"})

    @app.router.post("/orders")
    async def order(data: FromJSON[Order]):
        return json(receipt_for(data.value))

    return app
