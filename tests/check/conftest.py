"""Real sandboxes for the tests of check; those that this machine lacks are skipped, and say so."""

import os
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

from codeorch.check.python import Python
from codeorch.check.sandbox import Bind, Limits, Room
from codeorch.check.sandbox import landlock as landlock_calls
from codeorch.check.sandbox.bubblewrap import Bubblewrap
from codeorch.check.sandbox.guarded import Restricted, Unsafe
from codeorch.check.sandbox.ladder import pick
from codeorch.errors import UserError

PATH = os.environ.get("PATH", os.defpath)


@cache
def _working_bubblewrap():
    program = shutil.which("bwrap")
    try:
        return pick([Bubblewrap(program=program)] if program else [], search_path=PATH)
    except UserError:
        return None


def _bubblewrap():
    return _working_bubblewrap() or pytest.skip("bubblewrap is not installed, or not allowed here")


def _restricted():
    if landlock_calls.abi() < landlock_calls.LEAST_ABI:
        pytest.skip("this kernel's Landlock is missing or too old")
    return Restricted()


_RUNGS = {"bubblewrap": _bubblewrap, "landlock": _restricted, "unsafe": Unsafe}


@pytest.fixture(params=("bubblewrap", "landlock", "unsafe"))
def any_sandbox(request):
    return _RUNGS[request.param]()


@pytest.fixture(params=("bubblewrap", "landlock"))
def safe_sandbox(request):
    return _RUNGS[request.param]()


@pytest.fixture
def bubblewrap():
    return _bubblewrap()


@pytest.fixture
def landlock():
    return _restricted()


@pytest.fixture
def unsafe():
    return Unsafe()


@pytest.fixture
def quick():
    """The sandbox that costs least, for tests that are about something else."""
    return _working_bubblewrap() or Unsafe()


@pytest.fixture
def run_python(tmp_path):
    """Run a script in a sandbox, in a fresh folder, with the interpreter that runs the tests."""
    python = Python(program=Path(sys.executable), why="")
    folder = tmp_path / "scratch"
    folder.mkdir()
    binds = tuple(Bind(source=path, target=path) for path in python.folders())

    def run(sandbox, script, *args, limits=None, **room):
        room = Room(**{"folder": folder, "binds": binds, "env": {"PATH": PATH}, **room})
        argv = (sys.executable, "-I", "-S", "-c", script, *map(str, args))
        return sandbox.run(argv, room, limits or Limits(time_s=60))

    return run
