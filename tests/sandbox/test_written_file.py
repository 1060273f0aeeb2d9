"""A file that a sandbox gave back is read, and nothing that stands in its place."""

import os
from pathlib import Path

import pytest

from codeorch.sandbox import read_written, remove_written


def test_a_plain_file_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_written(tmp_path / "file", 5) == b"12345"
    assert read_written(tmp_path / "file", 4) is None, "half of a file is no file"


@pytest.mark.parametrize("kind", ["nothing", "a folder", "a pipe", "a link", "a device"])
def test_nothing_else_is(tmp_path, kind):
    file, secret = tmp_path / "run/file", tmp_path / "secret"
    file.parent.mkdir()
    secret.write_bytes(b"mine")
    match kind:
        case "a folder":
            file.mkdir()
        case "a pipe":
            os.mkfifo(file)
        case "a link":
            file.symlink_to(secret)
        case "a device":
            file.symlink_to("/dev/zero")
    assert read_written(file, 100) is None


def test_no_folder_on_the_way_is_a_link(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_bytes(b"mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/reports").symlink_to(tmp_path / "mine")
    assert read_written(tmp_path / "mine/file", 100) == b"mine"
    assert read_written(tmp_path / "run/reports/file", 100) is None


def test_no_descriptor_stays_open(tmp_path):
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("file", "link/file", "pipe", "none/file"):
        read_written(tmp_path / name, 100)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_only_what_really_is_there_is_removed(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_bytes(b"mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/folder").symlink_to(tmp_path / "mine")
    (tmp_path / "run/file").symlink_to(tmp_path / "mine/file")
    for name in ("folder/file", "file", "none"):
        remove_written(tmp_path / "run" / name)
    assert (tmp_path / "mine/file").read_bytes() == b"mine"
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["folder"]
