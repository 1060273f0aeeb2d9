"""Forms in texts and arguments of calls: read where one reading is possible, else refused."""

import ast
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.edits import apply_answer
from codeorch.llm.answer_form import MalformedForm, read_arguments, split_form

SCHEMA = {
    "type": "object",
    "properties": {
        "status": {"type": "string"},
        "summary": {"type": "string"},
        "paths": {"type": "array"},
        "rows": {"type": "array", "items": {"properties": {"name": {}, "why": {}}}},
    },
    "required": ["status"],
}  # fmt: skip
FORM = {"status": "done", "summary": "It says {x} now."}
JSON = json.dumps(FORM)
PRETTY = json.dumps(FORM, indent=2)
EDIT = "```diff\n--- a/f.py\n+++ b/f.py\n@@\n-old = 1\n+new = 1\n```"


# ------------------------------------------------------------------------------- in a text

WAYS = [
    "result:\n{}",
    "result: {}",
    "**result:**\n\n```json\n{}\n```",
    "`result:`\n```\n{}\n```",
    "### Result\n\n```json\n{}\n```",
    "```json\n{}\n```",
    "```json\nresult:\n{}\n```",
    "```\n{}\n```\n",
    "{}",
    "Here is the result: {}",
    "result = {}",
    "result({})",
    '<tool_call>\n{{"name": "result", "arguments": {}}}\n</tool_call>',
    '```json\n{{"name": "result", "parameters": {}}}\n```',
    '{{"result": {}}}',
    "result:\n{}\n\nLet me know {{if}} you want more.",
    "result:\n{}\n\n```\nbye\n```",
]


@pytest.mark.parametrize("form", [JSON, PRETTY])
@pytest.mark.parametrize("way", WAYS)
def test_a_form_in_a_text_and_the_edit_before_it(way, form):
    found = split_form(f"I did it.\n\n{EDIT}\n\n{way.format(form)}", "result", SCHEMA)
    assert found.form == FORM
    assert found.text == f"I did it.\n\n{EDIT}"


@pytest.mark.parametrize("way", WAYS)
def test_a_form_on_its_own(way):
    found = split_form(way.format(JSON), "result", SCHEMA)
    assert found.form == FORM
    assert "{" not in found.text.replace("{if}", "")


def test_a_form_within_the_fence_of_the_diff():
    glued = EDIT.removesuffix("\n```") + f"\n\nresult:\n{PRETTY}\n```"
    found = split_form(glued, "result", SCHEMA)
    assert found.form == FORM
    assert apply_answer("old = 1\n", found.text, "f.py") == "new = 1\n"


def test_a_form_in_front_of_the_edit():
    found = split_form(f"result:\n{JSON}\n\n{EDIT}\n", "result", SCHEMA)
    assert (found.form, found.text) == (FORM, EDIT)


def test_the_last_form_counts():
    draft = JSON.replace("done", "nothing_to_do")
    found = split_form(f"result:\n{draft}\n\nNo.\n\nresult:\n{JSON}", "result", SCHEMA)
    assert found.form == FORM


@pytest.mark.parametrize(
    "edit",
    [
        '```json\n{\n  "name": "left-pad",\n  "status": "x"\n}\n```',
        '```diff\n--- a/f.json\n+++ b/f.json\n@@\n-{"status": "old"}\n+{"status": "done"}\n```',
        '--- a/f.json\n+++ b/f.json\n@@ -1 +1 @@\n-{"status": "old"}\n+{"status": "done"}\n',
        '```diff\n@@\n result:\n {"status": "done"}\n-x\n+y\n```',
        '```python\nx = 1\n{"status": "done"}\n```',
        '<<<<<<< SEARCH\n{"status": "a"}\n=======\n{"status": "done"}\n>>>>>>> REPLACE',
    ],
)
def test_an_object_in_an_edit_is_no_form(edit):
    assert split_form(edit, "result", SCHEMA).form is None
    assert split_form(edit, "result", SCHEMA).text == edit
    found = split_form(f"{edit}\n\nresult:\n{JSON}", "result", SCHEMA)
    assert (found.text.strip(), found.form) == (edit.strip(), FORM)


