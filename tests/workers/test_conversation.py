"""Look-ups: what they show, what they refuse, and where they end."""

import pytest

from codeorch.domain import LOOK_UPS, Task, WorkerSpec
from codeorch.llm import Call, Reply
from codeorch.workers.conversation import CALLS, ROOM, LookUps, granted

FILES = {
    "shop/cart.py": (
        "class Cart:\n    def total(self):\n        return 1\n\n\nclass Bag:\n"
        "    def total(self):\n        return 2\n"
    ),
    "shop/bill.py": "from shop.cart import Cart\n\nprint(Cart().total())\n",
    "docs/cart.md": "The cart has a total.\r\nIt is a number.\r\n",
}
ALL = granted((), everything=True)


@pytest.fixture
def look(stage):
    context = stage(FILES, Task(id="t", path="shop/bill.py", goal="g")).context()
    return LookUps(context.snapshot, context.names, ALL).execute


def test_a_symbol_is_shown_whole_and_by_its_class(look):
    one = "shop/cart.py, lines 7 to 8:\n    def total(self):\n        return 2"
    assert look("show_symbol", {"name": "Bag.total"}) == one
    both = look("show_symbol", {"name": "total()"})
    assert both.count("def total(self):") == 2
    assert look("show_symbol", {"name": "gone"}) == "Nothing in the repository defines 'gone'."


RANGE = "docs/cart.md has the lines 1 to 2; give `first` and `last` of them."


@pytest.mark.parametrize(
    ("path", "lines", "answer"),
    [
        ("docs/cart.md", (2, 9), "docs/cart.md, lines 2 to 2:\nIt is a number."),
        ("cart.md", (1, 1), "There is no file 'cart.md'. Is it docs/cart.md?"),
        ("../etc/passwd", (1, 1), "There is no file '../etc/passwd'."),
        ("docs/cart.md", (3, 4), RANGE),
        ("docs/cart.md", ("one", None), RANGE),
        ("docs/cart.md", (-1, 10**12), RANGE),
    ],
    ids=["cut at the end", "a name alone", "outside", "beyond the end", "no numbers", "absurd"],
)
def test_lines_are_shown_by_number(look, path, lines, answer):
    assert look("show_lines", {"path": path, "first": lines[0], "last": lines[1]}) == answer


def test_text_is_found_as_written(look):
    assert look("search_text", {"text": "total("}) == (
        "shop/cart.py:2: def total(self):\nshop/cart.py:7: def total(self):\n"
        "shop/bill.py:3: print(Cart().total())"
    )
    assert look("search_text", {"text": "total", "within": "*.md"}).startswith("docs/cart.md:1:")
    assert look("search_text", {"text": "t.t"}) == "No line contains 't.t'."
    assert look("search_text", {"text": " "}) == "Give a text to search for."


def test_references_are_listed_with_definitions(look):
    assert look("list_references", {"name": "Cart"}).split("\n") == [
        "shop/cart.py:1: class Cart:",
        "shop/bill.py:1: from shop.cart import Cart",
        "shop/bill.py:3: print(Cart().total())",
    ]


def test_only_what_was_granted_is_there(stage):
    context = stage(FILES, Task(id="t", path="shop/bill.py", goal="g")).context()
    tools = granted(("search_text", "shell"), everything=False)
    assert [tool.name for tool in tools] == ["search_text"]
    look_ups = LookUps(context.snapshot, context.names, tools)
    assert look_ups.execute("show_symbol", {"name": "Cart"}) == "There is no tool 'show_symbol'."
    assert granted((), everything=False) == ()
    assert {tool.name for tool in ALL} == set(LOOK_UPS)


def test_calls_and_characters_are_bounded(stage):
    files = {"a.py": "".join(f"x = '{'y' * 150}'  # {n}\n" for n in range(5000))}
    context = stage(files, Task(id="t", path="a.py", goal="g")).context()
    look_ups = LookUps(context.snapshot, context.names, ALL)
    answers = [
        look_ups.execute("show_lines", {"path": "a.py", "first": 1, "last": 200})
        for _ in range(CALLS + 2)
    ]
    assert answers[0].endswith("[cut off here; ask for less]")
    assert max(map(len, answers)) <= 8_100
    assert sum(map(len, answers)) <= ROOM + 1_000
    assert answers[-1].startswith("No look-ups are left.")
    assert look_ups.calls_left == 0
    listed = LookUps(context.snapshot, context.names, ALL).execute("search_text", {"text": "x ="})
    assert listed.split("\n")[-1] == "[and more; search for something rarer]"


