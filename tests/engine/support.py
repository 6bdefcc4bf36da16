"""What several families of engine tests share."""

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenure import Container, GraphError
from tenure.errors import Fault


def place_of(function: Callable[..., Any]) -> str:
    """`file:line` of a function's first line, decorators included."""
    code = inspect.unwrap(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def line_of(file: str, text: str) -> str:
    """`file:line` of the only line that holds *text*."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    [number] = [number for number, line in enumerate(lines, 1) if text in line]
    return f"{file}:{number}"


def faults_of(function: Any, *arguments: str) -> tuple[Fault, ...]:
    """What is wrong with the declaration of *function*; nothing of it has run then."""
    with pytest.raises(GraphError) as caught:
        Container().explain(function, *arguments)
    return caught.value.faults


def only_fault_of(function: Any, *arguments: str) -> Fault:
    [fault] = faults_of(function, *arguments)
    return fault


def run(function: Any, **arguments: Any) -> Any:
    """One unit of work on a loop of its own, where the loop makes no difference."""
    container = Container()

    async def call() -> Any:
        return await container.call(function, **arguments)

    return asyncio.run(call())
