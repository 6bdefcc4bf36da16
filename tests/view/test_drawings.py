"""The drawings of two small graphs, as they were looked at and found good.

`TENURE_GOLDEN=write` writes them anew; what has changed is to be looked at.
"""

import json
import os
from pathlib import Path

import pytest

from tenure.view.mermaid import draw_mermaid
from tenure.view.model import as_data, view_of
from tenure.view.svg import draw_svg
from tenure.view.tree import draw_tree
from tests.view.programs import entry, fake_session, library, open_session, read_book

HERE = Path(__file__).parent


def source_of(given):
    return given.source


def compare(name: str, text: str) -> None:
    file = HERE / "drawings" / name
    if os.environ.get("TENURE_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_the_tree() -> None:
    compare("library.txt", draw_tree(view_of(library(), source_of=source_of), folder=str(HERE)))


def test_mermaid() -> None:
    compare("library.mmd", draw_mermaid(view_of(library()), folder=str(HERE)))


def test_svg() -> None:
    compare("library.svg", draw_svg(view_of(library()), folder=str(HERE)))


def test_data() -> None:
    text = json.dumps(as_data(view_of(library(), source_of=source_of)), indent=2) + "\n"
    compare("library.json", text.replace(f"{HERE}{os.sep}", ""))


@pytest.mark.once
def test_no_drawing_is_left_over() -> None:
    names = {file.name for file in (HERE / "drawings").iterdir()}
    assert names == {f"library.{end}" for end in ("txt", "mmd", "svg", "json")}


def test_an_override_is_named_where_it_stands() -> None:
    overrides = {open_session: fake_session}
    drawn = draw_tree(view_of([entry("", read_book, overrides=overrides)], overrides=overrides))
    assert "session: fake_session · generator in a thread · scope" in drawn
    assert drawn.count("overrides open_session") == 1
    assert "overrides get_settings" not in drawn
