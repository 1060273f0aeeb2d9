"""Which file an answer is for, by the names in its headers."""

import pytest

from codeorch.edits import Refusal, apply_answer

TEXT = "old = 1\nrest = 2\n"
ENDS = (".bak", ".orig", ".old", ".new", ".before", "~")


def edit(old, new):
    return f"--- a/{old}\n+++ b/{new}\n@@ -1,2 +1,2 @@\n-old = 1\n+new = 1\n rest = 2\n"


@pytest.mark.parametrize("end", ENDS)
def test_a_file_that_has_the_name_of_a_copy_is_edited(end):
    path = f"conf/x{end}"
    assert apply_answer(TEXT, edit(path, path), path) == "new = 1\nrest = 2\n"


@pytest.mark.parametrize("end", ENDS)
def test_the_name_of_a_copy_means_the_file(end):
    assert apply_answer(TEXT, edit(f"x{end}", "x"), "x") == "new = 1\nrest = 2\n"


@pytest.mark.parametrize("end", ENDS)
def test_the_file_is_not_its_copy(end):
    with pytest.raises(Refusal, match="it is for"):
        apply_answer(TEXT, edit("x", "x"), f"x{end}")
