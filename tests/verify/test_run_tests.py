"""Real projects, real commits, real runs. The fast ones count by unittest, which starts quickly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codeorch.domain import SourceFile
from codeorch.sandbox import NoSandbox, ResourceLimits
from codeorch.source import parse_file
from codeorch.verify.command import TestCommand, find_test_command
from codeorch.verify.project import Project
from codeorch.verify.run_tests import baseline, verify
from codeorch.verify.test_setup import TestSetup

GOOD = "def add(a, b):\n    return a + b\n"
BAD = "def add(a, b):\n    return a + abs(b)\n"
TESTS = """
import unittest
from calc import add

class AddTest(unittest.TestCase):
    def test_small(self):
        self.assertEqual(add(1, 2), 3)

    def test_negative(self):
        self.assertEqual(add(1, -2), -1)
"""
UNITTEST = TestCommand(argv=(sys.executable, "-m", "unittest"), runner="unittest", reason="")
_BARE = ("/usr/bin/env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1")  # plugins take half a second to load
PYTEST = TestCommand(argv=(*_BARE, sys.executable, "-m", "pytest"), runner="pytest", reason="")


@pytest.fixture
def project(make_repo, run_git):
    """A repository, and a way to commit changes to it: text, or None to remove."""

    def make(files):
        repo = make_repo(files)

        def change(**contents):
            for name, text in contents.items():
                path = repo.root / f"{name}.py"
                path.unlink() if text is None else path.write_text(text)
            run_git(repo.root, "add", "-A")
            run_git(repo.root, "commit", "-q", "--allow-empty", "-m", "change")
            commit = run_git(repo.root, "rev-parse", "HEAD")
            run_git(repo.root, "checkout", "-q", "HEAD^", "--detach")
            return commit

        return repo, repo.resolve("HEAD"), change

    return make


def setup_of(sandbox, command=UNITTEST, **more):
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    return TestSetup(command=command, sandbox=sandbox, variables=variables, reruns=1, **more)


def test_a_good_change_is_verified(any_sandbox, project):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": TESTS})
    result = change(calc=GOOD + "\n\ndef sub(a, b):\n    return a - b\n")
    verdict = verify(repo, base, result, setup_of(any_sandbox))
    assert (verdict.status, verdict.reason) == ("verified", "tests passed: 2, as before")
    assert verdict.protection == any_sandbox.name
    assert verdict.command == UNITTEST.argv
    unsafe = ("UNSAFE: the tests ran without a sandbox",) if any_sandbox == NoSandbox() else ()
    assert tuple(notice.partition(";")[0] for notice in verdict.notices) == unsafe


def test_a_bad_change_is_broken(any_sandbox, project):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": TESTS})
    verdict = verify(repo, base, change(calc=BAD), setup_of(any_sandbox))
    assert (verdict.status, verdict.reason) == (
        "broken",
        "1 test newly failing: test_calc.AddTest.test_negative",
    )
    assert verdict.evidence.startswith("=====")
    assert verdict.evidence.endswith("AssertionError: 3 != -1")
    assert 'File "test_calc.py", line 10' in verdict.evidence


def test_a_known_baseline_is_not_run_again(quick, project):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": TESTS})
    before = baseline(repo, base, setup_of(quick))
    assert (before.passed, before.failed, before.green) == (2, 0, True)
    verdict = verify(repo, base, change(calc=BAD), setup_of(quick), before)
    assert verdict.before is before


def test_the_user_s_tree_is_neither_tested_nor_touched(any_sandbox, project, run_git):
    repo, base, _ = project({"calc.py": GOOD, "test_calc.py": TESTS})
    (repo.root / "calc.py").write_text("an unsaved thought")
    (repo.root / "test_more.py").write_text("raise SystemExit('this is not in the commit')")
    before = _snapshot(repo.root)
    assert baseline(repo, base, setup_of(any_sandbox)).green
    assert _snapshot(repo.root) == before
    assert run_git(repo.root, "worktree", "list").count("\n") == 0


def _snapshot(folder):
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_tests_find_a_git_repository_of_their_own(any_sandbox, project):
    tests = """
import subprocess, unittest

class GitTest(unittest.TestCase):
    def test_git(self):
        log = subprocess.run(["git", "log", "--format=%s"], capture_output=True, text=True).stdout
        status = subprocess.run(["git", "status", "-s"], capture_output=True, text=True).stdout
        self.assertEqual((log, status), ("checkout\\n", ""))
