"""The application in FastAPI's style: FastAPI itself, and Tenure, where only the imports differ."""

from typing import Any

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


def make_app(framework: Any, note: Note) -> Any:
    """*framework* is the module: ``fastapi`` or ``tenure.web``."""
    app = framework.FastAPI()
    _add_async(app, framework, note)
    _add_plain(app, framework, note)

    @app.get("/hello")
    async def hello():
        return {"hello": "world"}

    @app.post("/orders")
    async def order(order: Order) -> Receipt:
        return receipt_for(order)

    return app


def _add_async(app: Any, framework: Any, note: Note) -> None:
    async def read_settings():
        return {"name": "items"}

    async def open_connection(settings=framework.Depends(read_settings)):
        connection = Connection(settings["name"])
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    async def open_session(connection=framework.Depends(open_connection)):
        session = Session(connection)
        note("open session")
        try:
            yield session
        finally:
            note("close session")

    async def find_user(x_token: str = framework.Header(), session=framework.Depends(open_session)):
        return User(x_token, session)

    @app.get("/items/{item_id}")
    async def read_item(item_id: int, user=framework.Depends(find_user)):
        note("endpoint")
        return {"item": item_id, "user": user.name, "open": user.session.connection.is_open}


def _add_plain(app: Any, framework: Any, note: Note) -> None:
    def read_settings():
        return {"name": "items"}

    def open_connection(settings=framework.Depends(read_settings)):
        connection = Connection(settings["name"])
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    def open_session(connection=framework.Depends(open_connection)):
        session = Session(connection)
        note("open session")
        try:
            yield session
        finally:
            note("close session")

    def find_user(x_token: str = framework.Header(), session=framework.Depends(open_session)):
        return User(x_token, session)

    @app.get("/plain-items/{item_id}")
    def read_item(item_id: int, user=framework.Depends(find_user)):
        note("endpoint")
        return {"item": item_id, "user": user.name, "open": user.session.connection.is_open}
