"""What names an application on the command line, and what is said when nothing does."""

import subprocess
import sys
from pathlib import Path

import pytest

from tenure.ext.cli.loading import ImportFailed, UsageProblem, find_target, load

APP = "from tenure.web import FastAPI\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "shop_a.web.main:app",
        "shop_a.web.main",
        "shop_a/web/main.py",
        "shop_a/web/main.py:app",
        "./shop_a/web/main.py",
        "shop_a/web",
    ],
)
def test_modules_files_and_folders(folder: Path, text: str) -> None:
    put(folder, "shop_a/__init__.py", "")
    put(folder, "shop_a/web/__init__.py", "")
    put(folder, "shop_a/web/main.py", APP + "app = FastAPI(title='shop')\n")
    loaded = load(find_target(text))
    assert (loaded.app.title, loaded.target, loaded.is_factory) == (
        "shop",
        "shop_a.web.main:app",
        False,
    )
    assert loaded.folder == str(folder)


def test_the_usual_file_needs_no_name(folder: Path) -> None:
    put(folder, "api.py", APP + "application = FastAPI()\n")
    assert load(find_target(None)).target == "api:application"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("made_b:create_app", True),
        ("made_b:create_app", False),
        ("made_b", True),
        ("made_b", False),
    ],
)
def test_factories(folder: Path, text: str, flag: bool) -> None:
    put(folder, "made_b.py", APP + "def create_app(title='made'): return FastAPI(title=title)\n")
    loaded = load(find_target(text), is_factory=flag)
    assert (loaded.app.title, loaded.target, loaded.is_factory) == (
        "made",
        "made_b:create_app",
        True,
    )


def test_an_attribute_of_an_object(folder: Path) -> None:
    put(folder, "held_c.py", APP + "class Holder: app = FastAPI()\nholder = Holder()\n")
    assert load(find_target("held_c:holder.app")).target == "held_c:holder.app"


def test_the_only_application_of_a_module_may_have_any_name(folder: Path) -> None:
    put(folder, "only_d.py", APP + "site = FastAPI()\n")
    assert load(find_target("only_d")).target == "only_d:site"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere_e:app", "there is no module nowhere_e in {folder}"),
        ("things_e.nowhere:app", "there is no module things_e.nowhere in {folder}"),
        ("nowhere_e.py", "there is no file nowhere_e.py"),
        ("what is this", "'what is this' is neither module:app nor a file"),
        ("things_e:ap", "module things_e has no ap, but one, two"),
        ("things_e:number", "things_e:number is no application but of type int"),
        (
            "things_e",
            "module things_e has several applications: name one, things_e:one (one, two)",
        ),
        (
            "empty_e",
            (
                "in module empty_e there is no app, application, api, create_app, make_app, "
                "build_app or get_app: name one"
            ),
        ),
        (
            None,
            (
                "name an application, module:app; there is no main.py, app.py, api.py, "
                "app/main.py, app/app.py or app/api.py"
            ),
        ),
        (".", "in . there is no main.py, app.py, api.py, app/main.py, app/app.py or app/api.py"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    folder: Path, text: str | None, message: str
) -> None:
    put(folder, "things_e.py", APP + "number = 1\none = FastAPI()\ntwo = FastAPI()\n")
    put(folder, "empty_e.py", "")
    with pytest.raises(UsageProblem) as caught:
        load(find_target(text))
    assert str(caught.value) == message.format(folder=folder)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nowhere_f\n", "ModuleNotFoundError: No module named 'nowhere_f'"),
        ("x = 1 +\n", "SyntaxError: invalid syntax (broken_f.py, line 1)"),
        ("raise SystemExit('stop')\n", "SystemExit: stop"),
        ("int('x')\n", "ValueError: invalid literal for int() with base 10: 'x'"),
    ],
)
def test_an_import_that_fails_says_where(folder: Path, code: str, reason: str) -> None:
    put(folder, "broken_f.py", code)
    with pytest.raises(ImportFailed) as caught:
        load(find_target("broken_f:app"))
    assert str(caught.value) == (
        f"broken_f cannot be imported: {reason} ({folder / 'broken_f.py'}:1)"
    )


def test_a_factory_that_fails_says_where(folder: Path) -> None:
    put(folder, "factory_g.py", "def create_app():\n    raise ValueError('no settings')\n")
    with pytest.raises(ImportFailed, match=r"factory_g:create_app\(\) cannot be imported: .*:2\)"):
        load(find_target("factory_g:create_app"))


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere_h:app"], "tenure: there is no module nowhere_h in"),
        (["chekc"], "tenure: No such command 'chekc'."),
        (["check", "--formt", "json", "x"], "tenure: No such option: --formt"),
        (["graph", "x", "--format", "png"], "tenure: Invalid value for"),
        (["run", "x", "--port", "many"], "tenure: Invalid value for"),
        (["check"], "tenure: Missing argument"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(folder: Path, tenure, arguments, message) -> None:
    outcome = tenure(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(message)
    assert outcome.err.count("\n") == 1


def test_help_names_every_command_and_option(tenure) -> None:
    outcome = tenure("--help")
    assert outcome.status == 0
    for command in ("run", "graph", "explain", "check"):
        assert command in outcome.out
        assert tenure(command, "--help").status == 0
    assert "--strict" in tenure("check", "-h").out


def test_without_arguments_there_is_help(tenure) -> None:
    assert tenure() == tenure("--help")


def test_the_version(tenure) -> None:
    from tenure import __version__

    assert tenure("--version") == (0, f"tenure {__version__}\n", "")


@pytest.mark.once
def test_without_typer_there_is_a_hint(folder: Path) -> None:
    program = (
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda n, p=None: None if n == 'typer' else find(n, p)\n"
        "from tenure.ext.cli import main\n"
        "main(['check', 'x'])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        'tenure: typer not installed: pip install "tenure[standard]" brings what the command '
        "needs\n"
    )
