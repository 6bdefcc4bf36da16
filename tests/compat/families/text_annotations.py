"""Endpoints of a module whose annotations are text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pydantic

if TYPE_CHECKING:
    from collections.abc import Sequence


class Service:
    def __init__(self, word: str = "none") -> None:
        self.word = f"service {word}"


class Item(pydantic.BaseModel):
    name: str


def declare(web: Any, app: Any) -> None:
    """Declare endpoints whose annotations name things of this module, and one unknown name."""

    @app.get("/{number}")
    def read(number: int, word: str = "none", service: Service = web.Depends()) -> Any:
        return [number, word, service.word]

    @app.post("/")
    def create(item: Annotated[Item, "the item"], note: str | None = None) -> Item:
        return item

    def unresolvable_result() -> Sequence[int]:
        return [1]

    # The name is known to type checkers only: tolerated, as nothing but the result needs it.
    web.Depends(unresolvable_result)
