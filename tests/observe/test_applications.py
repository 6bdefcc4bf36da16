"""The requests of an application while somebody observes its container."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest

from tenure.observe import Event, Recorder
from tenure.web import APIRouter, App, Depends, WebSocket
from tenure.web.testclient import TestClient


def get_pool() -> Iterator[str]:
    yield "pool"


Pool = Annotated[str, Depends(get_pool, scope="app")]


async def get_session(pool: Pool) -> AsyncIterator[str]:
    yield f"session of {pool}"


Session = Annotated[str, Depends(get_session)]


async def get_narrow() -> AsyncIterator[str]:
    yield "narrow"


async def get_page(page: int) -> AsyncIterator[int]:
    yield page


app = App()
router = APIRouter()


@app.get("/item")
async def item(session: Session) -> str:
    return session


@router.get("/page")
async def page(session: Session, page: Annotated[int, Depends(get_page)]) -> int:
    return page


@app.get("/stream")
async def stream(
    session: Session, narrow: Annotated[str, Depends(get_narrow, scope="function")]
) -> AsyncIterator[str]:
    yield session


@app.websocket("/socket")
async def socket(websocket: WebSocket, session: Session) -> None:
    await websocket.accept()
    await websocket.send_text(session)
    await websocket.close()


app.include_router(router)

SESSION = ["opening get_session", "opened get_session", "closing get_session", "closed get_session"]


def test_a_request_is_a_unit_of_work(recorder: Recorder) -> None:
    with app.container.observe(recorder), TestClient(app) as client:
        assert recorder.story() == ["opening get_pool", "opened get_pool"]
        recorder.clear()
        client.get("/item")
        client.get("/item")
        assert recorder.story() == ["reused get_pool", *SESSION] * 2
        assert {event.unit.name for event in recorder.events} == {"item"}
        assert len({event.unit for event in recorder.events}) == 2
        recorder.clear()
    assert recorder.story() == ["closing get_pool", "closed get_pool"]


def test_it_begins_and_ends_while_requests_are_served(recorder: Recorder) -> None:
    with TestClient(app) as client:
        assert client.get("/item").json() == "session of pool"
        with app.container.observe(recorder):
            assert client.get("/item").json() == "session of pool"
        assert client.get("/item").json() == "session of pool"
    assert recorder.story() == ["reused get_pool", *SESSION]


def test_rejected_input_in_an_included_router(recorder: Recorder) -> None:
    with TestClient(app) as client, app.container.observe(recorder):
        assert client.get("/page?page=one").status_code == 422
        assert recorder.story() == ["reused get_pool", *SESSION]
        recorder.clear()
        assert client.get("/page?page=1").json() == 1
        assert recorder.names("closed") == ["get_page", "get_session"]


def test_a_stream_and_a_websocket(recorder: Recorder) -> None:
    with TestClient(app) as client, app.container.observe(recorder):
        assert client.get("/stream").text == '"session of pool"\n'
        assert recorder.names("closed") == ["get_narrow", "get_session"]
        recorder.clear()
        with client.websocket_connect("/socket") as connection:
            assert connection.receive_text() == "session of pool"
    assert recorder.story() == ["reused get_pool", *SESSION]


def test_overrides_are_observed_as_what_they_are(recorder: Recorder) -> None:
    def get_fake() -> Iterator[str]:
        yield "fake"

    with TestClient(app) as client, app.container.observe(recorder):
        with app.container.override({get_session: get_fake}):
            assert client.get("/item").json() == "fake"
        assert client.get("/item").json() == "session of pool"
    assert recorder.names("opened") == ["get_fake", "get_session"]


def a_part() -> App:
    part = App()

    @part.get("/")
    async def read(session: Session) -> str:
        return session

    @part.get("/job")
    async def run_job() -> str:
        return await part.container.call(read)

    return part


ONE_REQUEST = ["reused get_pool", *SESSION]


def test_mounted_applications_are_observed_too(recorder: Recorder) -> None:
    outer, part, deeper = a_part(), a_part(), a_part()
    part.mount("/deeper", deeper)
    outer.mount("/part", part)
    paths = ["/part/", "/part/job", "/part/deeper/"]
    with TestClient(outer) as client:
        with outer.container.observe(recorder):
            for path in paths:
                client.get(path)
            assert recorder.story() == ONE_REQUEST * 3
        recorder.clear()
        for path in paths:
            client.get(path)
        assert recorder.story() == []
        with part.container.observe(recorder):
            client.get("/")
            assert recorder.story() == []
            client.get("/part/deeper/")
            assert recorder.story() == ONE_REQUEST


def test_one_that_is_mounted_while_somebody_observes(recorder: Recorder) -> None:
    outer, part, deeper = a_part(), a_part(), a_part()
    with outer.container.observe(recorder):
        outer.mount("/part", part)
        part.router.mount("/deeper", deeper)  # noticed when the application starts
        with TestClient(outer) as client:
            recorder.clear()
            client.get("/part/")
            client.get("/part/deeper/")
            assert recorder.story() == ONE_REQUEST * 2


def test_who_observes_an_application_and_its_part_hears_of_each_event_once(
    recorder: Recorder,
) -> None:
    outer, part = a_part(), a_part()
    outer.mount("/part", part)
    with TestClient(outer) as client, outer.container.observe(recorder.__call__):
        with part.container.observe(recorder.__call__):
            client.get("/part/")
            assert recorder.story() == ONE_REQUEST
        recorder.clear()
        client.get("/part/")  # still observed by way of the outer one
        assert recorder.story() == ONE_REQUEST


async def observe_later(event: Event) -> None: ...


class Later:
    async def __call__(self, event: Event) -> None: ...


@pytest.mark.parametrize(
    ("observer", "advice"),
    [
        (observe_later, "write def, not async def"),
        (Later(), "write def, not async def"),
        (Recorder, r"write Recorder\(\)"),
        ("print", "a function of one parameter"),
    ],
)
def test_who_cannot_be_told_is_refused(observer: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        app.container.observe(observer)
