"""A scratch folder goes, whatever a foreign program has made in it."""

import subprocess
import sys

import pytest

from codeorch.sandbox import remove_tree, scratch_folder

# Each level is entered before the next is made: the whole name would be too long for the system.
DEEP = """
import os, sys
for _ in range(int(sys.argv[1])):
    os.mkdir("folder")
    open("file", "w").close()
    os.chdir("folder")
"""


def make_deep(folder, levels):
    subprocess.run([sys.executable, "-I", "-S", "-c", DEEP, str(levels)], cwd=folder, check=True)


@pytest.mark.parametrize("levels", [1, 5_000])
def test_folders_of_any_depth_are_removed(levels):
    with scratch_folder("test") as folder:
        make_deep(folder, levels)
        assert (folder / "folder").is_dir()
    assert not folder.exists()


def test_what_nobody_may_enter_is_removed_too():
    with scratch_folder("test") as folder:
        inner = folder / "a" / "b" / "c"
        inner.mkdir(parents=True)
        (inner / "file").touch()
        for path in (inner, inner.parent, folder / "a"):
            path.chmod(0)
    assert not folder.exists()


def test_links_are_not_followed(tmp_path):
    user = tmp_path / "user"
    user.mkdir()
    (user / "kept").touch()
    mode = user.stat().st_mode
    with scratch_folder("test") as folder:
        (folder / "a").mkdir()
        for place in (folder, folder / "a"):
            (place / "link").symlink_to(user)
            (place / "loop").symlink_to(place)
    assert not folder.exists()
    assert (user / "kept").exists()
    assert user.stat().st_mode == mode


def test_many_folders_of_the_same_names(tmp_path):
    for a in "xyz":
        for b in "xyz":
            (tmp_path / "top" / a / b / a).mkdir(parents=True)
            (tmp_path / "top" / a / b / "file").touch()
    remove_tree(tmp_path / "top")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_no_error(tmp_path):
    remove_tree(tmp_path / "none")
