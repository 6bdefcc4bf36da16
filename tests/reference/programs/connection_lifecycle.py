"""Start-up and shutdown of the application, and a connection for each request."""

from contextlib import asynccontextmanager

from tenure.web import Depends, FastAPI


@asynccontextmanager
async def lifespan(app: FastAPI):
    print("Starting the library")
    yield
    print("Stopping the library")


class Connection:
    def __init__(self) -> None:
        print("connected")

    def close(self) -> None:
        print("disconnected")


async def get_connection():
    connection = Connection()
    try:
        yield connection
    finally:
        connection.close()


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def greet(connection: Connection = Depends(get_connection)):
    return {"message": "greetings from the library"}
