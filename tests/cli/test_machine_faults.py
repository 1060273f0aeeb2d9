"""What the machine lacks costs one line at most: nothing is lost, and no traceback is shown."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codeorch.cli import main
from codeorch.errors import ServiceError

pytestmark = pytest.mark.system

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": "def total(cart):\n    return sum(cart)\n",
    "tests/__init__.py": "",
    "tests/test_cart.py": (
        "import unittest\n\nfrom shop.cart import total\n\n\nclass CartTest(unittest.TestCase):\n"
        "    def test_total(self):\n        self.assertEqual(total([1]), 1)\n"
    ),
}
RENAME = "rename function total to amount"
SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def repo(make_repo):
    return make_repo(FILES)


def branches(repo, run_git):
    return run_git(repo.root, "branch", "--list", "codeorch/*").split()


def call(repo, *args, **given):
    """Run the real program; standard streams and limits as given."""
    env = {**os.environ, "PYTHONPATH": str(SRC), **given.pop("env", {})}
    argv = (sys.executable, "-m", "codeorch", *args)
    return subprocess.run(argv, cwd=repo.root, env=env, check=False, **given)


APPLY = ("apply", "--no-test", RENAME)


@pytest.mark.parametrize("closed", [(2,), (1,), (0, 1, 2)], ids=str)
def test_a_closed_stream_changes_nothing(repo, run_git, closed):
    def close():
        for number in closed:
            os.close(number)

    process = call(repo, *APPLY, preexec_fn=close)
    assert process.returncode == 0
    assert len(branches(repo, run_git)) == 1


def test_a_full_standard_error_changes_nothing(repo, run_git):
    with Path("/dev/full").open("w") as full:
        process = call(repo, *APPLY, stderr=full, stdout=subprocess.DEVNULL)
    assert process.returncode == 0
    assert len(branches(repo, run_git)) == 1


def test_a_report_that_cannot_be_written_is_one_line(repo, run_git):
    with Path("/dev/full").open("w") as full:
        process = call(repo, *APPLY, stdout=full, stderr=subprocess.PIPE, text=True)
    assert process.returncode == 0
    assert "the report cannot be written: No space left on device" in process.stderr
    assert "codeorch show" in process.stderr
    assert "Traceback" not in process.stderr
    assert len(branches(repo, run_git)) == 1


def test_a_reader_that_went_away_ends_quietly(repo, run_git):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        process = call(repo, *APPLY, stdout=gone, stderr=subprocess.PIPE, text=True)
    assert process.returncode == 141
    assert "Traceback" not in process.stderr
    assert "internal error" not in process.stderr
    assert len(branches(repo, run_git)) == 1


@pytest.mark.parametrize("kilobytes", [0, 2, 4])
def test_no_room_for_files_is_one_line(repo, run_git, kilobytes):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, kilobytes << 10))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = call(repo, *APPLY, preexec_fn=limit, capture_output=True, text=True)
    assert "Traceback" not in process.stdout + process.stderr
    assert "internal error" not in process.stderr
    assert process.returncode or branches(repo, run_git)
    if process.returncode:
        assert "File too large" in process.stderr
    assert run_git(repo.root, "status", "--porcelain") == ""
    assert "error" not in run_git(repo.root, "fsck", "--no-dangling")


def test_no_git_is_one_line(repo):
    process = call(repo, *APPLY, env={"PATH": "/nonexistent"}, capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stderr.startswith("codeorch: git is not found on PATH\n")


def test_objects_that_are_pruned_meanwhile_are_written_again(repo, run_git, monkeypatch, capsys):
    monkeypatch.chdir(repo.root)
    prune = f"git -C '{repo.root}' gc --quiet --prune=now"
    tests = f"{prune} && {sys.executable} -m unittest -q"
    assert main(["apply", RENAME, "--unsafe-tests", "--test-cmd", tests]) == 0
    assert "Traceback" not in capsys.readouterr().err
    (branch,) = branches(repo, run_git)
    run_git(repo.root, "fsck", "--strict")
    assert "amount" in run_git(repo.root, "show", f"{branch}:shop/cart.py")


def test_what_git_cannot_do_is_not_judged_twice(repo, run_git, monkeypatch, capsys):
    judged = []

    def fail(*_args):
        judged.append(1)
        raise ServiceError("git worktree failed", kind="git", retryable=False)

    monkeypatch.chdir(repo.root)
    monkeypatch.setattr("codeorch.pipeline.stages.judge", fail)
    assert main(["apply", RENAME, "--unsafe-tests"]) == 1
    assert "git worktree failed" in capsys.readouterr().err
    assert (len(judged), branches(repo, run_git)) == (1, [])


DEEP = (
    "import os\nhere = os.getcwd()\nfor _ in range(5000):\n    os.mkdir('d')\n    os.chdir('d')\n"
    "os.chdir(here)\n"
)


def test_tests_may_leave_folders_of_any_depth(make_repo, run_git, monkeypatch, tmp_path):
    body = "".join(f"        {line}\n" for line in DEEP.splitlines())
    test = f"{FILES['tests/test_cart.py']}\n    def test_deep(self):\n{body}"
    repo = make_repo({**FILES, "tests/test_cart.py": test})
    monkeypatch.chdir(repo.root)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    tests = f"{sys.executable} -m unittest -q"
    assert main(["apply", RENAME, "--unsafe-tests", "--test-cmd", tests]) == 0
    assert len(branches(repo, run_git)) == 1
    assert [path.name for path in scratch.iterdir()] == []