def test_the_rows_of_a_form_that_is_cut_off_are_none():
    cut = 'result:\n{"status": "done", "rows": [{"name": "a", "why": "b"}, {"name": "c'
    found = split_form(cut, "result", SCHEMA)
    assert found.form is None
    assert "cut off" in found.fault


def test_a_damaged_form_is_mended_or_refused_in_words():
    mended = split_form(f"{EDIT}\n\nresult:\n{JSON[:-1]},}}", "result", SCHEMA)
    assert (mended.text, mended.form) == (EDIT, FORM)
    bare = split_form("```json\n{'status': 'done', 'paths': None}\n```", "result", SCHEMA)
    assert bare.form == {"status": "done", "paths": None}
    wrong = split_form('result:\n{"status": "done", "summary": "a "b, c"}', "result", SCHEMA)
    assert wrong.form is None
    assert "not escaped" in wrong.fault


def test_words_without_a_form():
    for text in ("", "I cannot see {the file}.", "result: none", EDIT, "{}", "{ }\nresult"):
        found = split_form(text, "result", SCHEMA)
        assert (found.text, found.form, found.fault) == (text, None, "")


# ------------------------------------------------------------------------------- arguments

DAMAGE = [
    JSON,
    f"\ufeff{JSON}",
    f"```json\n{JSON}\n```",
    f"```\n{JSON}```",
    f"{JSON}\nDone!",
    f"Here it is: {JSON}",
    f"{JSON}{JSON}",
    json.dumps(JSON),
    f"[{JSON}]",
    JSON[:-1] + ",}",
    JSON[:-1],
    repr(FORM),
    "{status: 'done', summary: \"It says {x} now.\"}",
    "{“status”: “done”, “summary”: “It says {x} now.”}",
    JSON.replace('", "', '", // so\n "'),
    f"<tool_call>{JSON}</tool_call>",
]


@pytest.mark.parametrize("raw", DAMAGE)
def test_damage_that_has_one_reading(raw):
    assert read_arguments(raw, SCHEMA) == FORM
    assert read_arguments(raw) == FORM


@pytest.mark.parametrize("raw", [FORM, [FORM]])
def test_arguments_that_are_an_object_already(raw):
    assert read_arguments(raw, SCHEMA) == FORM


@pytest.mark.parametrize("raw", [None, "", "  ", "```\n```", '""'])
def test_no_arguments(raw):
    assert read_arguments(raw, SCHEMA) == {}


def test_quotation_marks_that_were_not_escaped():
    raw = '{"status": "done", "summary": "hello now says "good day"."}'
    assert read_arguments(raw, SCHEMA)["summary"] == 'hello now says "good day".'
    raw = '{"status": "done", "summary": "he said "yes", and went"}'
    assert read_arguments(raw, SCHEMA)["summary"] == 'he said "yes", and went'
    raw = '{"summary": ""a" and "b"", "status": "done"}'
    assert read_arguments(raw, SCHEMA)["summary"] == '"a" and "b"'
    raw = "{'status': 'done', 'summary': 'it's done'}"
    assert read_arguments(raw, SCHEMA)["summary"] == "it's done"


