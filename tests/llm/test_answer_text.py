"""Reasoning goes, the answer stays whole, and nothing that a model writes makes it fail."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codeorch.llm.answer_text import split_reasoning, text_of, well_formed

EDIT = "```diff\n--- a/f.py\n+++ b/f.py\n@@\n-old = 1\n+new = 1\n```"
DRAFT = EDIT.replace("new", "draft")
STYLES = [
    ("<think>", "</think>"),
    ("<THINK>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought", "<channel|>"),
    ("<unused94>thought", "<unused95>"),
    ('<details type="reasoning" done="true">', "</details>"),
]
MENTIONS = [
    "I now cut the text at </think> and keep the rest.",
    "The parser knows `<think>` and `</think>`, and drops what stands between.",
    "What stands between <think> and </think> is dropped.",
    "Everything in <think>...</think> is dropped.",
    'The tags ("<think>", "</think>") are gone.',
    "It is told by `</think>`.",
    "<think> blocks are dropped from now on:",
]


@pytest.mark.parametrize(("opening", "closing"), STYLES)
@pytest.mark.parametrize("glue", ["\n", " ", ""])
def test_a_draft_between_tags_is_no_edit(opening, closing, glue):
    text = (
        f"{opening}{glue}First:\n\n{DRAFT}\n\nNo, that is wrong.{glue}{closing}\n\n{EDIT}\n\nDone."
    )
    found = split_reasoning(text)
    assert found.text == f"{EDIT}\n\nDone."
    assert "draft" in found.reasoning
    assert not found.is_cut


@pytest.mark.parametrize(("opening", "closing"), STYLES[:-1])
@pytest.mark.parametrize("before", ["Wrong.", "Wrong. ", "Wrong.\n", "- wrong\n", "(wrong)", "Hm"])
def test_the_opening_tag_may_be_in_the_servers_template(opening, closing, before):
    found = split_reasoning(f"First:\n\n{DRAFT}\n\n{before}{closing}\n\n{EDIT}")
    assert found.text == EDIT
    assert opening not in found.text


@pytest.mark.parametrize(("opening", "closing"), STYLES)
def test_reasoning_without_an_end_leaves_no_answer(opening, closing):
    found = split_reasoning(f"{opening}\nFirst:\n\n{DRAFT}\n\nBut")
    assert (found.text, found.is_cut) == ("", True)
    later = split_reasoning(f"Let me see.\n{opening}\n{DRAFT}\n\nBut")
    assert (later.text, later.is_cut) == ("Let me see.", True), closing


def test_each_of_several_parts_goes():
    text = f"<think>a</think>\n\nFirst.\n\n<think>\n{DRAFT}\n</think>\n\n{EDIT}"
    assert split_reasoning(text).text == f"First.\n\n\n\n{EDIT}"


def test_reasoning_within_reasoning_goes_with_it():
    assert split_reasoning(f"<think>a\n<think>b</think>\n{DRAFT}\n</think>\n{EDIT}").text == EDIT


def test_a_draft_whose_fence_stays_open_ends_at_the_tag():
    assert split_reasoning(f"<think>\n```diff\n-a\n+b\n</think>\n\n{EDIT}").text == EDIT
    assert split_reasoning(f"Hm\n```diff\n-a\n+b\n</think>\n\n{EDIT}").text == EDIT


def test_a_draft_that_is_about_the_tags_does_not_end_early():
    draft = "```diff\n--- a/f\n+++ b/f\n@@\n-</think>\n+</thought>\n```"
    assert (
        split_reasoning(f"<think>\n{draft}\nWrong, `</think>` too.\n</think>\n{EDIT}").text == EDIT
    )


def test_an_answer_in_tags_of_its_own():
    assert split_reasoning(f"<think>a</think>\n<answer>\n{EDIT}\n</answer>").text == EDIT


@pytest.mark.parametrize("mention", MENTIONS)
def test_an_answer_that_mentions_the_tags_stays_whole(mention):
    for text in (f"{EDIT}\n\n{mention}", f"So it goes.\n{mention}\n\n{EDIT}"):
        assert split_reasoning(text).text == text


@pytest.mark.parametrize(
    "edit",
    [
        "```diff\n--- a/f\n+++ b/f\n@@\n <think>\n-</think>\n+</thought>\n```",
        "--- a/f\n+++ b/f\n@@ -1 +1 @@\n <think>\n-x</think>\n+</think>\n",
        "<<<<<<< SEARCH\n<think>\nx</think>\n=======\n</think>\n>>>>>>> REPLACE",
        "```python\nTAG = '<think>'\n<think>\n</think>\n```",
        "*** Begin Patch\n*** Update File: f\n@@\n-<think>\n+</think>\n*** End Patch",
    ],
)
def test_an_edit_of_the_tags_stays_whole(edit):
    assert split_reasoning(edit).text == edit
    assert split_reasoning(f"<think>\nSo?\n</think>\n\n{edit}").text == edit.strip("\n")


def test_channels_as_they_are_passed_on():
    text = (
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>"
        f"{EDIT}<|return|>"
    )
    assert split_reasoning(text).text == EDIT
    cut = split_reasoning(f"<|channel|>analysis<|message|>{DRAFT}")
    assert (cut.text, cut.is_cut) == ("", True)


def test_an_endless_loop_of_tags_leaves_no_answer():
    found = split_reasoning(("a\n<think>b</think>\n") * 1000 + DRAFT)
    assert (found.text, found.is_cut) == ("", True)
    mentions = "So." + "\n<think> x" * 2_000 + "\n`</think>`"
    assert split_reasoning(mentions).text == mentions


# ------------------------------------------------------------------------------- properties

PROSE = st.sampled_from(
    ["Hm.", "- a list", "", "`code` and <b>", "so 'it' is:", "x < y > z", "1. perhaps", "[x](y)"]
)
BLOCK = "<<<<<<< SEARCH\n<think>\n=======\n>>>>>>> REPLACE"
CODE = st.sampled_from([EDIT, DRAFT, "```python\nx = '</think>'\n```", BLOCK])
WORDS = st.lists(st.one_of(PROSE, CODE), max_size=6).map("\n\n".join)
ANSWER = WORDS.map(lambda text: text.strip("\n"))


@given(st.sampled_from(STYLES), WORDS, ANSWER)
def test_what_stands_behind_the_tags_is_the_answer(style, reasoning, answer):
    text = f"{style[0]}\n{reasoning}\n{style[1]}\n\n{answer}"
    assert split_reasoning(text).text == answer


@given(st.sampled_from(STYLES[:-1]), WORDS, ANSWER)
def test_what_stands_behind_a_closing_tag_is_the_answer(style, reasoning, answer):
    assert split_reasoning(f"{reasoning}\n{style[1]}\n\n{answer}").text == answer


@given(ANSWER)
def test_without_tags_nothing_changes(answer):
    assert split_reasoning(answer).text == answer


TAGS = st.sampled_from([tag for style in STYLES for tag in style])
PIECES = st.one_of(TAGS, PROSE, CODE, st.sampled_from(["\n", "```", "`", '"', "@@\n", "\r\n"]))


@given(st.lists(PIECES, max_size=25).map("".join))
@example("```")
def test_any_text_is_parted(text):
    found = split_reasoning(text)
    assert not (set(found.text) | set(found.reasoning)) - {*text, "\n"}
    if not found.reasoning and not found.is_cut:  # then nothing but tags has gone
        assert _bare(found.text) == _bare(text)


def _bare(text):
    for tag in sorted({tag for style in STYLES for tag in style}, key=len, reverse=True):
        text = text.replace(tag, "")
    return "".join(text.split())


# ------------------------------------------------------------------------------- content


@pytest.mark.parametrize(
    ("content", "text", "reasoning"),
    [
        ("a", "a", ""),
        (None, "", ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab", ""),
        ([{"type": "output_text", "text": "a"}, "b"], "ab", ""),
        ([{"text": {"value": "a"}}], "a", ""),
        ({"type": "text", "text": "a"}, "a", ""),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "x"}]}, "a"], "a", "x"),
        ([{"type": "reasoning", "summary": [{"text": "x"}]}, {"text": "a"}], "a", "x"),
        ([{"type": "refusal", "refusal": "no"}], "no", ""),
        ([{"type": "image_url", "image_url": {}}, {"type": "text", "text": "a"}, 7, None], "a", ""),
        (["<think>x", "</think>\n", {"type": "text", "text": "a"}], "a", "x"),
    ],
)
def test_content_of_any_form(content, text, reasoning):
    found = text_of(content)
    assert (found.text, found.reasoning) == (text, reasoning)


def test_halves_of_characters():
    assert well_formed("a\ud83d\udc4b") == "a\U0001f44b"
    assert well_formed("a\ud83d!") == "a\ufffd!"


@given(st.text(st.characters(exclude_categories=())))
def test_every_text_can_be_written(text):
    assert well_formed(text).encode().decode() == well_formed(text)
    assert well_formed(well_formed(text)) == well_formed(text)


def test_blanks_that_an_answer_begins_with_do_not_indent_its_fence():
    edit = "```diff\n@@ -1 +1 @@\n-a\n+b\n```"
    assert text_of(f" {edit}").text == edit
    assert text_of(["  ", edit]).text == edit
    for text in (f" {edit[:-3]} ```", " a\n+b"):  # its own indentation, or a line of a hunk
        assert text_of(text).text == text
