"""The process tree is read while processes come and go."""

import os
import subprocess
import sys

import pytest

from codeorch.sandbox import process_tree
from codeorch.sandbox.process_tree import descendants


def test_a_process_that_ends_meanwhile_is_no_failure(tmp_path, monkeypatch):
    """Between the listing of /proc and the reading of a file in it, any process may be gone."""
    with subprocess.Popen(["sleep", "600"]) as process:
        folder = os.open(f"/proc/{process.pid}", os.O_RDONLY)
        process.kill()
    try:
        (tmp_path / "12").symlink_to(f"/proc/self/fd/{folder}")  # as it is at that moment
        with pytest.raises(ProcessLookupError):
            (tmp_path / "12/stat").stat()
        monkeypatch.setattr(process_tree, "PROC", tmp_path)
        assert process_tree.descendants(1) == []
    finally:
        os.close(folder)


def test_it_is_all_that_descends_from_a_process():
    script = (
        "import subprocess, sys; child = subprocess.Popen(['sleep', '600']);"
        "print(child.pid, flush=True); child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        grandchild = int(parent.stdout.readline())
        try:
            assert set(descendants(os.getpid())) >= {parent.pid, grandchild}
            assert descendants(parent.pid) == [grandchild]
            assert descendants(grandchild) == []
        finally:
            os.kill(grandchild, 9)
