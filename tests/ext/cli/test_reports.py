"""The findings for machines: JSON, SARIF and GitHub's annotations."""

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

PROGRAM = """
    async def session() -> AsyncIterator[str]: yield ""

    @app.get("/50%")
    def read(one: Annotated[str, Depends(1)]): ...
    @app.get("/two")
    def two(
        one: Annotated[str, Depends(session)],
        two: Annotated[str, Depends(session, use_cache=False)],
    ): ...
"""


def test_json(write, tenure) -> None:
    file = write(PROGRAM)
    outcome = tenure("check", file, "--format", "json")
    found = json.loads(outcome.out)
    assert outcome.status == 1
    assert {name: found[name] for name in ("routes", "errors", "warnings", "thread_hops")} == {
        "routes": 2,
        "errors": 1,
        "warnings": 1,
        "thread_hops": {"GET /two": 1},
    }
    assert [(each["rule"], each["level"], each["line"]) for each in found["findings"]] == [
        ("uncallable", "error", 11),
        ("opened-twice", "warning", 9),
        ("threads", "note", 13),
    ]
    assert {each["file"] for each in found["findings"]} == {str(file)}


def test_github(write, tenure, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(PROGRAM)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(file.parent))
    first, second = tenure("check", file, "--format", "github").out.splitlines()
    assert first.startswith(f"::error file={file.name},line=11,title=tenure uncallable%3A ")
    assert "%0A" in first
    assert str(file.parent) not in first
    assert second.startswith(f"::warning file={file.name},line=9,title=tenure opened-twice%3A ")
    lines = tenure("check", file, "--format", "github", "--notes").out.splitlines()
    assert lines[2].startswith("::notice ")


def test_sarif_has_what_the_standard_asks_for(write, tenure) -> None:
    file = write(PROGRAM)
    output = file.with_name("found.sarif")
    outcome = tenure("check", file, "--format", "sarif", "--output", output)
    assert (outcome.status, outcome.out) == (1, "")
    log = json.loads(output.read_text())
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "tenure"
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len(set(rules))
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    base = run["originalUriBaseIds"]["SRCROOT"]["uri"]
    assert base.startswith("file:///")
    assert base.endswith("/")
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert result["partialFingerprints"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uriBaseId"] == "SRCROOT"
        found = Path(unquote(base.removeprefix("file://"))) / place["artifactLocation"]["uri"]
        assert found == file
        assert place["region"]["startLine"] >= 1


def test_a_fingerprint_outlives_a_moved_line(write, tenure) -> None:
    def fingerprints(file: Path) -> list[str]:
        log = json.loads(tenure("check", file, "--format", "sarif").out)
        return [each["partialFingerprints"]["tenure/v1"] for each in log["runs"][0]["results"]]

    file = write(PROGRAM)
    before = fingerprints(file)
    moved = file.read_text().replace("app = FastAPI()", "\n\napp = FastAPI()")
    file.write_text(moved)
    assert len(set(before)) == len(before)
    assert fingerprints(_again(file)) == before


def _again(file: Path) -> Path:
    """The module has been imported: let it be imported anew."""
    import sys

    del sys.modules[file.stem]
    return file


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_nothing_found_is_a_report_too(write, tenure, form: str) -> None:
    outcome = tenure("check", write(""), "--format", form)
    assert outcome.status == 0
    if form != "github":
        assert json.loads(outcome.out)


def test_text_goes_into_a_file_as_well(write, tenure) -> None:
    file = write(PROGRAM)
    output = file.with_name("found.txt")
    assert tenure("check", file, "-o", output).out == ""
    assert output.read_text().startswith("error uncallable")
