"""What is rendered, real git applies and unidiff reads."""
# ruff: noqa: E501 - a row of a table is one line

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import FilePatch
from codeorch.edits import apply_answer, paths_in, render

NUMBERS = "".join(f"{n}\n" for n in range(30)).encode()

PATCHES = {
    "edit": FilePatch(path="a.py", before=NUMBERS, after=NUMBERS.replace(b"7\n", b"seven\n")),
    "two hunks": FilePatch(path="a.py", before=NUMBERS, after=NUMBERS[4:-6]),
    "create": FilePatch(path="d/new.py", before=None, after=b"x\n"),
    "create executable": FilePatch(path="run", before=None, after=b"#!\n", mode=0o100755),
    "create empty": FilePatch(path="empty", before=None, after=b""),
    "delete": FilePatch(path="a.py", before=b"x\ny\n", after=None),
    "delete empty": FilePatch(path="a.py", before=b"", after=None),
    "empty a file": FilePatch(path="a.py", before=b"x\n", after=b""),
    "fill a file": FilePatch(path="a.py", before=b"", after=b"x\n"),
    "rename": FilePatch(path="b.py", old_path="a.py", before=b"x\n", after=b"x\n"),
    "rename and edit": FilePatch(path="b.py", old_path="a.py", before=NUMBERS, after=NUMBERS[2:]),
    "newline lost": FilePatch(path="a.py", before=b"x\ny\n", after=b"x\ny"),
    "newline gained": FilePatch(path="a.py", before=b"x\ny", after=b"x\ny\n"),
    "no newline at all": FilePatch(path="a.py", before=b"x\ny", after=b"z\ny"),
    "carriage returns": FilePatch(path="a.py", before=b"x\r\ny\r\n", after=b"x\r\nz\r\n"),
    "lone carriage return": FilePatch(path="a.py", before=b"x\ry\nz\n", after=b"x\ry\nq\n"),
    "byte order mark": FilePatch(path="a.py", before=b"\xef\xbb\xbfx\ny\n", after=b"\xef\xbb\xbfz\ny\n"),
    "spaces": FilePatch(path="a b/c d.py", before=b"x\n", after=b"y\n"),
    "quotes": FilePatch(path='q"\\.py', before=b"x\n", after=b"y\n"),
    "accents": FilePatch(path="ü/é.py", before="é\n".encode(), after="è\n".encode()),
    "form feed": FilePatch(path="a.py", before=b"x\x0cy\n", after=b"x\x0cz\n"),
}  # fmt: skip


def git_takes(patch, diff, folder):
    old = folder / (patch.old_path or patch.path)
    subprocess.run(["git", "init", "-q", folder], check=True)
    if patch.before is not None:
        old.parent.mkdir(parents=True, exist_ok=True)
        old.write_bytes(patch.before)
        old.chmod(patch.mode & 0o777)
    for check in (["--check"], []):
        subprocess.run(
            ["git", "-c", "core.autocrlf=false", "apply", *check, "-"],
            input=diff.encode(), cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
    new = folder / patch.path
    return new.read_bytes() if new.exists() else None


@pytest.mark.parametrize("name", PATCHES)
def test_git_applies_a_rendered_patch_to_the_byte(name, tmp_path):
    patch = PATCHES[name]
    assert git_takes(patch, render(patch), tmp_path) == patch.after


@pytest.mark.parametrize("name", PATCHES)
def test_the_names_of_a_rendered_patch_are_its_paths(name):
    patch = PATCHES[name]
    assert set(paths_in(render(patch))) == {patch.path, patch.old_path or patch.path}


def test_a_binary_file_is_only_mentioned():
    patch = FilePatch(path="a.png", before=b"\0\1", after=b"\0\2")
    assert render(patch).endswith("Binary files a/a.png and b/a.png differ\n")


LINES = st.lists(st.sampled_from(["", "a", "b", "  c", "}", "long line of text"]), max_size=12)


@given(LINES, LINES)
def test_what_is_rendered_applies(before, after):
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    patch = FilePatch(path="a.py", before=old.encode(), after=new.encode())
    if old and new and old != new:
        assert apply_answer(old, render(patch), "a.py") == new
