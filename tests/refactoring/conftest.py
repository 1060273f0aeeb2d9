"""What the tests of codemods share: files by hand, a plan, and the texts that its diffs make."""

import re
import subprocess

import pytest

from codeorch.domain import Snapshot, SourceFile
from codeorch.refactoring import parse_rule, plan_rule

LANGUAGES = {
    "py": "python",
    "pyi": "python",
    "js": "javascript",
    "ts": "typescript",
    "tsx": "tsx",
    "go": "go",
    "rs": "rust",
    "java": "java",
    "c": "c",
    "h": "c",
    "cpp": "cpp",
    "cs": "csharp",
    "rb": "ruby",
    "php": "php",
    "kt": "kotlin",
    "scala": "scala",
    "sh": "bash",
    "md": "markdown",
    "json": "json",
}
QUOTED = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*|//[^\n]*")


def quoted(text, _language):
    """Stand in for the syntax module: one-line strings and comments are enough here."""
    return tuple(found.span() for found in QUOTED.finditer(text.encode()))


@pytest.fixture
def plan_for():
    def plan(request, texts, excluded=()):
        files = {
            path: SourceFile(path=path, text=text, language=LANGUAGES.get(path.split(".")[-1], ""))
            for path, text in texts.items()
        }
        snapshot = Snapshot(commit="0" * 40, files=files)
        return plan_rule(parse_rule(request), snapshot, quoted, excluded=frozenset(excluded))

    return plan


@pytest.fixture
def changed(plan_for, tmp_path):
    """Give the texts that a request changes, after git has applied the plan's diffs."""

    def after(request, texts):
        plan = plan_for(request, texts)
        for path, text in texts.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(text.encode())
        diff = "".join(task.answer for task in plan.tasks).encode()
        subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, check=True)
        found = {path: (tmp_path / path).read_bytes().decode() for path in texts}
        return {path: text for path, text in found.items() if text != texts[path]}

    return after
