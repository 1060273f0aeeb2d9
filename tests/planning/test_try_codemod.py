from codeorch.planning import try_codemod
from codeorch.source.syntax import strings_and_comments


def test_what_a_rule_would_change_is_counted_and_shown(snapshot_of):
    told = try_codemod(
        "rename function `area` to `size_of`", 3_000, snapshot_of(), strings_and_comments
    )
    assert told.startswith("5 lines in 3 files: calc/ (")
    assert "calc/core.py:\n-def area(width, height):\n+def size_of(width, height):" in told


def test_a_rule_that_cannot_be_done_says_why(snapshot_of):
    told = try_codemod(
        "rename function `nosuch` to `b`", 3_000, snapshot_of(), strings_and_comments
    )
    assert "cannot be done" in told
    assert "is no codemod" in try_codemod("make it so", 3_000, snapshot_of(), strings_and_comments)
