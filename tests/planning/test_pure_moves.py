"""Goals of renames: a move and nothing else, or work for a model."""

import pytest

from codeorch.planning.pure_moves import is_pure_move

OLD, NEW = "shop/util.py", "shop/lib/helpers.py"


@pytest.mark.parametrize(
    "goal",
    [
        "",
        "Move shop/util.py to shop/lib/helpers.py.",
        "Rename `util.py` to `helpers.py` in shop/lib/.",
        "Just move this file to its new location; its content stays the same.",
        "Move the module util to the package shop.lib as helpers, nothing else changes",
        "git mv shop/util.py shop/lib/helpers.py",
        "Move it, without any change of its content.",
        "The file is renamed. Don't change the code.",
        "This file moves. Do not touch its text.",
        "Moved verbatim.",
    ],
)
def test_a_move_and_nothing_else(goal):
    assert is_pure_move(goal, OLD, NEW)


@pytest.mark.parametrize(
    "goal",
    [
        "Move util.py to lib/helpers.py and mend its imports.",
        "Rename the file, and the class Util in it to Helpers.",
        "Move it. Its relative imports get one more dot.",
        "Move the file and change its content.",
        "Move it; do not change anything but the imports.",
        "Move it without other changes, then add a docstring.",
        "Leave the code as it is, update the header.",
        "Nach shop/lib verschieben.",
        "util_two moves",
    ],
)
def test_whatever_else_is_said_needs_a_model(goal):
    assert not is_pure_move(goal, OLD, NEW)
