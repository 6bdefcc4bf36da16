"""What can be told of an async generator's exit from its code: whether it could ever suspend.

Most exits only call something. One whose code awaits nothing after its ``yield`` cannot suspend,
so it needs none of what shields a suspended exit.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from opcode import opmap
from typing import Any, Final

__all__ = ["exit_may_suspend"]

_AWAITS: Final = bytes(
    code for name, code in opmap.items() if name in {"GET_AWAITABLE", "GET_ANEXT", "GET_AITER"}
)
_JUMPS_BACK: Final = bytes(code for name, code in opmap.items() if "JUMP_BACKWARD" in name)

# What an `await` does with an exception that is thrown into it, at the end of the code; from there
# a jump leads back behind the `await`. Not in Python 3.11.
_ENDS_AWAIT: Final = opmap.get("CLEANUP_THROW")
_EXTENDS: Final = opmap["EXTENDED_ARG"]

# How the value of a `yield` in an async generator is marked: an instruction of its own in Python
# 3.11, later an intrinsic function by its number.
_WRAPS_ITSELF: Final = opmap.get("ASYNC_GEN_WRAP")
_CALLS_INTRINSIC: Final = opmap.get("CALL_INTRINSIC_1")
_INTRINSIC_WRAP: Final = 4


def exit_may_suspend(call: Callable[..., Any]) -> bool:
    """Whether the code after the first ``yield`` of *call* can wait for anything.

    True wherever that cannot be told.
    """
    function = call.__func__ if isinstance(call, types.MethodType) else call
    if type(function) is not types.FunctionType:
        return True
    code = function.__code__.co_code
    operations = code[::2]
    start = _first_yield(operations, code[1::2])
    if start is None:
        return True
    before, after = operations[:start], operations[start:]
    if _holds(after, _AWAITS):
        return True
    return _holds(before, _AWAITS) and _leads_back(after)


def _first_yield(operations: bytes, operands: bytes) -> int | None:
    for position, operation in enumerate(operations):
        if operation == _WRAPS_ITSELF:
            return position
        if operation == _CALLS_INTRINSIC and operands[position] == _INTRINSIC_WRAP:
            return position
    return None


def _leads_back(operations: bytes) -> bool:
    """Whether what is before the yield may run after it.

    In a loop around it, or where it is in an ``except`` block, which stands at the end of the code.
    """
    previous: int | None = None
    for operation in operations:
        if operation in _JUMPS_BACK and previous != _ENDS_AWAIT:
            return True
        if operation != _EXTENDS:
            previous = operation
    return False


def _holds(operations: bytes, wanted: bytes) -> bool:
    return any(operation in operations for operation in wanted)
