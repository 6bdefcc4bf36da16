"""The first requests of an application come from many threads at once."""

import sys
import threading

import anyio
import pytest

from tenure.web import APIRouter, App, Body, Depends
from tests.web.apps.client import request

THREADS = 8


@pytest.fixture
def impatient():
    """Threads that take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def application():
    app, outer, inner = App(), APIRouter(), APIRouter()

    async def on_the_loop():
        yield "loop"

    def in_a_thread(number: int = 1):
        yield number

    for name in ("a", "b", "c"):

        @inner.post(f"/{name}/{{part}}")
        def endpoint(
            part: int,
            body: dict[str, int] = Body(),
            one=Depends(on_the_loop),
            two=Depends(in_a_thread),
            three=Depends(in_a_thread, scope="function"),
        ):
            return [part, body, one, two, three]

    outer.include_router(inner, prefix="/inner")
    app.include_router(outer, prefix="/outer")
    return app


def test_all_are_answered_alike(impatient):
    app = application()
    together = threading.Barrier(THREADS)
    answers: list[object] = []

    async def ask(number):
        for name in ("a", "b", "c"):
            path = f"/outer/inner/{name}/{number}?number=7"
            answer = await request(app, "POST", path, value={"n": number})
            answers.append(answer.error or answer.json() == [number, {"n": number}, "loop", 7, 7])

    def client(number):
        together.wait()
        anyio.run(ask, number)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * THREADS * 3
