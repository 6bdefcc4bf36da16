"""A lifespan written with `def` under `asynccontextmanager`, as tutorials have it by mistake."""

from contextlib import asynccontextmanager

from tenure.web import FastAPI


@asynccontextmanager
def lifespan(app: FastAPI):
    print("Starting the library")
    yield
    print("Stopping the library")


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def greet():
    return {"message": "greetings"}
