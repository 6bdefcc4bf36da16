"""Sources that differ in names only have one shape, and share what is compiled from it.

Compiling is most of what making a plan's function costs, and endpoints that need the same kinds
of things in the same order have the same source but for its names. So the source is compiled
with numbers for names, once for all plans of its shape, and each gets a copy with the names of
its own: in tracebacks, in debuggers and in ``locals()`` everything is called as in the text that
``explain`` shows.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping
from types import CodeType
from typing import Any, Final

from tenure.plan.names import OWN_NAMES

__all__ = ["renamed", "shape_of", "without_columns"]

_COMMENT: Final = re.compile(r"#[^\n]*")
_WORDS: Final = re.compile("([0-9A-Za-z_\x80-\U0010ffff]+)")
"""Names, keywords and numbers. Outside ASCII there are only names, and not all that may be in
one is a letter for ``\\w``: vowel signs are not."""

_FIXED: Final = {word: word for word in sorted({*OWN_NAMES, *keyword.kwlist})}
"""What is written the same in every plan."""


class _Numbered(dict[str, str]):
    """The words of a source, each with what stands for it; new names are numbered."""

    def __missing__(self, word: str) -> str:
        number = self[word] = word if word[0].isdigit() else f"_{len(self)}_"
        return number


def shape_of(source: str) -> tuple[str, Mapping[str, str]] | None:
    """*source* with numbers for names, line by line the same, and what the numbers stand for.

    None where it holds literal text, which is not to be taken for names.
    """
    bare = _COMMENT.sub("", source)
    if '"' in bare or "'" in bare:
        return None
    parts = _WORDS.split(bare)
    numbered = _Numbered(_FIXED)
    parts[1::2] = map(numbered.__getitem__, parts[1::2])
    return "".join(parts), {number: word for word, number in numbered.items()}


def without_columns(tree: ast.Module) -> ast.Module:
    """*tree* with its lines only: where names stand in a line differs from plan to plan."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.excepthandler | ast.keyword | ast.arg):
            node.end_lineno = node.lineno
            node.col_offset = node.end_col_offset = -1
    return tree


def renamed(code: CodeType, names: Mapping[str, str], filename: str) -> CodeType:
    """A copy of *code*, with all functions inside it, that calls everything by its own name."""

    def own(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple([names.get(word, word) for word in words])

    return code.replace(
        co_filename=filename,
        co_name=names.get(code.co_name, code.co_name),
        co_qualname=".".join(own(tuple(code.co_qualname.split(".")))),
        co_names=own(code.co_names),
        co_varnames=own(code.co_varnames),
        co_cellvars=own(code.co_cellvars),
        co_freevars=own(code.co_freevars),
        co_consts=_renamed_constant(code.co_consts, names, filename),
    )


def _renamed_constant(value: Any, names: Mapping[str, str], filename: str) -> Any:
    if isinstance(value, CodeType):
        return renamed(value, names, filename)
    if isinstance(value, tuple):  # the keywords of a call
        return tuple([_renamed_constant(each, names, filename) for each in value])
    return names.get(value, value) if isinstance(value, str) else value
