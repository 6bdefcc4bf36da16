"""A chapter on dependencies with `yield`: sessions, chains, errors, context managers."""

from tenure.web import BackgroundTasks, Depends, FastAPI, HTTPException, Request
from tenure.web.responses import JSONResponse

app = FastAPI()


class Session:
    def __init__(self, name: str = "session") -> None:
        self.name = name
        self.is_open = True
        print(f"{name}: opened")

    def rollback(self) -> None:
        print(f"{self.name}: rolled back")

    def close(self, *others: "Session") -> None:
        # Whoever was opened before is still open when this one closes.
        assert all(other.is_open for other in others)
        self.is_open = False
        print(f"{self.name}: closed")


async def get_session():
    session = Session()
    try:
        yield session
    finally:
        session.close()


@app.get("/one")
async def one(session: Session = Depends(get_session)):
    return {"open": session.is_open}


async def first():
    opened = Session("first")
    try:
        yield opened
    finally:
        opened.close()


def second(below: Session = Depends(first)):
    opened = Session("second")
    try:
        yield opened
    finally:
        opened.close(below)


async def third(below: Session = Depends(second)):
    opened = Session("third")
    try:
        yield opened
    finally:
        opened.close(below)


def returned(below: Session = Depends(third)):
    return below.name


@app.get("/chain")
async def chain(top: Session = Depends(third), name: str = Depends(returned)):
    return {"top": top.name, "returned": name}


class BookGoneError(Exception):
    pass


@app.exception_handler(BookGoneError)
async def answer_gone(request: Request, error: BookGoneError):
    return JSONResponse({"gone": str(error)}, status_code=410)


async def transaction():
    session = Session("transaction")
    try:
        yield session
    except BookGoneError:
        session.rollback()
        raise
    finally:
        session.close()


@app.get("/gone")
async def gone(session: Session = Depends(transaction)):
    raise BookGoneError("the atlas")


async def guard():
    raise HTTPException(status_code=403, detail="closed shelf")
    yield


@app.get("/guarded")
async def guarded(session: Session = Depends(get_session), allowed: None = Depends(guard)):
    return "not reached"


async def complain_afterwards():
    yield
    raise HTTPException(status_code=418, detail="too late")


@app.get("/late")
async def late(nothing: None = Depends(complain_afterwards)):
    return "answered"


async def translate():
    try:
        yield
    except KeyError as error:
        raise HTTPException(status_code=404, detail=f"no {error.args[0]}") from error


@app.get("/translated")
async def translated(nothing: None = Depends(translate)):
    books: dict[str, str] = {}
    return books["atlas"]


def write_log(session: Session) -> None:
    print(f"background: {session.name} is {'open' if session.is_open else 'closed'}")


@app.get("/background")
async def background(tasks: BackgroundTasks, session: Session = Depends(get_session)):
    tasks.add_task(write_log, session)
    return "sent"


class Shelf:
    def __init__(self) -> None:
        self.session = Session("shelf")

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, kind, error, traceback) -> None:
        self.session.close()


async def get_shelf():
    with Shelf() as session:
        yield session


@app.get("/managed")
async def managed(session: Session = Depends(get_shelf)):
    return session.name
