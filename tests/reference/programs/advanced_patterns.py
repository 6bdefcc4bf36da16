"""Patterns for larger programs: caching, scopes, classes, factories, context."""

from contextvars import ContextVar
from typing import Annotated

import httpx

from tenure.web import Depends, FastAPI, Header, HTTPException
from tenure.web.responses import StreamingResponse

app = FastAPI()


# --- asynchronous dependencies, mixed with plain ones


def shop(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"path": request.url.path})


async def get_client():
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(shop), base_url="http://shop.example"
    ) as client:
        print("client opened")
        yield client
    print("client closed")


@app.get("/shops/{shop_id}")
async def read_shop(shop_id: int, client: httpx.AsyncClient = Depends(get_client)):
    answer = await client.get(f"/shops/{shop_id}")
    return answer.json()


class Register:
    def __init__(self) -> None:
        self.names = {"k1": "Ada"}

    async def find(self, key: str) -> str:
        return self.names[key]


def get_register() -> Register:
    return Register()


async def get_reader(register: Register = Depends(get_register), key: str = Header(...)) -> str:
    return await register.find(key)


@app.get("/me")
async def read_me(reader: str = Depends(get_reader)):
    return {"reader": reader}


@app.get("/sync-me")
def read_me_in_a_thread(reader: str = Depends(get_reader)):
    return {"reader": reader}


# --- caching

calls = {"count": 0}


def expensive():
    calls["count"] += 1
    return {"calls": calls["count"]}


def above_expensive(result: dict = Depends(expensive)):
    return result


@app.get("/cached")
def read_cached(
    a: dict = Depends(expensive),
    b: dict = Depends(expensive),
    c: dict = Depends(above_expensive),
):
    assert a is b is c
    return a


def next_ticket():
    calls["count"] += 1
    return calls["count"]


@app.get("/tickets")
def read_tickets(
    a: int = Depends(next_ticket, use_cache=False),
    b: int = Depends(next_ticket, use_cache=False),
):
    return {"different": a != b}


# --- generators, transactions


class Database:
    def __init__(self) -> None:
        print("database opened")

    def query(self, text: str) -> list[str]:
        return ["Ada", "Grace"]

    def rollback(self) -> None:
        print("database rolled back")

    def commit(self) -> None:
        print("database committed")

    def close(self) -> None:
        print("database closed")


def get_database():
    database = Database()
    try:
        yield database
    finally:
        database.close()


@app.get("/readers")
def read_readers(database: Annotated[Database, Depends(get_database)]):
    return database.query("every reader")


def get_transaction():
    database = Database()
    try:
        yield database
        database.commit()
    except HTTPException:
        print("refused")
        database.rollback()
        raise
    except Exception:
        print("broken")
        database.rollback()
        raise
    finally:
        database.close()


@app.post("/readers/{name}")
def add_reader(name: str, database: Database = Depends(get_transaction)):
    if name == "nobody":
        raise HTTPException(status_code=409, detail="not a reader")
    if name == "crash":
        raise ValueError(name)
    return name


# --- scopes and streams


class Tape:
    def __init__(self, name: str) -> None:
        self.name = name
        self.running = True

    def chunks(self):
        for number in range(2):
            yield f"{self.name} {number} {'running' if self.running else 'stopped'}\n"

    def stop(self) -> None:
        self.running = False
        print(f"{self.name} stopped")


def get_request_tape():
    tape = Tape("request tape")
    yield tape
    tape.stop()


def get_function_tape():
    tape = Tape("function tape")
    yield tape
    tape.stop()


FunctionTape = Annotated[Tape, Depends(get_function_tape, scope="function")]
RequestTape = Annotated[Tape, Depends(get_request_tape, scope="request")]


@app.get("/stream")
def stream(long: RequestTape, short: FunctionTape):
    def generate():
        yield from long.chunks()
        yield from short.chunks()

    return StreamingResponse(generate(), media_type="text/plain")


# --- classes and factories


class Connector:
    def __init__(self, url: str = "memory://local") -> None:
        self.url = url

    def __call__(self):
        print(f"connected to {self.url}")
        try:
            yield self.url
        finally:
            print(f"left {self.url}")


connect_archive = Connector(url="memory://archive")


@app.get("/archive")
def read_archive(url: Annotated[str, Depends(connect_archive)]):
    return url


def resource_of(kind: str):
    def get_resource() -> str:
        return f"a {kind}"

    return get_resource


@app.get("/resources")
def read_resources(
    cache: str = Depends(resource_of("cache")), queue: str = Depends(resource_of("queue"))
):
    return [cache, queue]


# --- context

request_id: ContextVar[str] = ContextVar("request_id")


def set_request_id(x_request_id: str = Header(...)) -> str:
    request_id.set(x_request_id)
    return x_request_id


def get_logger(own_id: str = Depends(set_request_id)):
    return lambda text: print(f"[{own_id}] {text}")


@app.get("/process")
def process(logger=Depends(get_logger)):
    logger("working")
    return {"request_id": request_id.get()}
