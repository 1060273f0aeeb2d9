"""The five tools together: granted, bounded, forked, and lenient with slips."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import LOOK_UPS, Snapshot
from codeorch.llm import Call
from codeorch.retrieval import CodeNames, read_snapshot
from codeorch.retrieval.look_ups import Codebase, LookUps, look_up_tools
from codeorch.source import parse_file

NONE_LEFT = "No look-ups are left: answer now with what you have."


def calls(*pairs):
    return [Call(id=str(n), name=name, input=given) for n, (name, given) in enumerate(pairs)]


def test_the_tools_are_strict_and_short():
    tools = look_up_tools()
    assert tuple(tool.name for tool in tools) == LOOK_UPS
    for tool in tools:
        assert tool.schema["additionalProperties"] is False
        assert set(tool.schema["required"]) <= set(tool.schema["properties"])
    written = [[tool.name, tool.description, tool.schema] for tool in tools]
    assert len(json.dumps(written)) / 3.6 < 700


def test_several_calls_are_one_turn_and_each_has_its_answer(codebase_of):
    look_ups = LookUps(codebase_of(), turns=3)
    answers = look_ups.answer(
        calls(
            ("read", {"places": ["Bag"]}),
            ("search", {"text": "Bag"}),
            ("outline", {"path": "shop"}),
        )
    )
    assert [answer.id for answer in answers] == ["0", "1", "2"]
    assert look_ups.turns_left == 2
    cost = sum(len(answer.text) / 3.6 for answer in answers)
    assert cost <= 40_000 - look_ups.tokens_left <= cost + 3
    assert look_ups.left == "Look-ups left: 2 turns, about 39,800 tokens."


def test_beyond_the_turns_every_call_gets_the_same_answer(codebase_of):
    look_ups = LookUps(codebase_of(), turns=1)
    look_ups.answer(calls(("read", {"places": ["Bag"]})))
    assert look_ups.left == NONE_LEFT
    assert not look_ups.has_left
    again = look_ups.answer(calls(("read", {"places": ["Cart"]}), ("nope", {})))
    assert [answer.text for answer in again] == [NONE_LEFT] * 2


def test_beyond_the_tokens_too(codebase_of, caller):
    files = {"a.txt": "".join(f"{n} {'x' * 90}\n" for n in range(2_000))}
    look_ups = LookUps(codebase_of(files), turns=50, tokens=5_000)
    read = caller(look_ups)
    sizes = [len(read("read", places=[f"a.txt:{n * 60 + 1}-{n * 60 + 60}"])) for n in range(9)]
    assert sum(sizes) / 3.6 < 5_500
    assert read("search", text="x") == NONE_LEFT


def test_one_turn_has_a_limit_of_its_own(codebase_of):
    files = {f"f{n}.txt": "".join(f"{k} {'x' * 90}\n" for k in range(300)) for n in range(8)}
    look_ups = LookUps(codebase_of(files), tokens=400_000)
    answers = look_ups.answer(calls(*(("read", {"places": [f"f{n}.txt:1-300"]}) for n in range(8))))
    assert sum(len(answer.text) for answer in answers) / 3.6 < 12_500
    assert answers[-1].text == "There is no room left in this turn: call again in the next one."


def test_a_tool_that_is_not_granted_says_which_are(codebase_of, caller):
    look_ups = LookUps(codebase_of(), granted=("read", "outline"))
    call = caller(look_ups)
    assert call("search", text="x") == (
        "`search` is not granted to this task. Granted are: read, outline."
    )
    assert call("shell", command="ls") == "There is no look-up 'shell'. There are: read, outline."
    assert "shop/cart.py, lines 20 to 22" in call("read", places=["Bag"])
    none = caller(LookUps(codebase_of(), granted=()))
    assert none("read", places=["Bag"]) == (
        "`read` is not granted to this task. None is granted: answer now."
    )


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("read", {}, "`read` needs a list of texts as `places`; it takes `places`."),
        ("read", {"places": []}, "`read` needs at least one text as `places`"),
        ("read", {"places": [1]}, "`read` needs a list of texts"),
        ("read", {"path": "a.py"}, "`read` has no argument 'path'; it takes `places`."),
        ("search", {"text": 3}, "`search` needs a text as `text`; it takes `text`, `regex`"),
        ("search", {"text": "x", "context": "many"}, "`search` needs a number as `context`"),
        ("search", {"text": "x", "regex": "yes"}, "`search` needs true or false as `regex`"),
        ("outline", {}, "`outline` needs a text as `path`"),
    ],
)
def test_wrong_arguments_say_what_would_be_valid(look, name, given, said):
    assert look()(name, **given).startswith(said)


def test_of_too_many_places_the_first_are_shown_and_the_rest_named(look):
    places = [f"shop/bill.py:{n}" for n in range(1, 9)] + [f"shop/cart.py:{n}" for n in range(1, 8)]
    answer = look()("read", places=places)
    assert "shop/cart.py, line 4:" in answer
    assert "shop/cart.py, line 5:" not in answer
    assert answer.endswith("ask next for: shop/cart.py:5, shop/cart.py:6, shop/cart.py:7]")


def test_a_text_in_place_of_a_list_is_taken(look):
    assert look()("read", places="Bag").startswith("shop/cart.py, lines")


def test_slips_cost_nothing_but_not_for_ever(codebase_of, caller):
    look_ups = LookUps(codebase_of(), turns=2)
    call = caller(look_ups)
    for _ in range(2):
        call("read", places=["nope"])
    assert look_ups.turns_left == 2
    call("read", places=["nope"])
    assert look_ups.turns_left == 1
    assert look_ups.tokens_left == 40_000


def test_a_fork_knows_what_was_shown_and_tells_nothing_back(codebase_of, caller):
    planner = LookUps(codebase_of())
    caller(planner)("read", places=["Bag"])
    one, other = planner.fork(turns=1, granted=("read",)), planner.fork()
    assert caller(one)("read", places=["Bag"]) == "shop/cart.py, lines 20 to 22: shown above"
    caller(other)("read", places=["shop/bill.py"])
    assert not planner.shown.has("shop/bill.py", 1, 8)
    assert one.turns_left == 0
    assert planner.turns_left == 11


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(["places", "text", "regex", "glob", "context", "name", "path", "x"])
FILES = {"a/b.py": "class A:\n    def f(self): ...\n", "c.md": "# T\n\nA.f\n", "d.json": "{}\n"}


@given(st.sampled_from([*LOOK_UPS, "", "nope"]), st.dictionaries(KEYS, ANY, max_size=4))
def test_whatever_is_called_is_answered(name, given):
    files = {path: parse_file(path, text.encode()) for path, text in FILES.items()}
    snapshot = Snapshot(commit="0" * 40, files=files)
    look_ups = LookUps(Codebase(snapshot=snapshot, names=SnapshotIndex(snapshot)))
    (answer,) = look_ups.answer([Call(id="1", name=name, input=given)])
    assert answer.text


@given(st.text("ab/.*:?[]{}()\\-,0123456789Af_#", max_size=14))
def test_whatever_is_written_as_a_place_or_pattern_is_answered(written):
    files = {path: parse_file(path, text.encode()) for path, text in FILES.items()}
    snapshot = Snapshot(commit="0" * 40, files=files)
    look_ups = LookUps(Codebase(snapshot=snapshot, names=SnapshotIndex(snapshot)), turns=100)
    answers = look_ups.answer(
        calls(
            ("read", {"places": [written]}),
            ("references", {"name": written}),
            ("outline", {"path": written}),
            ("related", {"path": written}),
            ("search", {"text": written, "regex": True}),
            ("search", {"text": "A", "glob": written}),
        )
    )
    assert all(answer.text for answer in answers)


def test_binary_huge_and_minified_files_of_a_commit_are_named_and_not_shown(make_repo, caller):
    files = {
        "a.py": "needle = 1\n",
        "lib.js": "var needle=1;" * 1_000,
        "big.txt": "needle\n" * 200_000,
    }
    repo = make_repo(files)
    (repo.root / "logo.png").write_bytes(b"\x89PNG\0needle")
    repo.git.run("add", "--all")
    repo.git.run("commit", "--quiet", "--message", "logo")
    snapshot = read_snapshot(repo, repo.resolve("HEAD"))
    call = caller(LookUps(Codebase(snapshot=snapshot, names=CodeNames(repo, snapshot))))
    assert call("read", places=["logo.png"]) == "logo.png cannot be shown: binary."
    assert call("read", places=["big.txt:1-5"]) == "big.txt cannot be shown: larger than 1 MB."
    assert call("read", places=["lib.js"]) == "lib.js cannot be shown: minified."
    assert call("search", text="needle") == (
        "1 match of `needle` in 1 file:\na.py:\n  1: needle = 1"
    )
    assert call("outline", path="logo.png") == "logo.png cannot be shown: binary."
