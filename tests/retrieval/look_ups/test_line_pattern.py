import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.retrieval.look_ups.line_pattern import LinePattern
from codeorch.retrieval.look_ups.places import LookUpError


@pytest.mark.parametrize(
    "text",
    [r"(a+)+$", r"(a|a)*b", r"(\w*)*", r"((ab*))+", r"(?:x*){5}", r"(a?b|c){2,}", r"(x+x+)+y"],
)
def test_what_could_take_for_ever_is_refused(text):
    with pytest.raises(LookUpError, match="can take for ever"):
        LinePattern(text, regex=True)


@pytest.mark.parametrize("text", ["[a-z", "(", "*", r"a{2,1}", r"\1", "a" * 301, " ", "a\nb"])
def test_what_is_no_pattern_is_refused(text):
    with pytest.raises(LookUpError):
        LinePattern(text, regex=True)


def test_many_optional_parts_are_refused():
    with pytest.raises(LookUpError, match="optional"):
        LinePattern("a?" * 20 + "a" * 20, regex=True)


def test_a_line_that_would_take_long_is_told_apart_from_one_that_does_not_match():
    pattern = LinePattern(r".*.*.*.*!", regex=True)
    assert pattern.matches("ab!") is True
    assert pattern.matches("ab") is False
    assert pattern.matches("a!" * 500) is None
    words = LinePattern(r"\s*\w+\s*=\s*\w+", regex=True)
    assert words.matches("name = value  # " + "a few words " * 30) is True
    assert words.matches("x" * 1_900 + "=") is None


def test_text_is_taken_as_written_on_lines_of_any_length():
    pattern = LinePattern("a.b(", regex=False)
    assert pattern.matches("x" * 5_000 + "a.b(") is True
    assert pattern.matches("axb(") is False


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        (r"def \w+\(ca", "def "),
        (r"import (os|sys)", "import "),
        ("total|size", ""),
        ("ab?c", "a"),
        (r"(?i)total", ""),
        (r"x\.y", "x.y"),
        ("colou?rs", "colo"),
        (r"\bfoo\b", "foo"),
    ],
)
def test_a_literal_that_every_match_holds(text, literal):
    assert LinePattern(text, regex=True).literal == literal


@given(
    st.lists(
        st.sampled_from(["a", r"\w", ".", "[ab]", "(a)", "(ab|b)", "a*", "b?", ".+", "c{1,2}"]),
        min_size=1, max_size=6,
    ).map("".join),
    st.text("abc ", max_size=12),
)  # fmt: skip
def test_it_agrees_with_re(text, line):
    try:
        pattern = LinePattern(text, regex=True)
    except LookUpError:
        return
    assert pattern.matches(line) == bool(re.search(text, line))
    assert pattern.may_match(line) or not re.search(text, line)
