"""The forty steps of the ladder, written out: nothing decides at run time what comes next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

__all__ = ["climb"]


def climb(steps: Sequence[Callable[..., Awaitable[Any]]]) -> Callable[[Any], Awaitable[Any]]:
    """All *steps*, each with the result of the one before, twice."""
    s01, s02, s03, s04, s05, s06, s07, s08, s09, s10 = steps[0:10]
    s11, s12, s13, s14, s15, s16, s17, s18, s19, s20 = steps[10:20]
    s21, s22, s23, s24, s25, s26, s27, s28, s29, s30 = steps[20:30]
    s31, s32, s33, s34, s35, s36, s37, s38, s39, s40 = steps[30:40]

    async def climb_all(at):
        at = await s01(at, at)
        at = await s02(at, at)
        at = await s03(at, at)
        at = await s04(at, at)
        at = await s05(at, at)
        at = await s06(at, at)
        at = await s07(at, at)
        at = await s08(at, at)
        at = await s09(at, at)
        at = await s10(at, at)
        at = await s11(at, at)
        at = await s12(at, at)
        at = await s13(at, at)
        at = await s14(at, at)
        at = await s15(at, at)
        at = await s16(at, at)
        at = await s17(at, at)
        at = await s18(at, at)
        at = await s19(at, at)
        at = await s20(at, at)
        at = await s21(at, at)
        at = await s22(at, at)
        at = await s23(at, at)
        at = await s24(at, at)
        at = await s25(at, at)
        at = await s26(at, at)
        at = await s27(at, at)
        at = await s28(at, at)
        at = await s29(at, at)
        at = await s30(at, at)
        at = await s31(at, at)
        at = await s32(at, at)
        at = await s33(at, at)
        at = await s34(at, at)
        at = await s35(at, at)
        at = await s36(at, at)
        at = await s37(at, at)
        at = await s38(at, at)
        at = await s39(at, at)
        return await s40(at, at)

    return climb_all
