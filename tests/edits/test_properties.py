"""What holds for any text: true diffs give the truth, refusals are the only errors."""
# ruff: noqa: E501 - a row of a table is one line

import difflib

from hypothesis import example, given
from hypothesis import strategies as st

from codeorch.edits import Refusal, apply_answer, paths_in

LINE = st.sampled_from(
    [
        "",
        "}",
        "a",
        "b",
        "    return 1",
        "  x = 2",
        "\ty",
        "-- note",
        "++ i",
        "@@ x",
        "# c",
        "...",
        "é",
    ]
)
LINES = st.lists(LINE, min_size=1, max_size=14)
SNIPPETS = st.sampled_from(
    ["--- a/f\n", "+++ b/f\n", "@@\n", "@@ -1,2 +1,2 @@\n", "```diff\n", "```\n", "+a\n", "-a\n", " b\n",
     "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "*** Begin Patch\n", "*** Update File: f\n",
     "*** End Patch\n", "\\ No newline at end of file\n", "...\n", "\n", "+\tx\n", "-    return 1\n", "1\ta\n",
     "diff --git a/f b/f\n", "rename to f\n", "&lt;\n", "\r", "\x00", "\ufeff", "\u2028", "a"]
)  # fmt: skip


def text(lines):
    return "".join(f"{line}\n" for line in lines)


def refused(base, answer):
    try:
        apply_answer(base, answer, "f")
    except Refusal as refusal:
        return refusal
    return None


def true_diff(base, truth, context):
    lines = difflib.unified_diff(base, truth, "a/f", "b/f", n=context, lineterm="")
    return "".join(f"{line}\n" for line in lines)


@given(LINES, LINES, st.integers(min_value=0, max_value=4))
def test_a_true_diff_gives_the_truth_or_is_refused(base, truth, context):
    """With little context among equal lines a refusal is right; another text never is."""
    try:
        result = apply_answer(text(base), true_diff(base, truth, context), "f")
    except Refusal:
        return
    assert result == text(truth)


@given(st.data(), st.integers(min_value=0, max_value=5))
def test_a_true_diff_of_distinct_lines_is_never_refused(data, context):
    base = [f"line {n} of the file" for n in range(data.draw(st.integers(3, 20)))]
    at = data.draw(st.integers(0, len(base) - 1))
    end = data.draw(st.integers(at + 1, len(base)))
    truth = [*base[:at], *(f"new {n}" for n in range(data.draw(st.integers(0, 4)))), *base[end:]]
    if truth:
        assert apply_answer(text(base), true_diff(base, truth, context), "f") == text(truth)


@given(LINES, LINES)
def test_an_edit_applied_twice_changes_nothing_or_is_refused(base, truth):
    diff = true_diff(base, truth, 3)
    try:
        once = apply_answer(text(base), diff, "f")
        twice = apply_answer(once, diff, "f")
    except Refusal:
        return
    assert twice != text(base)


@given(LINES, st.lists(SNIPPETS, max_size=14).map("".join))
@example(["a"], "@@ -1,1 +1,1 @@\n")
@example([""], "@@\n+++ b/f\n...\n")
@example(["a"], "--- a/f\n+++ b/f\n")
def test_nothing_but_a_refusal_comes_of_any_answer(base, answer):
    refusal = refused(text(base), answer)
    assert refusal is None or (refusal.code and refusal.brief and "\n" not in refusal.brief)
    paths_in(answer)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_nothing_but_a_refusal_comes_of_any_text(base, answer, path):
    try:
        apply_answer(base, answer, path)
    except Refusal:
        return


@given(LINES, st.integers(min_value=0, max_value=13), st.sampled_from(["\n", "\r\n", "\r"]))
def test_lines_outside_of_a_hunk_stay_byte_for_byte(base, at, end):
    at %= len(base)
    whole = "".join(f"{line}{end}" for line in base)
    try:
        result = apply_answer(
            whole, f"@@ -{at + 1} +{at + 1} @@\n-{base[at]}\n+new line here\n", "f"
        )
    except Refusal:
        return
    changed = [*base[:at], "new line here", *base[at + 1 :]]
    assert result == "".join(f"{line}{end}" for line in changed)
