"""The house keeps its shape: small modules, and a help text that loads nothing heavy."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import codeorch

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "codeorch").rglob("*.py"))
IMPORT = re.compile(
    r"^ *import (\w+)[\w.]*(?: as \w+)?(?:  #.*)?$|^ *from (\w+)[\w.]* import\b", re.MULTILINE
)
HEAVY = ("anthropic", "pydantic", "rich.live", "git", "asyncio", "tree_sitter", "rope", "httpx2")


def test_a_module_fits_in_one_sitting():
    lengths = {path: path.read_text().count("\n") for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


@pytest.mark.parametrize("args", [["--help"], ["--version"]])
def test_the_help_text_loads_nothing_heavy(args):
    code = (
        "import sys; from codeorch.cli import main; code = main(sys.argv[1:]);"
        "print('loaded:', *sorted(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.rpartition("loaded:")[2].split()
    assert "codeorch.cli" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_what_is_imported_is_declared():
    """Also what another package would bring along."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in project["dependencies"]}
    imported = set()
    for path in SOURCES:
        imported |= {module or other for module, other in IMPORT.findall(path.read_text())}
    named_otherwise = {"git": "gitpython"}
    foreign = imported - sys.stdlib_module_names - {"codeorch"}
    assert {named_otherwise.get(name, name) for name in foreign} <= declared


def test_the_version_is_the_packages():
    assert f'version = "{codeorch.__version__}"' in (ROOT / "pyproject.toml").read_text()
