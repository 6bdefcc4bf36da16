"""Exceptions become answers: which handler is chosen, what it may do, what reaches the server."""

import contextlib
import io

import pytest

from tenure.web import App, Depends, Form, HTTPException, UploadFile
from tenure.web.exceptions import RequestValidationError, ResponseValidationError
from tenure.web.responses import JSONResponse, PlainTextResponse
from tests.web.apps.client import get, request


class BaseError(Exception):
    pass


class DerivedError(BaseError):
    pass


class TeapotError(HTTPException):
    def __init__(self):
        super().__init__(418, detail={"tea": True}, headers={"X-Tea": "green"})


def raising(error):
    app = App()

    @app.get("/")
    async def endpoint():
        raise error

    return app


async def test_an_http_exception_answers_with_its_status_detail_and_headers():
    answer = await get(raising(TeapotError()), "/")
    assert (answer.status, answer.json()) == (418, {"detail": {"tea": True}})
    assert answer.header("x-tea") == "green"


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body_has_none(status):
    answer = await get(raising(HTTPException(status, headers={"ETag": "1"})), "/")
    assert (answer.status, answer.body, answer.header("etag")) == (status, b"", "1")


async def test_the_handler_of_the_nearest_class_is_chosen():
    app = raising(DerivedError())

    @app.exception_handler(BaseError)
    async def base(asked, error):
        return PlainTextResponse(f"base handles {type(error).__name__}", 400)

    assert (await get(app, "/")).text == "base handles DerivedError"

    app = raising(DerivedError())
    app.add_exception_handler(BaseError, base)

    @app.exception_handler(DerivedError)
    def derived(asked, error):
        return PlainTextResponse("derived, in a thread", 400)

    assert (await get(app, "/")).text == "derived, in a thread"


async def test_a_handler_of_the_status_beats_one_of_the_class():
    app = raising(TeapotError())

    @app.exception_handler(TeapotError)
    async def by_class(asked, error):
        return PlainTextResponse("class")

    @app.exception_handler(418)
    async def by_status(asked, error):
        return PlainTextResponse("status")

    assert (await get(app, "/")).text == "status"


async def test_a_handler_of_404_answers_for_paths_that_no_route_has():
    app = App()

    @app.exception_handler(404)
    async def missing(asked, error):
        return PlainTextResponse(f"no {asked.url.path}", 404)

    assert (await get(app, "/nowhere")).text == "no /nowhere"


@pytest.mark.parametrize("key", [500, Exception])
async def test_what_no_handler_knows_is_answered_by_500s_and_reaches_the_server(key):
    app = raising(KeyError("gone"))

    @app.exception_handler(key)
    async def oops(asked, error):
        return PlainTextResponse(f"sorry: {error!r}", 500)

    answer = await get(app, "/")
    assert (answer.status, answer.text) == (500, "sorry: KeyError('gone')")
    assert isinstance(answer.error, KeyError)


async def test_a_handler_that_raises_reaches_the_server_with_its_context():
    app = raising(BaseError())

    @app.exception_handler(BaseError)
    async def broken(asked, error):
        raise ValueError("handler") from error

    answer = await get(app, "/")
    assert answer.status == 500
    assert isinstance(answer.error, ValueError)
    assert isinstance(answer.error.__cause__, BaseError)


async def test_handlers_given_to_the_application_replace_the_usual_ones():
    async def own(asked, error):
        return JSONResponse({"errors": error.errors(), "body": error.body}, 400)

    app = App(exception_handlers={RequestValidationError: own})

    @app.post("/")
    async def endpoint(value: int): ...

    answer = await request(app, "POST", "/?value=x")
    assert answer.status == 400
    assert answer.json()["errors"][0]["loc"] == ["query", "value"]


async def test_a_value_that_does_not_fit_its_model_is_a_fault_of_the_server():
    app = App()

    @app.get("/")
    async def endpoint() -> int:
        return "three"  # type: ignore[return-value]

    answer = await get(app, "/")
    assert answer.status == 500
    assert isinstance(answer.error, ResponseValidationError)
    assert answer.error.body == "three"
    assert __file__ in str(answer.error)
    assert "GET /" in str(answer.error)


async def test_a_dependency_may_turn_an_error_into_an_answer():
    app = App()

    async def translates():
        try:
            yield
        except KeyError as error:
            raise HTTPException(404, f"no {error}") from error

    @app.get("/")
    async def endpoint(_=Depends(translates)):
        raise KeyError("pen")

    assert (await get(app, "/")).json() == {"detail": "no 'pen'"}


async def test_a_dependency_that_swallows_is_named_and_nothing_is_answered_for_it():
    app = App()

    async def swallows():
        with contextlib.suppress(KeyError):
            yield

    @app.get("/")
    async def endpoint(_=Depends(swallows)):
        raise KeyError

    answer = await get(app, "/")
    assert answer.status == 500
    assert "swallows" in str(answer.error)
    assert __file__ in str(answer.error)


async def test_an_exception_after_the_answer_cannot_be_handled_any_more():
    app = App()

    async def fails():
        yield
        raise HTTPException(400)

    @app.get("/")
    async def endpoint(_=Depends(fails)):
        return "sent"

    answer = await get(app, "/")
    assert (answer.status, answer.json()) == (200, "sent")
    assert isinstance(answer.error, RuntimeError)
    assert isinstance(answer.error.__cause__, HTTPException)


def upload(**fields):
    """A form with one file and some fields, as a client sends it."""
    form = io.StringIO()
    for name, value in fields.items():
        form.write(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n')
    form.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n')
    form.write("content\r\n--x--\r\n")
    return {
        "headers": {"content-type": "multipart/form-data; boundary=x"},
        "body": form.getvalue().encode(),
    }


async def test_a_file_can_be_read_until_all_is_closed():
    app = App()
    read: list[bytes] = []

    async def reads_late(file: UploadFile):
        yield
        await file.seek(0)
        read.append(await file.read())

    @app.post("/")
    async def endpoint(file: UploadFile, _=Depends(reads_late)):
        return (await file.read()).decode()

    assert (await request(app, "POST", "/", **upload())).json() == "content"
    assert read == [b"content"]


async def test_a_handler_may_read_the_file_of_a_form_that_was_refused():
    app = App()

    @app.exception_handler(RequestValidationError)
    async def refused(asked, error):
        return PlainTextResponse(await error.body["file"].read(), 422)

    @app.post("/")
    async def endpoint(file: UploadFile, count: int = Form()): ...

    assert (await request(app, "POST", "/", **upload(count="x"))).text == "content"
