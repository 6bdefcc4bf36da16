"""The table of all public names in `docs/compatibility.md` says what is the case."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.once

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="module")
def surface() -> ModuleType:
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module("surface")
    finally:
        sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def rows(surface):
    return surface.survey()


def test_the_table_is_up_to_date(surface, rows):
    page = surface.PAGE.read_text(encoding="utf-8")
    written = page.partition(surface.BEGIN)[2].partition(surface.END)[0].strip()
    assert written == surface.table(rows), "run `make surface`"


def test_nothing_is_missing_without_a_reason(rows):
    missing = [" ".join(row.key) for row in rows if not row.is_there and not row.reason]
    assert not missing


def test_each_name_and_option_is_shown_by_a_test(rows):
    unshown = [" ".join(row.key) for row in rows if row.is_there and not row.test]
    assert not unshown
