"""Functions for frameworks that know no dependencies: only ordinary parameters remain."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from tenure.graph.annotations import split_annotated
from tenure.graph.markers import Depends
from tenure.graph.providers import EMPTY, Kind, Parameter, provider_of

__all__ = ["ordinary_parameters", "wrap", "wrap_async", "wrap_plain"]


def ordinary_parameters(function: Callable[..., Any]) -> list[Parameter]:
    """The parameters of *function* that no dependency fills."""
    return [
        parameter
        for parameter in provider_of(function, is_new=True).parameters
        if not _is_declared(parameter)
    ]


def _is_declared(parameter: Parameter) -> bool:
    _, metadata = split_annotated(parameter.annotation)
    return any(isinstance(each, Depends) for each in (*metadata, parameter.default))


def wrap(
    function: Callable[..., Any],
    ordinary: Sequence[Parameter],
    call: Callable[..., Any],
    run: Callable[..., Any],
) -> Callable[..., Any]:
    """*function* with *ordinary* parameters only; *call* calls it if it is async, else *run*."""
    if provider_of(function).kind is Kind.COROUTINE:
        return wrap_async(function, ordinary, call)
    return wrap_plain(function, ordinary, run)


def wrap_async(
    function: Callable[..., Any], ordinary: Sequence[Parameter], call: Callable[..., Any]
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """An async function of *ordinary* parameters that awaits ``call(function, **arguments)``."""
    signature = _signature(function, ordinary)

    @functools.wraps(function)
    async def call_injected(*args: Any, **keywords: Any) -> Any:
        return await call(function, **_arguments(signature, args, keywords))

    _show(call_injected, signature)
    return call_injected


def wrap_plain(
    function: Callable[..., Any], ordinary: Sequence[Parameter], run: Callable[..., Any]
) -> Callable[..., Any]:
    """A plain function of *ordinary* parameters that returns ``run(function, **arguments)``."""
    signature = _signature(function, ordinary)

    @functools.wraps(function)
    def run_injected(*args: Any, **keywords: Any) -> Any:
        return run(function, **_arguments(signature, args, keywords))

    _show(run_injected, signature)
    return run_injected


def _arguments(
    signature: inspect.Signature, args: tuple[Any, ...], keywords: dict[str, Any]
) -> dict[str, Any]:
    bound = signature.bind(*args, **keywords)
    bound.apply_defaults()
    return bound.arguments


def _show(wrapper: Any, signature: inspect.Signature) -> None:
    """Let whoever looks at *wrapper* see *signature*, and annotations to match."""
    wrapper.__signature__ = signature
    wrapper.__annotations__ = {
        each.name: each.annotation
        for each in signature.parameters.values()
        if each.annotation is not EMPTY
    }
    if signature.return_annotation is not EMPTY:
        wrapper.__annotations__["return"] = signature.return_annotation


def _signature(function: Callable[..., Any], ordinary: Sequence[Parameter]) -> inspect.Signature:
    """What is left of the signature; defaults may stand anywhere once others have gone."""
    parameters: list[inspect.Parameter] = []
    kinds = inspect.Parameter
    for each in ordinary:
        kind = each.kind
        if parameters and kind is kinds.POSITIONAL_OR_KEYWORD:
            has_default = parameters[-1].default is not EMPTY
            after_keyword = parameters[-1].kind is kinds.KEYWORD_ONLY
            if after_keyword or (has_default and each.default is EMPTY):
                kind = kinds.KEYWORD_ONLY
        parameters.append(kinds(each.name, kind, default=each.default, annotation=each.annotation))
    return inspect.signature(function).replace(parameters=parameters)
