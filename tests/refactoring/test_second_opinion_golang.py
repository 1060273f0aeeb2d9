"""A rename in Go, as gopls agrees with it, in the sandbox."""

import json
import shutil
import subprocess

import pytest

from codeorch.cli import main

YARD = "package yard\n\ntype Tank struct{}\n\nfunc (t *Tank) Fill(n int) int { return n }\n"
USE = (
    'package use\n\nimport (\n\t"example.org/absent"\n\t"example.org/yard/yard"\n)\n\n'
    "type Cup struct{}\n\nfunc (c Cup) Fill(n int) int { return n }\n\n"
    "func Run(some chan []*yard.Tank, cups chan []Cup) {\n"
    "\t(<-some)[0].Fill(1)\n\t(<-cups)[0].Fill(2)\n\tabsent.Open().Fill(3)\n}\n"
)
FILES = {"go.mod": "module example.org/yard\n\ngo 1.17\n", "yard/yard.go": YARD, "use/use.go": USE}


@pytest.fixture
def apply(make_repo, monkeypatch, capsys, bubblewrap, with_engines):
    """Rename a method, and give the text of its user and the places to look at."""
    if not shutil.which("gopls") or not shutil.which("go"):
        pytest.skip("gopls and go are not on the PATH")
    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)

    def run(*flags):
        code = main(["apply", "rename method Tank.Fill to Pour", "--no-test", "--json", *flags])
        record = json.loads(capsys.readouterr().out)
        show = ["git", "show", f"{record['commit']}:use/use.go"]
        text = subprocess.run(show, cwd=repo.root, capture_output=True, text=True, check=True)
        left = record["rounds"][0]["completeness"]
        return code, text.stdout, {gap["line"] for gap in left["gaps"]}, left["type_checkers"]

    return run


def test_what_only_gopls_knows_is_named(apply):
    code, text, lines, checkers = apply()
    assert (code, text, checkers) == (3, USE, ["gopls"])
    assert lines == {13}  # the others are of a class and of a package that is not there


def test_without_gopls_it_is_not_called_checked(apply):
    assert apply("--engines", "own")[3] == []
