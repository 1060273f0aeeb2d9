"""What nobody can see is known by one table, and what only looks like it is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.invisible import (
    added_characters,
    clean_text,
    invisible_characters,
    named_characters,
    without_invisible,
)

POINTS = (
    *range(0x09), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x180E, 0x200B, 0x200E,
    0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF,
    *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0xE0000, 0xE0080), 0x200C, 0x200D,
)  # fmt: skip
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
VISIBLE = (
    "tab\t, feed\x0c, return\r\n",
    "\ufeffa mark at the start",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian
    "\u0915\u094d\u200d\u0937",  # Devanagari, behind a virama
    "\U0001f469\U0001f3fd\u200d\U0001f680 \u2764\ufe0f\u200d\U0001f525 1\ufe0f\u20e3 \xa9\ufe0f",
    f"flag {ENGLAND}, twice {ENGLAND}",
    r"an escape: \u200b \x1b \u{202e}",
    "caf\u00e9 \u2014 \u201cx\u201d \u00a0 \u3000 \u2028",
)


def test_each_row_of_the_table_is_known():
    for point in POINTS:
        (place,) = invisible_characters(f"first\nsecond{chr(point)}x\n")
        assert (place.char, place.line) == (chr(point), 2)
        assert without_invisible(f"a{chr(point)}b")[0] == "ab"
        assert f"U+{point:04X}" in str(place)


@pytest.mark.parametrize("text", VISIBLE)
def test_what_shapes_letters_or_emoji_is_left_alone(text):
    assert list(invisible_characters(text)) == []
    assert clean_text(text) is text


@pytest.mark.parametrize(
    "text",
    ["a\u200db", "\u4e2d\ufe0fx", "\U0001f525\u200d\u200d\u200dx", "\U000e0067\U000e007f",
     f"{ENGLAND}\U000e0067", "x\ufeff", "7\ufe0f"],
)  # fmt: skip
def test_joiners_tags_and_marks_elsewhere_hide_something(text):
    assert list(invisible_characters(text))


def test_only_what_is_more_than_before_is_added():
    old = "a\u200b\nb\u202e\n"
    assert added_characters(old, old) == ()
    assert added_characters(old, "b\u202e\nmoved a\u200b\n") == ()
    assert added_characters(old, "gone\n") == ()
    (place,) = added_characters(old, "a\u200b\nnew\u200b\nb\u202e\n")
    assert (place.char, place.line) == ("\u200b", 2)
    assert [p.line for p in added_characters("", "x\u200bx\u200b\n\n\u200b")] == [1, 1, 3]


@pytest.mark.parametrize(
    ("request_text", "named"),
    [
        ("split at U+200B", "\u200b"),
        (r"write \u200b, \U000E0041 and \u{ad}", "\u200b\U000e0041\xad"),
        (r"end it with \x1b[0m", "\x1b"),
        ("drop each Zero-Width Space", "\u200b"),
        ("strip zero width joiners and soft hyphens", "\u200d\xad"),
        ("begin with a byte order mark", "\ufeff"),
        ("take VARIATION SELECTOR-1 out", "\ufe00"),
        ("see U+0041, an escape, a null and the language tag", ""),
        ("use U+200BCDEF0", ""),
        ("hidden: \u200b", ""),
    ],
)
def test_a_request_names_characters_by_code_point_or_name(request_text, named):
    assert named_characters(request_text) == set(named)


def test_what_is_named_may_be_added():
    assert added_characters("", "a\u200b", named={"\u200b"}) == ()
    assert added_characters("", "a\u200b\u202e", named={"\u200b"})[0].char == "\u202e"


@given(st.text(st.characters() | st.sampled_from([chr(point) for point in POINTS])))
def test_a_cleaned_text_loses_nothing_that_is_seen(text):
    visible, counts = without_invisible(text)
    assert len(visible) + counts.total() == len(text)
    assert without_invisible(visible.replace("\ufeff", ""))[0] == visible.replace("\ufeff", "")
    assert added_characters(text, visible) == ()


def test_cleaning_says_so():
    assert clean_text("a\u200bb\u200b").endswith(
        "[codeorch: invisible characters were taken out: 2 x U+200B ZERO WIDTH SPACE]"
    )
