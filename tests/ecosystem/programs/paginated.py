"""fastapi-pagination: pages by number and by offset, in included routers, with a document."""

from fastapi import APIRouter, Depends, FastAPI
from fastapi_pagination import LimitOffsetPage, Page, add_pagination, paginate, set_params
from fastapi_pagination.customization import CustomizedPage, UseName, UseParamsFields
from fastapi_pagination.default import Params
from pydantic import BaseModel


class Item(BaseModel):
    number: int
    name: str


ITEMS = [Item(number=number, name=f"item {number}") for number in range(45)]
SmallPage = CustomizedPage[Page, UseName("SmallPage"), UseParamsFields(size=3)]

router = APIRouter(prefix="/things", tags=["things"])
inner = APIRouter(prefix="/inner")


@router.get("/", response_model=Page[Item])
def by_number():
    return paginate(ITEMS)


@inner.get("/offset")
async def by_offset() -> LimitOffsetPage[Item]:
    return paginate(ITEMS)


router.include_router(inner)
app = FastAPI()


@app.get("/small")
def small() -> SmallPage[Item]:
    return paginate(ITEMS)


@app.get("/by_hand")
def by_hand(params: Params = Depends()) -> int:
    with set_params(params):
        return len(paginate(ITEMS).items)


@app.get("/plain")
def plain() -> list[int]:
    return [1]


@app.post("/search", response_model=Page[Item])
def search(words: list[str]):
    return paginate([item for item in ITEMS if any(word in item.name for word in words)])


app.include_router(router)
add_pagination(app)


@app.get("/later", response_model=Page[Item])
def declared_afterwards():
    return paginate(ITEMS)
