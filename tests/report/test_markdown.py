"""Markdown in which no text can do anything but stand there, and which a service accepts."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from codeorch.report import record
from codeorch.report.document import inline, visible
from codeorch.report.markdown import code, markdown, opening, prose

# What GitHub makes links of after Markdown is done, and what starts one before.
LIVE = re.compile(r"@\w|#\d|\bgh-\d|https?://|www\.", re.IGNORECASE)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = r"""
` `` * _ __ [ ](http://x.y) <b> &amp; \ | ~~ # @ada #12 gh-7 https://x.y www.x.y ![ === --- + - 1)
a word init $x$ > <!-- --> : a@b.c o/r#3 { } é
"""
SPACES = [" ", "    ", "\t", "- ", "1. ", "\u202e", "\x1b[31m"]
NASTY = st.lists(st.sampled_from([*PIECES.split(), *SPACES]), max_size=12).map("".join)


def flat(tokens):
    for token in tokens:
        yield from flat(token.children) if token.type == "inline" else [token]


def shown(text):
    """What a reader sees of a text in Markdown, and what the text is made of."""
    tokens = list(flat(PARSER.parse(text)))
    kinds = {
        token.type for token in tokens if token.type not in ("paragraph_open", "paragraph_close")
    }
    return "".join(token.content for token in tokens).replace("\u200b", ""), kinds


@given(NASTY | st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=40))
@example("__init__.py and ___ and *a* _b_")
@example("``a`b``")
@example("1. first")
def test_text_stands_for_itself(text):
    said, kinds = shown(opening(text))
    assert kinds <= {"text", "code_inline", "text_special"}
    assert "".join(said.split()) == "".join(visible(text).replace("`", "").split()) or "`" in text


@given(NASTY)
def test_outside_of_code_nothing_becomes_a_mention_or_a_link(text):
    tokens = flat(PARSER.parse(prose(text)))
    assert not any(LIVE.search(token.content) for token in tokens if token.type == "text")


@given(NASTY | st.text(max_size=40))
def test_code_is_code_whatever_is_in_it(text):
    (token,) = [t for t in flat(PARSER.parse(f"x {code(text)} y")) if t.type == "code_inline"]
    assert token.content.strip() == inline(text).strip()


def test_quoted_code_stays_code():
    assert prose("rename `a_b` to `@c`") == "rename `a_b` to `@c`"
    assert prose("thanks @ada, fixes #12") == "thanks @&#8203;ada, fixes #&#8203;12"


def test_names_with_underscores_stay_readable():
    assert prose("call format_price in __init__") == r"call format_price in \_\_init\_\_"


EVIL = (
    "@everyone see #1 <img src=x onerror=y> [here](http://evil.example) `x` \x1b[2J\u202e | **b**"
)


def poisoned(value):
    """Put nasty words into every text of a record that people or programs wrote."""
    kept = {"schema_version", "run", "status", "exit_code", "result", "task", "id", "change",
            "certainty", "action", "source", "origin", "effort", "strategy", "stage", "role",
            "base", "landed", "kind", "needs", "made_by"}  # fmt: skip
    if isinstance(value, dict):
        return {key: one if key in kept else poisoned(one) for key, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one) for one in value]
    return f"{value} {EVIL}" if isinstance(value, str) else value


def test_no_field_of_a_record_can_inject_anything(eventful, on_terminal):
    value = json.loads(record.to_json(record.record(eventful())))
    verdicts = [one["verdict"]["status"] for one in value["rounds"]]
    evil = poisoned(value)
    for one, status in zip(evil["rounds"], verdicts, strict=True):
        one["verdict"]["status"] = status
    told = record.load(evil)
    text = markdown(told)
    tokens = list(flat(PARSER.parse(text)))
    assert {token.type for token in tokens} & {
        "html_block",
        "html_inline",
        "link_open",
        "image",
    } == set()
    outside = "".join(token.content for token in tokens if token.type == "text")
    assert not LIVE.search(outside)
    assert "\x1b" not in text + on_terminal(told, diffs=True)
    assert "\u202e" not in text + on_terminal(told, diffs=True)


def test_rich_markup_in_a_text_is_only_text(eventful, on_terminal):
    outcome = eventful(notices=("[red]x[/red] [link=http://e.example]y[/link] :smile: [",))
    shown = on_terminal(record.record(outcome))
    assert "[red]x[/red] [link=http://e.example]y[/link] :smile: [" in shown


def test_long_lists_are_cut_and_counted(eventful, on_terminal):
    outcome = eventful()
    last = outcome.last
    broken = tuple(f"t::{number}" for number in range(1000))
    gaps = last.completeness.gaps[:1] * 1000
    one = replace(
        last,
        verdict=replace(last.verdict, broken=broken),
        completeness=replace(last.completeness, gaps=gaps),
    )
    told = record.record(replace(outcome, rounds=(one,)))
    for text in (markdown(told), on_terminal(told)):
        assert "broken (1,000): " in text
        assert "and 980 more" in text
        assert re.search(r"and (9\d\d|1,00\d) more; all are in the record", text)
        assert len(text.splitlines()) < 300


@pytest.mark.parametrize("field", ["notices", "request"])
def test_a_report_always_fits_a_pull_request(eventful, field):
    outcome = eventful()
    long = {
        "notices": tuple(f"{'x' * 290} {number}" for number in range(5000)),
        "request": replace(outcome.request, text="word " * 200_000),
    }
    text = markdown(record.record(eventful(**{field: long[field]})))
    assert len(text) < 65_536
    assert text.startswith("## Partial: ")


def test_a_long_request_is_quoted_in_part(eventful):
    outcome = eventful()
    text = "\n".join(f"line {number}" for number in range(500))
    shown = markdown(record.record(eventful(request=replace(outcome.request, text=text))))
    assert "> line 0\n" in shown
    assert "> and 400 more lines" in shown
