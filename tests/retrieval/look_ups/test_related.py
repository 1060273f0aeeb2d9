"""Related files: tests, what changed together, what is built alike, users."""

from codeorch.retrieval import read_snapshot
from codeorch.retrieval.look_ups import companions_of
from codeorch.retrieval.snapshot import index_of


def test_tests_users_and_companions(look):
    def companions(path):
        assert path == "shop/cart.py"
        return [("docs/use.rst", 3), ("gone.py", 2)], 5

    assert look(companions=companions)("related", path="shop/cart.py") == (
        "tests by name:\n  tests/test_cart.py\n"
        "changed with it, of 5 commits:\n  docs/use.rst (3)\n"
        "used by:\n  shop/bill.py (Cart, Bag)\n  shop/__init__.py (Cart)\n"
        "tests that use it:\n  tests/test_cart.py (Cart)"
    )


def test_files_built_alike_are_named_with_what_they_share(look):
    def source(name):
        return (
            f"from .base import Source\n\n\nclass {name}(Source):\n    def _read(self): ...\n"
            "    def _parse(self): ...\n    def __repr__(self): ...\n"
        )

    files = {
        "p/base.py": "class Source: ...\n",
        "p/json.py": source("Json"),
        "p/toml.py": source("Toml"),
        "p/other.py": "def f(): ...\n",
    }
    answer = look(files)("related", path="p/json.py")
    assert "p/toml.py (has " in answer
    assert "p/other.py" not in answer


def test_nothing_related_is_said(look):
    answer = look({"a.py": "", "b.md": "x\n"})("related", path="a.py")
    assert answer == "Nothing in the repository is related to a.py."
    assert look()("related", path="shop").startswith("shop is a folder")


def test_companions_come_from_past_commits(make_repo):
    repo = make_repo({"a.py": "1\n", "b.py": "1\n", "CHANGES.md": "1\n", "c.py": "1\n"})
    for turn, names in enumerate(
        [("a.py", "b.py", "CHANGES.md")] * 3 + [("c.py", "CHANGES.md")] * 9
    ):
        for name in names:
            (repo.root / name).write_text(f"{turn} {name}\n")
        repo.git.run("commit", "--quiet", "--all", "--message", f"turn {turn}")
    commit = repo.resolve("HEAD")
    read_snapshot(repo, commit)
    past = index_of(repo, commit).past(commit, 100)
    found, commits = companions_of(past.commits, past.touched)("a.py")
    assert commits == 4
    assert found[:2] == [("b.py", 4), ("CHANGES.md", 4)]
