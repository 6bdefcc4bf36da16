"""A resource that is set up before a request and cleaned up after it, with prints to show when."""

from tenure.web import Depends, FastAPI

app = FastAPI()


async def open_inkwell():
    print("Filling the inkwell")
    yield "black ink"
    print("Emptying the inkwell")


async def open_or_close():
    print("Opening the desk")
    try:
        yield "desk"
    finally:
        print("Closing the desk")


@app.get("/")
async def write(ink: str = Depends(open_inkwell)):
    print("Writing")
    return {"written in": ink}


@app.get("/spill")
async def spill(desk: str = Depends(open_or_close), ink: str = Depends(open_inkwell)):
    print("Spilling")
    raise RuntimeError("ink everywhere")
