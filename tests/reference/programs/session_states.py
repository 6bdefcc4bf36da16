"""The states of one database session, step by step, as a request goes by."""

from tenure.web import BackgroundTasks, Depends, FastAPI, HTTPException

app = FastAPI()


class Session:
    def __init__(self) -> None:
        self.state = "created"

    async def close(self) -> None:
        self.state = "closing"
        print(f"state: {self.state}")
        self.state = "closed"


def create_session() -> Session:
    session = Session()
    print(f"state: {session.state}")
    return session


async def get_session():
    session = create_session()
    try:
        session.state = "yielded"
        yield session
    finally:
        print(f"state before cleanup: {session.state}")
        await session.close()
        print(f"state: {session.state}")


@app.get("/books")
async def list_books(tasks: BackgroundTasks, session: Session = Depends(get_session)):
    print(f"state in the endpoint: {session.state}")
    session.state = "in use"
    tasks.add_task(lambda: print(f"state in the background: {session.state}"))
    return {"session": session.state}


@app.get("/missing")
async def read_missing(session: Session = Depends(get_session)):
    session.state = "in use"
    raise HTTPException(status_code=404, detail="no such book")
