"""slowapi: limits by decorators and by the middleware, with their headers."""

from fastapi import APIRouter, FastAPI, Request, Response
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIMiddleware


def who(request: Request) -> str:
    return request.headers.get("x-user", "nobody")


limiter = Limiter(key_func=who, default_limits=["3/day"])
app = FastAPI()
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)  # type: ignore[arg-type]
app.add_middleware(SlowAPIMiddleware)
router = APIRouter(prefix="/shared")


@app.get("/decorated")
@limiter.limit("2/day")
async def decorated(request: Request, response: Response) -> dict[str, str]:
    return {"who": who(request)}


@app.get("/threaded/{number}")
@limiter.limit("1/day")
def threaded(request: Request, number: int) -> int:
    return number


@app.get("/by_default")
def by_default() -> str:
    return "fine"


@app.get("/exempt")
@limiter.exempt
def exempt() -> str:
    return "always"


@router.get("/a")
@limiter.shared_limit("1/day", scope="shared")
def shared(request: Request) -> str:
    return "a"


@router.get("/b")
@limiter.shared_limit("1/day", scope="shared")
def shared_too(request: Request) -> str:
    return "b"


app.include_router(router)
