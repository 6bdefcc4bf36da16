"""The import hook, in processes of its own: it decides what an import gives."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once


def run(program: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


def test_every_way_to_import_gives_tenure() -> None:
    printed = run("""
from tenure.ext import as_fastapi
as_fastapi.install()
as_fastapi.install()
import fastapi
import fastapi.security.oauth2 as oauth2
from fastapi import params, routing
from fastapi.middleware import cors
from fastapi.routing import APIRouter, _IncludedRouter
import importlib.metadata, importlib.util, sys, tenure.web.routing
print(fastapi.FastAPI.__module__, oauth2.OAuth2.__module__, cors.CORSMiddleware.__module__)
print(routing.APIRouter is APIRouter is tenure.web.routing.APIRouter, params.Depends.__module__)
print(fastapi.__version__, importlib.metadata.version("fastapi"))
print(importlib.util.find_spec("fastapi.nothing"), hasattr(fastapi, "nothing"))
print("Depends" in dir(fastapi), _IncludedRouter.__module__)
fastapi.applications = "patched"
print(as_fastapi.is_installed(), [n for n in sys.modules if n.startswith("fastapi.cli")])
try:
    from fastapi.routing import nothing
except ImportError as error:
    print(error)
""")
    lines = printed.splitlines()
    assert lines[0].startswith("tenure.web.applications tenure.web.security.oauth2 starlette.")
    assert lines[1] == "True tenure.graph.markers"
    assert lines[2] == "0.163.2 0.163.2"
    assert lines[3] == "None False"
    assert lines[4] == "True tenure.web.app.inclusion"
    assert lines[5] == "True []"
    assert lines[6].startswith("cannot import name 'nothing' from 'fastapi.routing'")


def test_patches_reach_tenures_module_and_can_be_undone() -> None:
    printed = run("""
from tenure.ext import as_fastapi
as_fastapi.install()
import fastapi.routing, tenure.web.routing
original = tenure.web.routing.APIRoute
fastapi.routing.APIRoute = "patched"
print(tenure.web.routing.APIRoute)
fastapi.routing.APIRoute = original
fastapi.routing.added = 1
del fastapi.routing.added
print(hasattr(tenure.web.routing, "added"))
""")
    assert printed.split() == ["patched", "False"]


def test_uninstalling_brings_fastapi_back() -> None:
    printed = run("""
from tenure.ext import as_fastapi
from tenure.web.app.inclusion import Inclusion
as_fastapi.install()
import fastapi, fastapi.routing
print(hasattr(Inclusion, "original_router"))
as_fastapi.uninstall()
import fastapi
has_name = hasattr(Inclusion, "original_router")
print(fastapi.FastAPI.__module__, as_fastapi.is_installed(), has_name)
""")
    assert printed.split() == ["True", "fastapi.applications", "False", "False"]


def test_it_refuses_when_fastapi_is_there_already_and_says_who_imported_it() -> None:
    printed = run("""
from fastapi import Depends
from tenure.ext import as_fastapi
try:
    as_fastapi.install()
except as_fastapi.AlreadyImportedError as error:
    print(error, as_fastapi.is_installed())
""")
    assert "imported already by __main__" in printed
    assert "as_fastapi.install() before these imports" in printed
    assert printed.rstrip().endswith("False")


def test_it_works_without_fastapi() -> None:
    printed = run("""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "fastapi":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from tenure.ext import as_fastapi
as_fastapi.install()
from fastapi.testclient import TestClient
from fastapi import FastAPI
print(FastAPI.__module__)
""")
    assert printed.split() == ["tenure.web.applications"]


def test_a_program_is_started_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("from fastapi import FastAPI")
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nfrom beside import FastAPI\nprint(FastAPI.__module__, __name__, sys.argv[1:])"
    )
    command = [sys.executable, "-m", "tenure.ext.as_fastapi"]
    as_file = subprocess.check_output([*command, str(program), "x"], text=True)
    assert as_file.strip() == "tenure.web.applications __main__ ['x']"
    as_module = subprocess.check_output([*command, "-m", "program", "x"], text=True, cwd=tmp_path)
    assert as_module == as_file
    wrong = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("usage:")
