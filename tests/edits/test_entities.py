"""HTML escapes are undone in the whole answer or in none of it; the file says which."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.edits import Refusal, apply, apply_answer

GUIDE = "# Guide\n\n`hello` answers with `hello NAME`, \"so\".\n\nIf a < b & b > c, then 'x'.\n"
HTML = "<p>Tom &amp; Jerry</p>\n<p>a < b</p>\n<p>`x`</p>\n<p>&lt;tag&gt;</p>\n"


def diff(old, new, kept=""):
    context = f" {kept}\n" if kept else ""
    return f"@@\n{context}-{old}\n+{new}\n"


def fenced(body):
    return f"```diff\n--- a/f\n+++ b/f\n{body}```\n"


def escaped(text):
    return html.escape(text).replace("`", "&#96;")


OLD, NEW = GUIDE.split("\n")[2], '`hello` answers with `good day, NAME` & "so" <b>.'
WANTED = GUIDE.replace(OLD, NEW)


@pytest.mark.parametrize(
    "answer",
    [
        fenced(diff(escaped(OLD), escaped(NEW))),
        fenced(diff(OLD.replace("`", "&#x60;"), NEW.replace("`", "&#x60;"))),
        fenced(diff(OLD.replace("`", "&grave;"), NEW.replace("`", "&grave;"))),
        escaped(fenced(diff(OLD, NEW))),
        escaped(f"<<<<<<< SEARCH\n{OLD}\n=======\n{NEW}\n>>>>>>> REPLACE\n"),
        f"<<<<<<< SEARCH\n{escaped(OLD)}\n=======\n{escaped(NEW)}\n>>>>>>> REPLACE\n",
        f"```\n{escaped(WANTED)}```\n",
        escaped(f"```\n{WANTED}```\n"),
    ],
)
def test_an_escaped_answer_is_undone_as_a_whole(answer):
    assert apply(GUIDE, answer, "f").text == WANTED


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("<p>Tom &amp; Jerry</p>", "<p>Tom &amp; Jerry &copy;</p>", ""),
        ("<p>a < b</p>", "<p>a &lt; b</p>", ""),
        ("<p>`x`</p>", "<p>&#96;x&#96;</p>", ""),
        ("<p>a < b</p>", "<p>a &lt; b &amp; c</p>", "<p>Tom &amp; Jerry</p>"),
        ("<p>&lt;tag&gt;</p>", "<p>&lt;b&gt;</p>", "<p>`x`</p>"),
    ],
)
def test_escapes_that_the_file_means_stay(old, new, kept):
    assert apply_answer(HTML, fenced(diff(old, new, kept)), "f") == HTML.replace(old, new)


def test_a_whole_file_in_which_escapes_are_meant_stays():
    wanted = HTML.replace("a < b", "a &lt; b")
    assert apply_answer(HTML, f"```html\n{wanted}```\n", "f") == wanted


def test_escapes_that_were_escaped_once_more_are_undone_once():
    old, new = "<p>&lt;tag&gt;</p>", "<p>&lt;b&gt; &amp;c</p>"
    answer = fenced(diff(escaped(old), escaped(new)))
    assert apply_answer(HTML, answer, "f") == HTML.replace(old, new)


def test_an_answer_that_is_escaped_in_part_is_refused():
    answer = fenced(
        "@@\n <p>Tom &amp; Jerry</p>\n-&lt;p&gt;a &lt; b&lt;/p&gt;\n+&lt;p&gt;c&lt;/p&gt;\n"
    )
    with pytest.raises(Refusal, match="HTML-escaped and others are not"):
        apply_answer(HTML, answer, "f")


LINES = st.lists(
    st.text("ab <>&`'\"x;", min_size=1, max_size=9), min_size=3, max_size=8, unique=True
)


@given(LINES, st.text("ab <>&`", min_size=1, max_size=9), st.data())
def test_a_diff_that_is_escaped_lands_as_the_plain_one(lines, new, data):
    base = "".join(f"{line}\n" for line in lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    marked = [f" {line}" for line in lines]
    marked[at : at + 1] = [f"-{lines[at]}", f"+{new}"]
    found = [landed(base, [f"{x[0]}{write(x[1:])}" for x in marked]) for write in (str, escaped)]
    is_told = any(escaped(line) != line for line in lines)
    assert found[0] == found[1] or not is_told or None in found


def landed(base, marked):
    try:
        return apply_answer(base, fenced("\n".join(["@@", *marked, ""])), "f")
    except Refusal:
        return None
