import os

import pytest

from codeorch.errors import UserError
from codeorch.sandbox import choose
from codeorch.sandbox.bubblewrap import Bubblewrap
from codeorch.sandbox.landlock_sandbox import Unsafe
from codeorch.sandbox.selection import pick

PATH = os.environ.get("PATH", os.defpath)


@pytest.fixture
def broken(tmp_path):
    """A bubblewrap that may not make name spaces, as on many machines."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    program.chmod(0o755)
    return Bubblewrap(program=str(program))


def test_bubblewrap_comes_first(bubblewrap):
    assert choose({"PATH": PATH}).name == bubblewrap.name


def test_a_rung_that_does_not_hold_is_left_out(broken, landlock):
    missing = Bubblewrap(program="/nowhere/bwrap")
    assert pick([missing, broken, landlock], search_path=PATH) is landlock


def test_without_any_protection_tests_are_refused_and_the_ways_out_named(broken):
    with pytest.raises(UserError, match="no sandbox works") as caught:
        pick([broken], search_path=PATH)
    for way in ("bubblewrap", "--no-test", "--unsafe-tests"):
        assert way in caught.value.hint


def test_only_the_user_can_allow_to_go_without(broken):
    sandbox = pick([broken], search_path=PATH, unsafe=True)
    assert sandbox == Unsafe()
    assert sandbox.name == "none (unsafe)"
    assert sandbox.gaps


def test_every_rung_says_what_it_leaves_open(any_sandbox):
    assert bool(any_sandbox.gaps) == (any_sandbox.name != "isolated (bubblewrap)")
