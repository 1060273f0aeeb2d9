"""Landed diffs, read back: the same lines as difflib sees, whatever they and their paths hold."""

import subprocess
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import FilePatch
from codeorch.edits import render
from codeorch.report.diff_view import read_diff

# What other readers take for ends of lines, for headers, or for marks.
TEXTS = st.sampled_from([
    "", "a", "b", "é", "x\x0cy", "\x0c", "x\u2028y", "x\x85y", "x\x1cy", "x\ry", "-- a", "++ b",
    "@@ -1 +1 @@", "diff --git a/x b/x", "\\ No newline at end of file", " ", "\t",
    "new file mode 100755", "Binary files a and b differ", "rename from x", "/dev/null",
])  # fmt: skip
NAMES = st.sampled_from([
    "a", "a b", "b", "ü", 'q"q', "back\\slash", "tab\there", "x b", " and b", "it's", "new\nline",
    "a.py", "old", "dev", "null", "%41", "\udcff", "e\u0301", "\u2028",
])  # fmt: skip
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def files(draw):
    """Bytes of a file, or None where there is none."""
    lines = draw(st.lists(TEXTS, max_size=12))
    text = "".join(line + draw(ENDS) for line in lines)
    if lines and draw(st.booleans()):
        text = text.rstrip("\r\n")
    return text.encode()


@st.composite
def patches(draw):
    before, after = draw(files()), draw(files())
    path = draw(PATHS)
    kind = draw(st.sampled_from(["new", "gone", "edited", "renamed"]))
    mode = draw(st.sampled_from([0o100644, 0o100755]))
    if kind == "new":
        return FilePatch(path=path, before=None, after=after, mode=mode)
    if kind == "gone":
        return FilePatch(path=path, before=before, after=None, mode=mode)
    old = draw(PATHS) if kind == "renamed" else ""
    return FilePatch(path=path, before=before, after=after, old_path="" if old == path else old)


def lines_of(data):
    """The lines of a file with their line feeds: only a line feed ends one."""
    text = (data or b"").decode()
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [
        line for line in [text.rpartition("\n")[2]] if line
    ]


def counts(before, after):
    """What difflib says: added and removed lines."""
    added = removed = 0
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            added, removed = added + d - c, removed + b - a
    return added, removed


def side(view, other):
    """The lines of one side by number: those that only the other one has are left out."""
    number = "old_number" if other == "added" else "new_number"
    return {
        getattr(line, number): line.text + ("\n" if line.has_newline else "")
        for hunk in view.hunks for line in hunk.lines if line.kind != other
    }  # fmt: skip


@given(patches())
def test_what_is_rendered_is_read_back(patch):
    (view,) = read_diff(render(patch))
    before, after = lines_of(patch.before), lines_of(patch.after)
    assert view.old_path == ("" if patch.before is None else patch.old_path or patch.path)
    assert view.new_path == ("" if patch.after is None else patch.path)
    assert (view.added, view.removed) == expected(before, after)
    for numbered, lines in ((side(view, "added"), before), (side(view, "removed"), after)):
        assert all(lines[number - 1] == text for number, text in numbered.items())
    if patch.before is None:
        assert view.new_mode == patch.mode
    if patch.after is None:
        assert view.old_mode == patch.mode
    assert not view.is_binary


def expected(before, after):
    """Common ends are no change, which difflib, that looks for the longest match, may miss."""
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return counts(before, after)


@given(st.lists(patches(), max_size=5))
def test_files_of_one_diff_are_those_of_each_diff(several):
    diffs = [render(patch) for patch in several]
    assert read_diff("".join(diffs)) == tuple(view for diff in diffs for view in read_diff(diff))


@given(patches())
def test_header_and_hunks_are_the_whole_diff(patch):
    (view,) = read_diff(render(patch))
    rows = list(view.header)
    for hunk in view.hunks:
        rows.append(hunk.header)
        for line in hunk.lines:
            rows.append(line.mark + line.text)
            rows += [] if line.has_newline else ["\\ No newline at end of file"]
    assert "".join(f"{row}\n" for row in rows) == render(patch)


@pytest.mark.parametrize(
    "patch",
    [
        FilePatch(path="a b/c b/d.png", before=b"\0\1", after=b"\0\2"),
        FilePatch(path="new.png", before=None, after=b"\0"),
        FilePatch(path="gone.png", before=b"\0", after=None),
    ],
    ids=["edited", "new", "gone"],
)
def test_binary_files_have_no_hunks(patch):
    (view,) = read_diff(render(patch))
    assert (view.path, view.is_binary, view.hunks) == (patch.path, True, ())


def test_what_git_writes_is_read_too(tmp_path, run_git):
    run_git(tmp_path, "init", "-q")
    old = {"a b/x b/y.py": b"1\n2\n", "mode.sh": b"x\n", "ü\t.txt": b"1\n", "p.png": b"\0\1" * 99}
    for name, data in old.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    run_git(tmp_path, "add", "-A")
    run_git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "a b/x b/y.py").rename(tmp_path / "z b.py")
    (tmp_path / "mode.sh").chmod(0o755)
    (tmp_path / "ü\t.txt").write_bytes(b"1\n2")
    (tmp_path / "p.png").write_bytes(b"\0\2" * 99)
    run_git(tmp_path, "add", "-A")
    args = ["git", "diff", "--cached", "-M", "--binary"]
    diff = subprocess.run(args, cwd=tmp_path, capture_output=True, check=True).stdout.decode()
    views = {view.path: view for view in read_diff(diff)}
    assert set(views) == {"z b.py", "mode.sh", "ü\t.txt", "p.png"}
    assert views["z b.py"].is_rename
    assert views["z b.py"].old_path == "a b/x b/y.py"
    assert (views["mode.sh"].old_mode, views["mode.sh"].new_mode) == (0o100644, 0o100755)
    assert (views["ü\t.txt"].added, views["ü\t.txt"].removed) == (1, 0)
    assert views["p.png"].is_binary


@pytest.mark.parametrize(
    "text",
    [
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-a\n+b\n",
        "something else\n",
    ],
    ids=["no header of git's", "a hunk that is too short", "no diff"],
)
def test_what_is_no_diff_is_refused(text):
    with pytest.raises(ValueError, match="no diff in git's format"):
        read_diff(text)


def test_an_empty_diff_has_no_files():
    assert read_diff("") == ()
