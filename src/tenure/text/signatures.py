"""Signatures as ``help()`` and editors show them at run time, without ``**options``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, get_type_hints

__all__ = ["spelled_out", "with_keywords"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def with_keywords(
    signature: inspect.Signature, keywords: type, defaults: Mapping[str, Any]
) -> inspect.Signature:
    """*signature* with the keys of the typed dict *keywords* in place of its ``**options``.

    A key without a default of its own is shown with ``...``, which stands for "not given".
    """
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            parameters.append(parameter)
            continue
        parameters.extend(
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=defaults.get(name, ...),
                annotation=hint,
            )
            for name, hint in _hints_of(keywords).items()
            if name not in signature.parameters
        )
    return signature.replace(parameters=parameters)


def spelled_out(keywords: type, defaults: Mapping[str, Any]) -> Callable[[_Function], _Function]:
    """Show a function's ``**options`` as the keys of *keywords*, as type checkers do."""

    def decorate(function: _Function) -> _Function:
        signature = with_keywords(inspect.signature(function), keywords, defaults)
        function.__signature__ = signature  # type: ignore[attr-defined]
        return function

    return decorate


@cache
def _hints_of(keywords: type) -> dict[str, Any]:
    return get_type_hints(keywords)
