"""What `tenure check` finds of limits: what one request needs more of than there is."""

import textwrap

import pytest

from tests.ext.cli.test_check import found

LIMITED = """
        async def session() -> AsyncIterator[str]: yield ""
        async def token() -> str: return ""
        limited = Depends(session, max_concurrency={size}, use_cache=False)
        limited_call = replace(limited, dependency=token)
        def repo(session: Annotated[str, limited]) -> str: ...

        @app.get("/")
        async def read({declarations}): ...
"""


@pytest.mark.parametrize(
    ("size", "declarations", "held"),
    [
        (1, "one: Annotated[str, limited], two: Annotated[str, Depends(repo)]", "one"),
        (2, "one: Annotated[str, limited] = '', two=limited, three=Depends(repo)", "2"),
        (1, "one: Annotated[str, limited], two: Annotated[str, limited_call]", "one"),
    ],
)
def test_a_limit_that_one_request_can_never_keep(
    checked, size: int, declarations: str, held: str
) -> None:
    text = LIMITED.format(size=size, declarations=declarations)
    report = checked("from dataclasses import replace\n" + textwrap.dedent(text))
    assert ("limit", "error") in found(report)
    (finding,) = [each for each in report.findings if each.rule == "limit"]
    assert f"a request holds {held} when it asks for another" in finding.message
    assert f"raise max_concurrency to {size + 1}" in finding.hint
    assert finding.routes == ("GET /",)


@pytest.mark.parametrize(
    ("size", "declarations"),
    [
        (2, "one: Annotated[str, limited], two: Annotated[str, Depends(repo)]"),
        (1, "one: Annotated[str, limited_call], two: Annotated[str, limited_call]"),
        (1, "one: Annotated[str, limited_call], two: Annotated[str, limited]"),
    ],
)
def test_a_limit_that_one_request_keeps_is_fine(checked, size: int, declarations: str) -> None:
    text = LIMITED.format(size=size, declarations=declarations)
    report = checked("from dataclasses import replace\n" + textwrap.dedent(text))
    assert ("limit", "error") not in found(report)
