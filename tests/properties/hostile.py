"""An application that reads everything there is to read, and requests no honest client sends."""

import datetime as dt
import enum
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import quote

from hypothesis import strategies as st
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from tenure.web import (
    App,
    Body,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    Query,
    Request,
    UploadFile,
    WebSocket,
)
from tenure.web.security import (
    APIKeyCookie,
    HTTPBasic,
    HTTPBearer,
    HTTPDigest,
    OAuth2PasswordRequestForm,
)


class Colour(enum.StrEnum):
    RED = "red"


class Tree(BaseModel):
    name: str = ""
    weight: float = 0
    children: "list[Tree]" = []
    extra: dict[str, Any] = {}


class Filters(BaseModel):
    limit: int = Field(10, ge=0, le=100)
    words: list[str] = []


class Open:
    """Counts what is open; a request that is over has left nothing."""

    def __init__(self) -> None:
        self.count = 0

    async def resource(self) -> Any:
        self.count += 1
        try:
            yield self
        finally:
            self.count -= 1


def application() -> tuple[App, Open]:
    counter = Open()
    app = App(dependencies=[Depends(counter.resource)])
    _parameters(app)
    _bodies(app)
    _security(app)
    return app, counter


def _parameters(app: App) -> None:
    @app.get("/path/{number}/{day}/{key}/{flag}")
    async def path(number: int, day: dt.date, key: uuid.UUID, flag: bool):
        return number, day, key, flag

    @app.get("/files/{rest:path}")
    async def rest(rest: str):
        return rest

    @app.get("/query")
    async def query(
        number: int = 0,
        share: float = 0,
        price: Decimal = Decimal(0),
        when: dt.datetime | None = None,
        span: dt.timedelta | None = None,
        colour: Colour = Colour.RED,
        items: Annotated[list[int], Query()] = [],  # noqa: B006
        words: Annotated[set[str], Query()] = set(),  # noqa: B006
        short: Annotated[str, Query(max_length=3, pattern="^[a-z]*$")] = "",
    ):
        return number, share, price, when, span, colour, items, words, short

    @app.get("/filters")
    async def filters(filters: Annotated[Filters, Query()]):
        return filters

    @app.get("/headers")
    async def headers(
        x_number: Annotated[int, Header()] = 0,
        x_list: Annotated[list[str], Header()] = [],  # noqa: B006
        session: Annotated[str, Cookie()] = "",
        count: Annotated[int, Cookie()] = 0,
    ):
        return x_number, x_list, session, count

    @app.get("/request")
    async def request(request: Request):
        return list(request.headers), request.cookies


def _bodies(app: App) -> None:
    @app.post("/tree")
    async def tree(tree: Tree):
        return "read"

    @app.post("/two")
    async def two(tree: Tree, weight: Annotated[float, Body()]):
        return "read"

    @app.post("/any")
    async def anything(value: Annotated[Any, Body()]):
        return type(value).__name__

    @app.post("/list")
    async def numbers(numbers: list[int]):
        return numbers

    @app.post("/form")
    async def form(name: Annotated[str, Form()], age: Annotated[int, Form()] = 0):
        return name, age

    @app.post("/filters")
    async def filters(filters: Annotated[Filters, Form()]):
        return filters

    @app.post("/upload")
    async def upload(
        files: list[UploadFile],
        data: Annotated[bytes | None, File()] = None,
        note: Annotated[str, Form()] = "",
    ):
        return [each.filename for each in files], len(data or b""), note

    @app.post("/raw")
    async def raw(request: Request):
        return len(await request.body())

    @app.websocket("/socket")
    async def socket(socket: WebSocket, number: int = 0):
        await socket.accept()
        while True:
            await socket.send_json(await socket.receive_json())


def _security(app: App) -> None:
    schemes: dict[str, Any] = {
        "basic": HTTPBasic(),
        "bearer": HTTPBearer(),
        "digest": HTTPDigest(),
        "cookie": APIKeyCookie(name="session"),
    }
    for name, scheme in schemes.items():
        app.get(f"/{name}", dependencies=[Depends(scheme)])(lambda: "in")

    @app.post("/token")
    async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]):
        return form.scopes


@dataclass(frozen=True)
class HostileRequest:
    method: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    chunks: tuple[bytes, ...]
    leaves: bool
    """Whether the client leaves before its body is complete."""


