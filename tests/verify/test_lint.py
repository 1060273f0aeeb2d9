"""Linters and formatters on real commits: a linter of one line of shell, and ruff where it is."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codeorch.domain import SourceFile, TestRun
from codeorch.verify.command import TestCommand
from codeorch.verify.formatting import format_changed_files
from codeorch.verify.interpreter import Python
from codeorch.verify.linters import Formatter, find_formatters, find_linters
from codeorch.verify.project import Project
from codeorch.verify.run_tests import verify
from codeorch.verify.test_setup import TestSetup

GREEN = TestRun(exit_code=0, seconds=0.1)
TRUE = TestCommand(argv=("true",), runner="custom", reason="")


@pytest.fixture
def commits(make_repo, run_git):
    """Two commits: files, and the same with some replaced, or taken out where None is given."""

    def make(files, edits):
        repo = make_repo(files)
        for path, text in edits.items():
            file = repo.root / path
            file.unlink() if text is None else file.write_text(text)
        run_git(repo.root, "add", "-A")
        run_git(repo.root, "commit", "-q", "-m", "change")
        return repo, repo.resolve("HEAD^"), repo.resolve("HEAD")

    return make


def setup_of(sandbox, project, lint_cmd=""):
    return TestSetup(
        command=TRUE,
        sandbox=sandbox,
        variables={"PATH": os.environ["PATH"]},
        linters=find_linters(project, lint_cmd),
        formatters=find_formatters(project),
    )


def project(repo, files):
    texts = {path: SourceFile(path=path, text=text) for path, text in files.items()}
    return Project(files=texts, folder=repo.root, variables={"PATH": os.environ["PATH"]})


def findings(sandbox, commits, files, edits, lint_cmd):
    repo, base, result = commits(files, edits)
    return verify(repo, base, result, setup_of(sandbox, project(repo, files), lint_cmd), GREEN)


# It finds fault with each line that holds BAD.
GREP = "! grep -Hn BAD {files} /dev/null"
FILES = {"a.txt": "good\nBAD old\n", "b.txt": "good\n", "c.txt": "BAD far away\n"}


def test_only_new_findings_in_changed_files_count(quick, commits):
    edits = {"a.txt": "more\nBAD old\nBAD new\n", "b.txt": "good, too\n"}
    verdict = findings(quick, commits, FILES, edits, GREP)
    assert verdict.findings == ("a.txt:3: BAD new",)
    assert verdict.notices[-1] == "1 new lint finding: a.txt:3: BAD new"
    assert verdict.status == "verified"


def test_a_file_that_moves_takes_its_old_findings_along(quick, commits):
    edits = {"a.txt": None, "moved.txt": "BAD old\n"}
    assert findings(quick, commits, FILES, edits, GREP).findings == ()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("! grep -q BAD b.txt", ("`! grep -q BAD b.txt` fails now: it says nothing",)),
        ("exit 1", ()),
        ("exit 0", ()),
        ("no-such-linter", ()),
    ],
    ids=["it fails now", "it failed before", "it holds", "it is not there"],
)
def test_of_a_linter_that_names_no_lines_the_exit_code_counts(quick, commits, command, message):
    edits = {"b.txt": "BAD\n"}
    assert findings(quick, commits, FILES, edits, command).findings == message


def test_without_tests_linters_still_speak(quick, commits):
    repo, base, result = commits(FILES, {"b.txt": "BAD\n"})
    bare = replace(setup_of(quick, project(repo, FILES), GREP), command=None)
    verdict = verify(repo, base, result, bare)
    assert (verdict.status, verdict.reason) == ("no_tests", "no test command was found")
    assert verdict.findings == ("b.txt:1: BAD",)


def test_many_findings_are_told_in_short(quick, commits):
    edits = {"b.txt": "BAD\n" * 9}
    verdict = findings(quick, commits, FILES, edits, GREP)
    assert len(verdict.findings) == 9
    assert verdict.notices[-1].endswith("; and 4 more")


# ------------------------------------------------------------------------------- which there are

SIGNS = {
    "golangci-lint": ({"go.mod": "", ".golangci.yml": ""}, "golangci-lint run ./x"),
    "go vet": ({"go.mod": ""}, "go vet ./x"),
    "clippy": (
        {"Cargo.toml": "[package]\n[lints.clippy]\nall = 'warn'\n"},
        "cargo clippy --quiet --workspace --all-targets --message-format=json",
    ),
    "eslint": (
        {"package.json": "{}", "eslint.config.mjs": ""},
        "node_modules/.bin/eslint --format=json --no-error-on-unmatched-pattern x/a.js x/b.go",
    ),
}


@pytest.fixture
def installed(tmp_path):
    """A search path and node_modules on which every tool is installed."""
    for folder in ("bin", "project/node_modules/.bin"):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("go", "gofmt", "golangci-lint", "cargo-clippy", "rustfmt", "eslint"):
            (tmp_path / folder / name).write_text("#!/bin/sh\n")
            (tmp_path / folder / name).chmod(0o755)
        (tmp_path / folder / "prettier").touch()

    def make(files):
        texts = {path: SourceFile(path=path, text=text) for path, text in files.items()}
        variables = {"PATH": str(tmp_path / "bin")}
        return Project(files=texts, folder=tmp_path / "project", variables=variables)

    return make


@pytest.mark.parametrize("name", SIGNS)
def test_linters_that_are_configured_and_installed_are_found(installed, name):
    files, command = SIGNS[name]
    (linter,) = find_linters(installed(files))
    assert linter.name == name
    assert " ".join(linter.command_for(["x/a.js", "x/b.go"])) == command


@pytest.mark.parametrize("name", SIGNS)
def test_a_linter_that_is_not_installed_or_not_configured_is_none(installed, tmp_path, name):
    files, _ = SIGNS[name]
    elsewhere = Project(files=installed(files).files, folder=tmp_path / "bare", variables={})
    assert find_linters(elsewhere) == ()
    assert find_linters(installed({})) == ()


def test_in_a_container_only_what_the_user_names_is_run(installed):
    image_project = replace(installed(SIGNS["go vet"][0]), has_own_programs=True)
    assert find_linters(image_project) == ()
    assert find_formatters(image_project) == ()
    (named,) = find_linters(image_project, "make lint")
    assert named.command_for(["a"]) == ("/bin/sh", "-c", "make lint")


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"go.mod": ""}, "gofmt -w"),
        ({"Cargo.toml": "[package]\nedition = '2024'\n"}, "rustfmt --edition 2024"),
        ({"package.json": '{"prettier": {}}'},
         "node_modules/.bin/prettier --write --ignore-unknown --log-level=error"),
    ],
)  # fmt: skip
def test_formatters_that_are_configured_and_installed_are_found(installed, files, command):
    (formatter,) = find_formatters(installed(files))
    assert " ".join(formatter.argv) == command


# ------------------------------------------------------------------------------- with ruff


@pytest.fixture
def ruff():
    if not Python(program=Path(sys.executable), reason="").has_module("ruff"):
        pytest.skip("ruff is not installed here")


RUFF = {"ruff.toml": "", "a.py": 'import os\n\nprint("a")\n'}


def test_ruff_s_new_findings_are_told(safe_sandbox, commits, ruff):
    edits = {"a.py": 'import os\nimport re\n\nprint("a", c)\n'}
    verdict = findings(safe_sandbox, commits, RUFF, edits, "")
    assert verdict.findings == (
        "a.py:2: `re` imported but unused (F401)",
        "a.py:4: Undefined name `c` (F821)",
    )


def test_findings_on_a_line_that_is_broken_up_are_no_new_ones(quick, commits, ruff):
    files = {"ruff.toml": "", "a.py": "print(a, a)\n"}
    edits = {"a.py": "print(\n    a,\n    a,\n)\n"}
    assert findings(quick, commits, files, edits, "").findings == ()


def test_what_a_formatter_changes_is_given_for_files_that_were_formatted(
    safe_sandbox, commits, ruff
):
    files = RUFF | {"untidy.py": "x   =  1\n"}
    edits = {"a.py": "import os\nprint( 'a' )\n", "untidy.py": "x  =  2\n", "new.py": "y  =  1\n"}
    repo, base, result = commits(files, edits)
    patches = format_changed_files(repo, base, result, setup_of(safe_sandbox, project(repo, files)))
    assert {patch.path: patch.after for patch in patches} == {
        "a.py": b'import os\n\nprint("a")\n',
        "new.py": b"y = 1\n",
    }
    assert patches[0].before == b"import os\nprint( 'a' )\n"


def test_a_file_that_no_formatter_can_read_stays_as_it_is(quick, commits, ruff):
    repo, base, result = commits(RUFF, {"a.py": "print(\n"})
    assert format_changed_files(repo, base, result, setup_of(quick, project(repo, RUFF))) == ()


@pytest.mark.parametrize(
    "script",
    [
        'ln -sf "$SECRET" {file}',
        "rm {file}; mkfifo {file}",
        "truncate -s 65M {file}",
        'rm -r {folder}; ln -s "$SECRET_FOLDER" {folder}',
    ],
    ids=["link", "pipe", "huge", "folder"],
)
def test_what_a_formatter_puts_in_place_of_a_file_is_no_edit(quick, commits, tmp_path, script):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/a.py").write_text("mine\n")
    files = {"p/b.py": "b\n"}
    repo, base, result = commits(files, {"p/a.py": "a\n"})  # new, so the base is no excuse
    command = script.format(file="p/a.py", folder="p")
    command = f"SECRET={tmp_path}/mine/a.py SECRET_FOLDER={tmp_path}/mine; {command}"
    formatter = Formatter(name="odd", argv=("/bin/sh", "-c", command), suffixes=(".py",))
    setup = replace(setup_of(quick, project(repo, files)), formatters=(formatter,))
    patches = format_changed_files(repo, base, result, setup)
    assert patches == ()