"""
    repo, base, _ = project(
        {"test_git.py": tests, ".gitignore": "__pycache__\n*.txt\n", "a.txt": ""}
    )
    run = baseline(repo, base, setup_of(any_sandbox))
    assert run.green, run.log


def test_edits_to_what_judges_a_change_are_told(quick, project):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": TESTS, "noxfile.py": ""})
    tests = TESTS.replace("add(1, 2), 3", "add(1, 2), 1 + 2")
    verdict = verify(repo, base, change(test_calc=tests, noxfile="#"), setup_of(quick))
    assert verdict.status == "verified"
    assert verdict.notices[-2:] == (
        "the change edits tests: test_calc.py",
        "the change edits test or lint configuration: noxfile.py",
    )


def test_a_deleted_test_file_does_not_pass_for_proof(quick, project):
    files = {"calc.py": GOOD, "test_calc.py": TESTS, "test_b.py": TESTS.replace("Add", "B")}
    repo, base, change = project(files)
    verdict = verify(repo, base, change(test_b=None), setup_of(quick))
    assert (verdict.status, verdict.reason) == (
        "broken",
        "2 tests not run any more: test_b.BTest.test_negative, test_b.BTest.test_small",
    )


def test_a_change_that_hangs_is_stopped_and_broken(quick, project):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": TESTS})
    result = change(calc="import time\ntime.sleep(600)\n" + GOOD)
    before = baseline(repo, base, setup_of(quick))
    verdict = verify(repo, base, result, setup_of(quick, limits=ResourceLimits(time_s=1)), before)
    assert verdict.status == "broken"
    assert "limit on time" in verdict.reason
    assert verdict.after.stopped_by == "time"


def test_the_setup_command_prepares_the_checkout(safe_sandbox, project):
    repo, base, _ = project({"test_calc.py": TESTS})
    setup = f"printf '{GOOD.encode('unicode_escape').decode()}' > calc.py"
    assert baseline(repo, base, setup_of(safe_sandbox, setup_command=setup)).green


def test_when_the_setup_fails_nothing_is_proven(quick, project):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": TESTS})
    verdict = verify(
        repo, base, change(), setup_of(quick, setup_command="echo no such package; exit 9")
    )
    assert (verdict.status, verdict.reason) == (
        "no_tests",
        "the tests did not start (the setup command failed with exit code 9)",
    )
    assert "no such package" in verdict.after.log


def test_what_the_tests_cannot_find_is_named(quick, project):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": "import nowhere_to_be_found\n"})
    verdict = verify(repo, base, change(), setup_of(quick))
    assert verdict.status == "red"
    assert "the tests cannot find nowhere_to_be_found" in verdict.notices[-1]


def _first(files):
    return {path: parse_file(path, text.encode()) for path, text in files.items()}


FAR = "import unittest\n\nclass FarTest(unittest.TestCase):\n    def test_far(self): pass\n"


@pytest.mark.parametrize("good", [True, False])
def test_the_closest_tests_run_first_and_all_only_if_they_hold(quick, project, good):
    files = {"calc.py": GOOD, "test_calc.py": TESTS, "test_far.py": FAR}
    repo, base, change = project(files)
    result = change(calc=GOOD + "# more\n" if good else BAD)
    verdict = verify(repo, base, result, setup_of(quick, base_files=_first(files)))
    assert verdict.before.tests.keys() >= {"test_far.FarTest.test_far"}
    assert ("test_far.FarTest.test_far" in verdict.after.tests) is good
    if good:
        assert (verdict.status, verdict.reason) == ("verified", "tests passed: 3, as before")
    else:
        assert verdict.broken == ("test_calc.AddTest.test_negative",)
        assert verdict.reason.endswith("(only the closest tests were run)")


def test_a_test_far_away_that_breaks_is_found_all_the_same(quick, project):
    far = FAR.replace("pass", "self.assertNotIn('abs', open('calc.py').read())")
    near = "from calc import add\n" + FAR.replace("Far", "Near")
    files = {"calc.py": GOOD, "test_near.py": near, "test_far.py": far}
    repo, base, change = project(files)
    verdict = verify(repo, base, change(calc=BAD), setup_of(quick, base_files=_first(files)))
    assert verdict.broken == ("test_far.FarTest.test_far",)
    assert verdict.after.passed == 1


def test_tests_that_want_the_network_are_told_how_to_get_it(quick, project):
    if quick == NoSandbox():
        pytest.skip("no sandbox keeps the network from tests here")
    tests = "import socket\nsocket.create_connection(('example.org', 80), timeout=5)\n"
    repo, base, change = project({"test_net.py": tests})
    verdict = verify(repo, base, change(calc=GOOD), setup_of(quick))
    assert verdict.notices[-1].endswith("--test-network lets them use it")


# ------------------------------------------------------------------------------- with pytest

PYTEST_TESTS = """
import pytest
from calc import add

@pytest.mark.parametrize("b", [2, -2])
def test_add(b):
    assert add(1, b) == 1 + b

class TestOther:
    def test_zero(self):
        assert add(0, 0) == 0
"""


def test_pytest_s_tests_are_told_apart_by_name(bubblewrap, project):
    repo, base, change = project({"calc.py": GOOD, "tests/test_calc.py": PYTEST_TESTS})
    verdict = verify(repo, base, change(calc=BAD), setup_of(bubblewrap, PYTEST))
    assert verdict.status == "broken"
    assert verdict.broken == ("tests/test_calc.py::test_add[-2]",)
    assert verdict.before.tests["tests/test_calc.py::TestOther::test_zero"] == "passed"
    assert verdict.flaky == ()


def _shaky(counter, falls):
    """A test that fails the time that a counter outside says: chance, made certain."""
    counter.write_text("")
    return f"""