NASTY = (
    *(b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"%", b"%zz", b"%00", b"%ff", b"%ed%a0%80"),
    *(b"9" * 5000, b"-1", b"1e999", b"nan", b"Infinity", b"1_000", "٣".encode(), b" 1 "),
    *(b"9999-99-99", b"0000-01-01T00:00:00Z", b"P999999999999D", b"=;=;", b"&&&"),
    b"\r\nX-Evil: 1",
    *(
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'""',
        b'"\\ud800"',
        b'{"name": "\\ud800"}',
        b"\xef\xbb\xbf{}",
    ),
    *(b"[" * 20_000, b'{"children":[' * 3000, b'{"a":' * 5000, b'{"weight": 1e400}', b"-" * 99),
    *(b'{"name": "a", "name": "b"}', b'{"extra": {"\\u0000": 9' + b"9" * 4500 + b"}}", b"NaN"),
    *(b'{"weight": NaN}', b'{"extra": {"a": Infinity}}', b'{"children": [{"children": null}]}'),
    *(b"--b\r\n", b"--b--\r\n", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="\xff\x00"\r\n\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n\xff\xfe\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nhalf',
    b"--b\r\n" + b"A" * 5000 + b": x\r\n\r\n",
    b"name=%ff&age=%00&age=9" + b"9" * 5000,
    b"name=\xff&words=\xed\xa0\x80",
    b"a=1&" * 2000,
)
TYPES = (
    *(
        b"application/json",
        b"application/json; charset=utf-16",
        b"application/JSON;;;",
        b"text/plain",
    ),
    *(b"application/vnd.x+json", b"multipart/form-data", b"multipart/form-data; boundary=b"),
    *(b"multipart/form-data; boundary=" + b"b" * 300, b"multipart/form-data; boundary=\xff"),
    b"multipart/form-data; boundary=b; charset=nonsense",
    *(b"application/x-www-form-urlencoded", b"", b"/", b"\xff", b"application/json\x00"),
)
HEADER_NAMES = (
    *(b"x-number", b"x-list", b"cookie", b"authorization", b"host", b"content-length", b"range"),
    *(b"transfer-encoding", b"origin", b"\xff", b"", b"accept", b"x-forwarded-for", b"connection"),
)
HEADER_VALUES = (
    *NASTY[:20],
    *(
        b"Basic",
        b"Basic \xff",
        b"Basic Og==",
        b"Basic " + b"A" * 4001,
        b"Basic /////w==",
        b"Bearer",
    ),
    *(b"Basic YQ==", b"Digest", b"Bearer \x00", b"session=\x00; count=9", b"count=" + b"9" * 5000),
    *(b'session="\\377"', b"[", b"http://[", b"a:b:c", b"host:99999", b"-5", b"nonsense"),
)

_values = st.one_of(st.sampled_from(NASTY), st.binary(max_size=40))
PATHS = (
    *("/path/", "/files/", "/query", "/filters", "/headers", "/request", "/tree", "/two", "/any"),
    *("/list", "/form", "/upload", "/raw", "/basic", "/bearer", "/digest", "/cookie", "/token"),
    *("/nowhere", "/openapi.json"),
)
NAMES = (
    *("number", "share", "price", "when", "span", "colour", "items", "words", "short", "limit"),
    *("files", "tree", "name", "age"),
)
_segments = st.one_of(
    st.sampled_from(NASTY).map(lambda value: value.decode("utf-8", "replace")),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)


@st.composite
def hostile_requests(draw: Any) -> HostileRequest:
    path = draw(st.sampled_from(PATHS))
    if path == "/path/":
        path += "/".join(draw(_segments) for _ in range(4))
    elif path == "/files/":
        path += draw(_segments)
    pairs = draw(st.lists(st.tuples(st.sampled_from(NAMES), _values), max_size=4))
    query = b"&".join(name.encode() + b"=" + value for name, value in pairs)
    pair = st.tuples(st.sampled_from(HEADER_NAMES), st.sampled_from(HEADER_VALUES))
    headers = draw(st.lists(pair, max_size=4))
    if draw(st.integers(0, 5)):
        headers.insert(0, (b"content-type", draw(st.sampled_from(TYPES))))
    return HostileRequest(
        draw(st.sampled_from(("GET", "POST", "POST", "POST", "PUT", "\x00", "OPTIONS"))),
        path,
        draw(st.one_of(st.just(query), _values)),
        tuple(headers),
        tuple(draw(st.lists(_values, max_size=3))),
        draw(st.integers(0, 9)) == 9,
    )


async def answer_to(app: App, hostile: HostileRequest) -> int | None:
    """The status of the answer; None where the client has left. Raises what reaches the server."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in hostile.chunks
    ]
    if not hostile.leaves:
        messages.append({"type": "http.request", "body": b"", "more_body": False})
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    raw_path = quote(hostile.path, errors="replace").encode()
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": hostile.method,
            "scheme": "http",
            "path": hostile.path,
            "raw_path": raw_path,
            "query_string": hostile.query,
            "root_path": "",
            "headers": list(hostile.headers),
            "client": ("client", 1),
            "server": ("server", 80),
            "state": {},
        },
        receive,
        send,
    )
    assert len(statuses) <= 1
    return statuses[0] if statuses else None


async def answers_well(app: App, counter: Open, hostile: HostileRequest) -> None:
    try:
        status = await answer_to(app, hostile)
    except ClientDisconnect:  # raised by an endpoint that reads the body by itself
        assert hostile.leaves
        status = None
    assert counter.count == 0, "something is open"
    assert status is None or 200 <= status < 500, status
    assert status is not None or hostile.leaves
