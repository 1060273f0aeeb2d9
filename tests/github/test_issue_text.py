"""What a reader of the page sees of an issue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.github.issue_text import visible_text

HIDDEN = [
    ("a<!-- x -->b", "ab"),
    ("a<!-->b<!-- x -->", "ab"),
    ("a\n<!-- open\nx", "a"),
    ("<!-- `x -->\n`code` b", "`code` b"),
    ("<!--\n```\nx\n```\n-->b", "b"),
    ("![x](u.png)", "![](u.png)"),
    ("![x [y] z](u.png)", "![](u.png)"),
    ("![x][ref]", "![][ref]"),
    ("<img alt='x' src='u'>", "<img>"),
    ('<a title="x" href="u">t</a>', "<a>t</a>"),
    ("[//]: # (x)", ""),
    ("[ref]: https://u 'x'", ""),
    ('[t](https://u "x")', "[t](https://u)"),
    ("a<?php x ?>b", "ab"),
    ("a<![CDATA[ x ]]>b", "ab"),
    ("a<!DOCTYPE x>b", "ab"),
    ("a&#xE0041;&zwj;&#8203;b", "ab"),
    ("a\u200bb\u202ec\U000e0041", "abc"),
]
SHOWN = [
    "`<!-- x -->`",
    "```html\n<!-- x -->\n<img alt='x'>\n```",
    "~~~\n[//]: # (x)\n~~~",
    "List<T> and a < b > c",
    "a <details><summary>x</summary>y</details>",
    "&amp; &lt; &nbsp; &#65;",
    "[t](https://u)",
    "x <!-- is how a comment begins",
    "``a ` <!-- b -->``",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_what_the_page_hides_is_taken_out_and_counted(text, shown):
    result = visible_text(text)
    assert result.text == shown
    assert result.hidden


@pytest.mark.parametrize("text", SHOWN)
def test_what_the_page_shows_stays(text):
    assert visible_text(text).text == text
    assert visible_text(text).hidden == ()


def test_a_title_is_no_markdown():
    assert visible_text("Handle <!-- in titles", is_markdown=False).text == "Handle <!-- in titles"


PIECES = ["<!--", "-->", "`", "```", "\n", "\n\n", "![", "](", ")", "x", " ", "<a b='", "'>", "\0"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_comes_to_an_end_and_nothing_is_added(text):
    result = visible_text(text)
    assert len(result.text) <= len(text)
    assert bool(result.hidden) or result.text == text.strip()