import unittest
from pathlib import Path

class ShakyTest(unittest.TestCase):
    def test_steady(self):
        pass

    def test_shaky(self):
        counter = Path({str(counter)!r})
        counter.write_text(counter.read_text() + "x")
        self.assertNotEqual(len(counter.read_text()), {falls})
"""


@pytest.mark.parametrize("falls", [1, 2], ids=["on the base", "on the result"])
def test_a_test_that_fails_by_chance_is_called_flaky(unsafe, project, tmp_path, falls):
    shaky = _shaky(tmp_path / "counter", falls)
    repo, base, change = project({"test_x.py": shaky, "calc.py": GOOD})
    verdict = verify(repo, base, change(calc=GOOD + "\n"), setup_of(unsafe))
    assert (verdict.status, verdict.broken) == ("verified", ())
    assert verdict.flaky == ("test_x.ShakyTest.test_shaky",)


def test_a_test_that_fails_only_among_others_is_no_flaky_one(quick, project):
    tests = """
import state, unittest

class StateTest(unittest.TestCase):
    def test_a(self):
        state.touch()

    def test_b(self):
        self.assertEqual(state.seen, [])
"""
    repo, base, change = project({"state.py": "seen = []\ndef touch(): pass\n", "test_s.py": tests})
    result = change(state="seen = []\ndef touch(): seen.append(1)\n")
    verdict = verify(repo, base, result, setup_of(quick))
    assert (verdict.status, verdict.broken) == ("broken", ("test_s.StateTest.test_b",))


def _install_in_place(folder, source):
    """Make a virtual environment with one package installed in place, as pip does."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(folder)],
        check=True,
    )
    checkout = next(folder.glob("lib/python*/site-packages"))
    (checkout / "__editable__.box-1.0.pth").write_text(f"{source}\n")
    here = Path(pytest.__file__).parents[1]  # where this run's own pytest is installed
    (checkout / "zz-pytest.pth").write_text(f"{here}\n")


def test_a_package_installed_in_place_is_tested_as_in_the_commit(safe_sandbox, project):
    repo, base, change = project(
        {
            "src/box/__init__.py": "SIZE = 1\n",
            "tests/test_box.py": "import box\n\ndef test_size():\n    assert box.SIZE == 1\n",
            ".gitignore": ".venv\n",
            "pytest.ini": "[pytest]\naddopts = --import-mode=importlib\n",
        }
    )
    _install_in_place(repo.root / ".venv", repo.root / "src")
    result = change()
    (repo.root / "src/box/__init__.py").write_text("SIZE = 'the user is just editing this'\n")
    files = {"pytest.ini": SourceFile(path="pytest.ini", text="")}
    command = find_test_command(Project(files=files, folder=repo.root))
    assert command.argv[0] == str(repo.root / ".venv/bin/python")
    # The command's own start would put the folder first; a bare pytest does not.
    argv = (*_BARE, command.argv[0], "-P", *command.argv[1:])
    bare = TestCommand(argv=argv, runner="pytest", reason="")
    verdict = verify(repo, base, result, setup_of(safe_sandbox, bare))
    assert verdict.status == "verified", verdict.after.log


def test_a_green_baseline_is_kept_and_a_red_one_is_not(quick, project, tmp_path):
    repo, base, change = project({"calc.py": GOOD, "test_calc.py": TESTS})
    kept = setup_of(quick, baseline_folder=tmp_path / "cache")
    first = baseline(repo, base, kept)
    assert baseline(repo, base, kept) == first  # to the microsecond: it is the same run
    bad = change(calc=BAD)
    assert not baseline(repo, bad, kept).green
    assert len(list((tmp_path / "cache").iterdir())) == 1


EXAMPLES = """
import pathlib
import pytest

def blocks():
    lines = pathlib.Path("guide.md").read_text().split("\\n")
    fences = [n for n, line in enumerate(lines, 1) if line.startswith("```")]
    return [f"guide.md:{a}-{b}" for a, b in zip(fences[::2], fences[1::2])]

@pytest.mark.parametrize("place", blocks())
def test_example(place):
    assert False

def test_good():
    pass
"""
GUIDE = "# Guide\n\n```\none\n```\n\nText.\n\n```\ntwo\n```\n"


def test_a_second_round_knows_moved_examples_as_well_as_the_first(project, quick):
    repo, base, change = project({"test_guide.py": EXAMPLES, "guide.md": GUIDE})

    def moved(lines):
        (repo.root / "guide.md").write_text("Words.\n" * lines + GUIDE)
        return change()

    setup = setup_of(quick, PYTEST)
    first = verify(repo, base, moved(3), setup)
    second = verify(repo, base, moved(5), setup, first.before)
    assert (first.status, second.status) == ("no_worse", "no_worse")
    own = {f"test_guide.py::test_example[guide.md:{place}]" for place in ("3-5", "9-11")}
    assert set(second.before.tests) == own | {"test_guide.py::test_good"}
