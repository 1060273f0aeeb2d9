import os
from pathlib import Path

import pytest

from codeorch.errors import UserError
from codeorch.sandbox import choose_sandbox
from codeorch.sandbox.bubblewrap import BubblewrapSandbox
from codeorch.sandbox.landlock_sandbox import NoSandbox
from codeorch.sandbox.selection import first_working

PATH = os.environ.get("PATH", os.defpath)


@pytest.fixture
def broken(tmp_path):
    """A bubblewrap that may not make name spaces, as on many machines."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    program.chmod(0o755)
    return BubblewrapSandbox(program=str(program))


def test_bubblewrap_comes_first(bubblewrap):
    assert choose_sandbox({"PATH": PATH}, Path("/elsewhere")).name == bubblewrap.name


def test_a_sandbox_that_does_not_hold_is_left_out(broken, landlock):
    missing = BubblewrapSandbox(program="/nowhere/bwrap")
    assert first_working([missing, broken, landlock], search_path=PATH) is landlock


def test_without_any_protection_tests_are_refused_and_the_ways_out_named(broken):
    with pytest.raises(UserError, match="no sandbox works") as caught:
        first_working([broken], search_path=PATH)
    for way in ("bubblewrap", "--no-test", "--unsafe-tests"):
        assert way in caught.value.hint


def test_only_the_user_can_allow_to_go_without(broken):
    sandbox = first_working([broken], search_path=PATH, unsafe=True)
    assert sandbox == NoSandbox()
    assert sandbox.name == "none (unsafe)"
    assert sandbox.gaps


def test_every_sandbox_says_what_it_leaves_open(any_sandbox):
    assert bool(any_sandbox.gaps) == (any_sandbox.name != "isolated (bubblewrap)")
