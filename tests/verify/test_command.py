import base64
import hashlib
import json
import sys

import pytest

from codeorch.domain import SourceFile
from codeorch.verify.command import find_test_command
from codeorch.verify.project import Project


def find(folder, files, configured="", variables=None):
    texts = {path: SourceFile(path=path, text=text) for path, text in files.items()}
    project = Project(files=texts, folder=folder, variables=variables or {})
    return find_test_command(project, configured)


def package(script, **more):
    return json.dumps({"scripts": {"test": script}, **more})


SIGNS = {
    "pyproject": ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "pytest"),
    "pytest.ini": ({"pytest.ini": ""}, "pytest"),
    "setup.cfg": ({"setup.cfg": "[tool:pytest]\n"}, "pytest"),
    "tox.ini of pytest": ({"tox.ini": "[tox]\n[pytest]\n"}, "pytest"),
    "conftest": ({"tests/conftest.py": ""}, "pytest"),
    "test files": ({"a.py": "", "tests/test_a.py": ""}, "pytest"),
    "tox": ({"tox.ini": "[tox]\nenvlist = py\n"}, "tox"),
    "nox": ({"noxfile.py": "import nox\n"}, "nox"),
    "npm": ({"package.json": package("node --test")}, "npm"),
    "jest": ({"package.json": package("cross-env NODE_ENV=test jest --ci")}, "jest"),
    "vitest": ({"package.json": package("tsc --noEmit && vitest run")}, "vitest"),
    "mocha": ({"package.json": package("npx mocha 'test/**'")}, "mocha"),
    "jest, but not at the end": ({"package.json": package("jest && eslint .")}, "npm"),
    "cargo": ({"Cargo.toml": "[package]\n"}, "cargo"),
    "go": ({"go.mod": "module m\n"}, "go"),
    "maven": ({"pom.xml": "<project/>"}, "maven"),
    "gradle": ({"build.gradle.kts": ""}, "gradle"),
    "make": ({"Makefile": "all:\n\ntest: all\n\tctest\n"}, "make"),
    "configured before guessed": (
        {"package.json": package("jest"), "tests/test_a.py": "", "Makefile": "test:\n"}, "jest"),
}  # fmt: skip


@pytest.mark.parametrize("sign", SIGNS)
def test_the_project_s_own_signs_tell_the_runner(tmp_path, sign):
    files, runner = SIGNS[sign]
    command = find(tmp_path, files)
    assert command.runner == runner
    assert command.reason


@pytest.mark.parametrize(
    "files",
    [
        {"main.c": "int main;"},
        {"package.json": package('echo "Error: no test specified" && exit 1')},
        {"package.json": "{}"},
        {"package.json": "[not json"},
        {"package.json": '{"scripts": ["test"]}'},
        {"Makefile": "test := 1\ncheckout:\n"},
        {"pyproject.toml": "not = [toml"},
        {"setup.cfg": "no section"},
    ],
    ids=lambda files: f"{next(iter(files.items()))}",
)
def test_without_a_sign_there_is_no_command(tmp_path, files):
    assert find(tmp_path, files) is None


def test_what_the_user_says_comes_first_and_goes_through_the_shell(tmp_path):
    command = find(tmp_path, {"pytest.ini": ""}, "make x && ./check")
    assert command.argv == ("/bin/sh", "-c", "make x && ./check")
    assert command.runner == "custom"


@pytest.mark.parametrize(
    ("lock", "argv"),
    [
        ("pnpm-lock.yaml", ("pnpm", "test")),
        ("yarn.lock", ("yarn", "test")),
        ("package-lock.json", ("npm", "test")),
        ("bun.lock", ("bun", "run", "test")),  # `bun test` runs other tests
    ],
)
def test_the_lock_file_names_the_package_manager(tmp_path, lock, argv):
    (tmp_path / lock).touch()
    assert find(tmp_path, {"package.json": package("jest")}).argv == argv


def _environment(folder):
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text(f"home = {sys.base_prefix}/bin\n")
    return str(folder / "bin/python")


def test_the_project_s_virtual_environment_comes_before_an_active_one(tmp_path):
    files = {"tests/test_a.py": "import pytest"}
    active = _environment(tmp_path / "elsewhere/env")
    variables = {"VIRTUAL_ENV": str(tmp_path / "elsewhere/env")}
    assert find(tmp_path, files, variables=variables).argv == (active, "-m", "pytest")
    own = _environment(tmp_path / ".venv")
    assert find(tmp_path, files, variables=variables).argv == (own, "-m", "pytest")


def test_environments_that_poetry_and_pipenv_keep_elsewhere_are_found(tmp_path):
    root, home = tmp_path / "project", tmp_path / "home"
    root.mkdir()
    sign = base64.urlsafe_b64encode(hashlib.sha256(str(root).encode()).digest()).decode()[:8]
    poetry = _environment(home / f".cache/pypoetry/virtualenvs/project-{sign}-py3.12")
    _environment(home / ".cache/pypoetry/virtualenvs/project-aaaaaaaa-py3.12")
    pipenv = _environment(home / ".local/share/virtualenvs/project-x")
    (home / ".local/share/virtualenvs/project-x/.project").write_text(str(root))
    _environment(home / ".local/share/virtualenvs/other-y")
    (home / ".local/share/virtualenvs/other-y/.project").write_text("/elsewhere")
    for lock, program in (("Pipfile", pipenv), ("poetry.lock", poetry)):
        (root / lock).touch()
        argv = find(root, {"pytest.ini": ""}, variables={"HOME": str(home)}).argv
        assert argv == (program, "-m", "pytest")


def test_else_the_interpreter_that_runs_codeorch_is_used(tmp_path):
    assert find(tmp_path, {"pytest.ini": ""}).argv == (sys.executable, "-m", "pytest")


def test_tests_for_unittest_run_where_pytest_is_missing(tmp_path):
    program = _environment(tmp_path / ".venv")
    files = {"tests/test_a.py": "import unittest"}
    assert find(tmp_path, files).argv == (program, "-m", "unittest")
