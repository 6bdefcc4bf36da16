"""What the applications have in common: the paths, the data, the work that is not theirs.

Every application serves

* ``GET /items/{item_id}`` with the header ``x-token``: four levels of dependencies, two of them
  async generators;
* ``GET /plain-items/{item_id}``: the same with ``def`` everywhere;
* ``GET /hello``: an ``async def`` endpoint that returns a dict;
* ``POST /orders``: a validated JSON body in, a response model out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pydantic

__all__ = ["Connection", "Line", "Note", "Order", "Receipt", "Session", "User", "receipt_for"]

Note = Callable[[str], object]


class Connection:
    __slots__ = ("is_open", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = True


class Session:
    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


class User:
    __slots__ = ("name", "session")

    def __init__(self, name: str, session: Session) -> None:
        self.name = name
        self.session = session


class Line(pydantic.BaseModel):
    sku: str
    quantity: int
    price: float
    note: str | None = None


class Order(pydantic.BaseModel):
    customer: str
    express: bool = False
    lines: list[Line]


class Receipt(pydantic.BaseModel):
    number: int
    total: float
    order: Order


def receipt_for(order: Order) -> Receipt:
    """What the endpoint does with an order."""
    return Receipt(number=1, total=len(order.lines) * 1.5, order=order)


def order_of(lines: int) -> dict[str, Any]:
    """An order as JSON has it; a line is about a hundred bytes."""
    return {
        "customer": "Ada Lovelace",
        "express": True,
        "lines": [
            {
                "sku": f"part-{i:06}",
                "quantity": i % 9 + 1,
                "price": i + 0.25,
                "note": "handle with care",
            }
            for i in range(lines)
        ],
    }
