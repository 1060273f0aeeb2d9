"""Whole runs of replacements: what lands, what the record names, and the exit code."""

import json

import pytest

from codeorch.cli import main


@pytest.fixture
def apply(make_repo, monkeypatch, capsys, run_git):
    """Apply a request; give the exit code, the record, and the bytes of the changed files."""

    def run(request, files):
        repo = make_repo(files)
        monkeypatch.chdir(repo.root)
        code = main(["apply", request, "-y", "--json", "--no-test"])
        record = json.loads(capsys.readouterr().out)
        changed = {}
        if record.get("commit"):
            names = run_git(repo.root, "diff", "--name-only", "HEAD", record["commit"])
            for path in names.split():
                run_git(repo.root, "checkout", "-q", record["commit"], "--", path)
                changed[path] = (repo.root / path).read_bytes()
        return code, record, changed

    return run


def gaps(record):
    return [(gap["path"], gap["line"]) for gap in record["rounds"][-1]["completeness"]["gaps"]]


def test_a_place_that_is_left_makes_the_run_partial(apply):
    code, record, changed = apply(
        "replace `self.assertEquals($A, $B)` with `assert $A == $B`",
        {"t.py": "class T:\n    def t(self):\n        self.assertEquals(1, 1)\n"
         "        f = lambda: self.assertEquals(2, 2)\n"},
    )  # fmt: skip
    assert code == 3
    assert gaps(record) == [("t.py", 4)]
    assert b"        assert 1 == 1\n" in changed["t.py"]


def test_what_only_looks_alike_leaves_the_run_complete(apply):
    code, record, changed = apply(
        "replace `raise ValueError($E)` with `raise TypeError($E)`",
        {"a.py": "def f(e):\n    raise ValueError(1)\n    raise ValueError(2) from e\n"},
    )
    assert code == 0
    assert gaps(record) == []
    assert "a.py:3" in record["rounds"][-1]["plan"]["notes"][0]
    assert changed["a.py"].endswith(b"raise TypeError(1)\n    raise ValueError(2) from e\n")


def test_nothing_that_can_be_replaced_is_refused_with_the_places(apply):
    code, record, changed = apply(
        "replace `f($X)` with `assert $X`", {"a.py": "def f(x): pass\n\n\ny = f(1)\n"}
    )
    assert code == 2
    assert record["error"]["message"].endswith("the rewrite cannot stand there: a.py:4")
    assert not changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            b"# -*- coding: latin-1 -*-\nf = g = 1\nx = '\xe9'; f(x)\n",
            b"# -*- coding: latin-1 -*-\nf = g = 1\nx = '\xe9'; g(x, 0)\n",
            id="latin-1",
        ),
        pytest.param(
            b"\xef\xbb\xbff = g = 1\r\nf(\r\n\tx,  # \xc3\xa9\r\n)\r\n",
            b"\xef\xbb\xbff = g = 1\r\ng(\r\n\tx, 0,  # \xc3\xa9\r\n)\r\n",
            id="a byte order mark, carriage returns, tabs",
        ),
        pytest.param(
            b'f = g = 1\nif f:\n        f("""\n  raw\n\ttext""")\n',
            b'f = g = 1\nif f:\n        g("""\n  raw\n\ttext""", 0)\n',
            id="a text of several lines",
        ),
        pytest.param(b"f = g = 1\nf(x)", b"f = g = 1\ng(x, 0)", id="no last line end"),
    ],
)
def test_every_other_byte_stays(apply, before, after):
    code, _, changed = apply("replace `f($X)` with `g($X, 0)`", {"a.py": before})
    assert (code, changed) == (0, {"a.py": after})


def test_a_glob_selects_the_files(apply):
    code, _, changed = apply(
        "replace `f($X)` with `f($X, 0)` in `src/**`",
        {"src/a/b.py": "f = 1\nf(1)\n", "lib/a.py": "f = 1\nf(1)\n"},
    )
    assert (code, changed) == (0, {"src/a/b.py": b"f = 1\nf(1, 0)\n"})
