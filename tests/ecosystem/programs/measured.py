"""prometheus-fastapi-instrumentator: metrics by the templates of paths, not by paths."""

from fastapi import APIRouter, FastAPI, HTTPException
from prometheus_client import CollectorRegistry
from prometheus_fastapi_instrumentator import Instrumentator, metrics

app = FastAPI()
router = APIRouter(prefix="/things/{thing}")
deeper = APIRouter(prefix="/parts")
mounted = FastAPI()


@app.get("/plain/{number}")
def plain(number: int) -> int:
    return number


@router.get("/")
def one(thing: str) -> str:
    return thing


@deeper.get("/{part}")
async def two(thing: str, part: str) -> str:
    raise HTTPException(404, part)


@mounted.get("/inside/{number}")
def inside(number: int) -> int:
    return number


router.include_router(deeper)
app.include_router(router, prefix="/v1")
app.mount("/mounted", mounted)

registry = CollectorRegistry()
instrumentator = Instrumentator(
    excluded_handlers=["/metrics"], should_group_status_codes=False, registry=registry
)
instrumentator.add(metrics.requests(registry=registry))
instrumentator.add(metrics.response_size(registry=registry))
instrumentator.instrument(app).expose(app, include_in_schema=True, tags=["metrics"])
