"""All that one framework made of one program, as text that two runs can be compared by."""

import difflib
from dataclasses import dataclass, field
from typing import Any

from .driver import Exchange
from .framework import Framework

PUBLIC_ERRORS = (
    "RequestValidationError",
    "WebSocketRequestValidationError",
    "ResponseValidationError",
    "HTTPException",
    "WebSocketException",
    "DependencyScopeError",
    "FastAPIError",
)


def describe(error: BaseException, web: Framework) -> str:
    """`Kind(content)`, equal for errors that a user of either framework cannot tell apart.

    An error of the framework is named by its public class, the most special first, and its
    content is what a handler can read from it; the prose of its message is each framework's own.
    """
    if isinstance(error, BaseExceptionGroup):
        inner = ", ".join(describe(one, web) for one in error.exceptions)
        return f"ExceptionGroup({inner})"
    for name in PUBLIC_ERRORS:
        if isinstance(error, getattr(web.exceptions, name)):
            return f"{name}({_content(error)})"
    return f"{type(error).__name__}({', '.join(map(repr, error.args))})"


def _content(error: Any) -> str:
    if hasattr(error, "errors"):
        return str(error.errors())
    if hasattr(error, "detail"):
        return f"{error.status_code}, {error.detail!r}"
    if hasattr(error, "code"):
        return f"{error.code}, {error.reason!r}"
    return ""


@dataclass
class Answer:
    """The outcome of building a program's application and sending it requests."""

    timeline: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    refused: str | None = None
    """The kind of the error with which the framework refused the declaration."""
    is_assertion: bool = False
    """Whether that error is caught as an ``AssertionError``."""
    complaint: str = ""
    """The text of that error. Never compared, as each framework has its own."""
    warnings: tuple[str, ...] = ()
    """The names of the warnings' classes, in order, framework classes by their public name."""

    def lines(self) -> list[str]:
        """One line per fact, so that a diff of two answers reads well."""
        lines = [f"refused: {self.refused}", f"warnings: {' '.join(self.warnings) or None}"]
        lines += [f"timeline: {word}" for word in self.timeline.split()]
        for exchange in self.exchanges:
            lines.append(f"{exchange.label}:")
            for message in exchange.messages:
                lines += _message_lines(message)
            lines.append(f"    error: {exchange.error}")
        return lines

    def difference(self, other: "Answer", mine: str, others: str) -> str:
        """A unified diff with enough context to see the whole answer; empty if they agree."""
        left, right = self.lines(), other.lines()
        if left == right:
            return ""
        diff = difflib.unified_diff(left, right, mine, others, lineterm="", n=50)
        text = "\n".join(diff)
        for name, answer in ((mine, self), (others, other)):
            if answer.complaint:
                text += f"\n({name} said: {answer.complaint})"
        return text


def _message_lines(message: dict[str, Any]) -> list[str]:
    rest = dict(message)
    lines = [f"    {rest.pop('type')}"]
    headers = rest.pop("headers", None)
    lines += [f"        {name}: {value!r}" for name, value in sorted(rest.items())]
    if headers is not None:
        lines += [f"        header {name!r}: {value!r}" for name, value in headers]
    return lines
