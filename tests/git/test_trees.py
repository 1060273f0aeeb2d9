"""Trees with edits in them, beside what git itself makes of the same files."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codeorch.git import Repo
from codeorch.git.objects import object_id
from codeorch.git.trees import Entry, TreeWriter

NAMES = st.sampled_from(["a", "a.b", "a0", "b", "ä", "z\udcff", "B"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
BLOB = object_id("blob", b"x", 40)


def _fits(paths: set[str]) -> bool:
    """Whether no path is a folder of another."""
    return not any(other.startswith(f"{path}/") for path in paths for other in paths)


FILES = st.sets(PATHS, max_size=8).filter(_fits)


def _tree(files: set[str]) -> tuple[str, dict[str, bytes]]:
    trees = TreeWriter({object_id("tree", b"", 40): b""}.__getitem__)
    empty = object_id("tree", b"", 40)
    return trees.edit(empty, {path: Entry(0o100644, BLOB) for path in files}), trees.new_trees


@given(before=FILES, after=FILES)
def test_edits_lead_to_the_tree_of_the_files(before: set[str], after: set[str]) -> None:
    start, made = _tree(before)
    trees = TreeWriter({object_id("tree", b"", 40): b"", **made}.__getitem__)

    edits: dict[str, Entry | None] = dict.fromkeys(before - after)
    edits |= {path: Entry(0o100644, BLOB) for path in after - before}

    assert trees.edit(start, edits) == _tree(after)[0]


def test_git_makes_the_same_trees(tmp_path: Path) -> None:
    repo = Repo(tmp_path, tmp_path / ".git")
    repo.git.run("init", "--quiet")
    paths = ["a/b/c", "a.txt", "a0", "ä/x", "a/b.d/e", "z"]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    repo.git.run("add", "--all")

    assert _tree(set(paths))[0] == repo.git.run("write-tree").stdout.decode().strip()


def test_a_tree_needs_only_the_folders_on_the_way() -> None:
    start, made = _tree({"a/b/c", "d/e/f", "g"})
    looked_at: list[str] = []

    def read(name: str) -> bytes:
        looked_at.append(name)
        return made[name]

    TreeWriter(read).edit(start, {"a/b/c": None})

    assert len(looked_at) == 3  # the root, a and a/b