# ------------------------------------------------------------------------------- the conversation


def looking(*inputs, text=""):
    calls = tuple(Call(id=f"c{n}", name="show_symbol", input=each) for n, each in enumerate(inputs))
    return Reply(text=text, stop="tool_use", calls=calls)


def test_a_worker_looks_around_and_answers(stage, script, edit):
    task = Task(id="t", path="shop/bill.py", goal="g", worker=WorkerSpec(tools=("show_symbol",)))
    answers = {
        "work/t/1": looking({"name": "Bag"}, {"name": "Cart"}, text="let me see"),
        "work/t/1/look1": looking({"name": "nothing"}),
        "work/t/1/look2": edit("shop/bill.py", "print(Cart().total())", "print(2)"),
    }
    model = script(answers)
    here = stage(FILES, task)
    (result,), _ = here.run(model)
    assert result.patch.after.endswith(b"print(2)\n")
    first, second, third = model.prompts
    assert [tool.name for tool in first.tools] == ["show_symbol"]
    assert second.user == f"{CALLS - 2} look-ups left."
    assert second.history[0].text == first.user
    assert second.history[1].calls == answers["work/t/1"].calls
    assert "return 2" in second.history[2].returned[0].text
    assert third.history[:3] == second.history
    assert (second.system, second.shared) == (first.system, first.shared)


def test_without_a_grant_there_are_no_tools(stage, script, edit):
    task = Task(id="t", path="shop/bill.py", goal="g")
    model = script(lambda _: edit("shop/bill.py", "print(Cart().total())", "print(2)"))
    stage(FILES, task).run(model)
    assert model.prompts[0].tools == ()
    stage(FILES, task).run(model, worker_tools=True)
    assert [tool.name for tool in model.prompts[1].tools] == list(LOOK_UPS)


def test_look_ups_see_the_round_s_beginning(stage, script, edit):
    """Else the same question would get another answer when others finish in another order."""
    tasks = (
        Task(id="a", path="shop/cart.py", goal="g", weight=9),
        Task(id="b", path="shop/bill.py", goal="g", worker=WorkerSpec(tools=("show_symbol",))),
    )
    answers = {
        "work/a/1": edit("shop/cart.py", "        return 2", "        return 3"),
        "work/b/1": looking({"name": "Bag"}),
        "work/b/1/look1": edit("shop/bill.py", "print(Cart().total())", "print(2)"),
    }
    model = script(answers)
    stage(FILES, *tasks).run(model, max_parallel=1)
    assert "return 2" in model.prompts[-1].history[2].returned[0].text


def test_a_worker_that_only_looks_is_stopped(stage, script):
    model = script(lambda _: looking({"name": "Bag"}, {"name": "Cart"}, {"name": "total"}))
    (result,), _ = stage(FILES, Task(id="t", path="shop/bill.py", goal="g")).run(
        model, worker_tools=True
    )
    assert [attempt.kind for attempt in result.attempts] == ["no_answer"] * 3
    assert len(model.prompts) == 3 * (CALLS // 3 + 1)
    answered = [turn.returned for turn in model.prompts[5].history if turn.returned]
    assert all(len(each) == 3 for each in answered)  # no call is left without its result


def test_the_cost_of_all_questions_is_the_attempt_s(stage, script, edit):
    from codeorch.domain import Usage

    reply = edit("shop/bill.py", "print(Cart().total())", "print(2)")
    cost = Usage(calls=1, input_tokens=10)
    look = Reply(text="", stop="tool_use", calls=looking({"name": "Bag"}).calls, usage=cost)
    done = Reply(text=reply.text, stop="tool_use", form=reply.form, usage=cost)
    model = script(lambda prompt: done if "look" in prompt.key else look)
    (result,), _ = stage(FILES, Task(id="t", path="shop/bill.py", goal="g")).run(
        model, worker_tools=True
    )
    assert (result.attempts[0].usage.calls, result.attempts[0].usage.input_tokens) == (2, 20)