def test_line_ends_and_halves_of_characters_in_texts():
    assert read_arguments('{"summary": "a\nb\tc"}') == {"summary": "a\nb\tc"}
    assert read_arguments('{"summary": "\\ud83d\\udc4b \\ud83d"}') == {
        "summary": "\U0001f44b \ufffd"
    }


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ('{"status": "done", "summary": "hello now', "cut off within a text"),
        ('{"status": "done", "paths": ["a", "b"', "cut off"),
        ('{"status": "done",', "cut off"),
        ('{"summary": "a"', "cut off: 'status' is missing"),
        ('{"status": "done", "summary": "he said "yes', "cut off within a text"),
        ('{"status": "done", "summary": "he said "yes" to"', "not escaped"),
        ('{"status": "done", "summary": "set "a": "b""}', "not escaped"),
        ('{"status": "a "b", "paths": ["c"]}', "not escaped"),
        ('{"status": "done", "paths": ["say "a", "b"]}', "not escaped"),
        ('{"status": "a", "status": "b",}', "stands twice"),
        ('{"status": "a", "stat": "b",}', "no field 'stat'"),
        ('{"status": "a\\d", }', "no escape"),
        ('{"status": done, }', "'done' is no value"),
        ('{"status": "a"}{"status": "b"}', "two objects that differ"),
        ("I cannot.", "no JSON object"),
        ("[1, 2]", "a list"),
        ("7", "a number"),
        (True, "a truth value"),
        ("{" * 5000, "not valid JSON"),
        ('{"paths":' + "[" * 5000, "not valid JSON"),
    ],
)
def test_what_could_be_meant_in_two_ways_is_refused(raw, words):
    with pytest.raises(MalformedForm) as caught:
        read_arguments(raw, SCHEMA)
    assert words in str(caught.value)


# ------------------------------------------------------------------------------- properties

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ODD = st.sampled_from(
    ['"', "'", '", "a": "', "}", "{", "]", ",", ":", "\\", "\n", "it's", "```", " "]
)
STRINGS = st.lists(st.one_of(TEXT, ODD), max_size=5).map("".join)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-99, 99), STRINGS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(STRINGS, inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["status", "summary", "paths", "a"])
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
WRITERS = st.sampled_from([json.dumps, lambda value: json.dumps(value, indent=1), repr])


@given(OBJECTS, WRITERS)
def test_whatever_is_written_rightly_is_read_so(value, write):
    raw = write(value)
    expected = value if write is not repr else ast.literal_eval(raw)
    try:
        assert read_arguments(raw) == expected
    except MalformedForm:
        assert write is repr


@given(OBJECTS, st.sampled_from(["```json\n{}\n```", "\ufeff{}", "{}\nDone.", " {} "]))
def test_what_is_put_around_changes_nothing(value, around):
    assert read_arguments(around.replace("{}", json.dumps(value))) == value


PLAIN = st.text("ab ,:{}[]'\\\n", max_size=20)


@given(st.dictionaries(KEYS, st.one_of(PLAIN, st.lists(PLAIN, max_size=2)), min_size=1, max_size=4))
def test_a_trailing_comma_and_a_missing_brace_change_nothing(value):
    raw = json.dumps(value)
    assert read_arguments(raw[:-1] + ", }") == value
    assert read_arguments(raw[:-1]) == value


@given(st.dictionaries(KEYS, PLAIN, min_size=1), st.data())
def test_half_of_it_is_never_read_as_something_else(value, data):
    raw = json.dumps(value)
    cut = raw[: data.draw(st.integers(1, len(raw) - 1))]
    try:
        found = read_arguments(cut)
    except MalformedForm:
        return
    assert found.items() <= value.items()


@given(st.lists(st.sampled_from([*JSON, '"', "{", "}", "result:", "\n", "```", "[", ",", "+"])))
def test_any_text_is_read_or_refused(pieces):
    text = "".join(pieces)
    split_form(text, "result", SCHEMA)
    with suppress(MalformedForm):
        assert isinstance(read_arguments(text, SCHEMA), dict)


@given(st.sampled_from(WAYS), st.dictionaries(KEYS, PLAIN, max_size=3))
def test_the_edit_before_a_form_stays_whole(way, more):
    form = json.dumps({"status": "done"} | {k: v for k, v in more.items() if k != "a"})
    found = split_form(f"{EDIT}\n\n{way.format(form)}", "result", SCHEMA)
    assert found.text == EDIT
    assert found.form == json.loads(form)
