"""A whole run that needs no model, with the project's own formatter after it."""

import json
import sys
from pathlib import Path

import pytest

from codeorch.cli import main
from codeorch.verify.interpreter import Python

CODE = """def area(width, height):
    return width * height


def total(rooms):
    return [area(r.width, r.height) + area(r.porch_width, r.porch_height) for r in rooms]
"""


def test_what_the_formatter_changes_is_a_commit_of_its_own(make_repo, run_git, monkeypatch, capsys):
    if not Python(program=Path(sys.executable), reason="").has_module("ruff"):
        pytest.skip("ruff is not installed here")
    repo = make_repo({"rooms.py": CODE, "ruff.toml": "line-length = 100\n"})
    monkeypatch.chdir(repo.root)
    code = main(
        ["apply", "rename function area to area_of_a_room", "--format", "--json", "--unsafe-tests"]
    )
    record = json.loads(capsys.readouterr().out)
    assert (code, record["status"]) == (4, "unverified")
    branch = record["branch"]["name"]
    subjects = run_git(repo.root, "log", "--format=%s", f"HEAD..{branch}").splitlines()
    assert subjects[0] == "format the changed files"  # in small letters, as the first commit
    assert len(subjects) == 2
    assert "return [\n" in run_git(repo.root, "show", f"{branch}:rooms.py")
    assert record["rounds"][-1]["verdict"]["findings"] == []
    (file,) = record["files"]
    assert file["formatted"]
    assert "+    return [\n" in file["diff"]
    assert run_git(repo.root, "diff", "--numstat", "HEAD", branch) == (
        f"{file['added']}\t{file['removed']}\trooms.py"
    )
    assert (repo.root / "rooms.py").read_text() == CODE
