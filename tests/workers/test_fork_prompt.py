"""What a fork of the planner's conversation is told besides, and when a worker is one."""

from dataclasses import replace

import pytest

from codeorch.config import Settings
from codeorch.domain import Contract, Question, Task, WorkerSpec
from codeorch.retrieval import ShownLines
from codeorch.workers import fork_part
from codeorch.workers.fork_or_fresh import first_approach

SHOP = {
    "shop/price.py": "def gross(net, rate=0.2):\n    return net * (1 + rate)\n",
    "shop/cart.py": (
        "from shop.price import gross\n\n\nclass Cart:\n    def total(self, nets):\n"
        "        return sum(gross(net) for net in nets)\n"
    ),
    "tests/test_cart.py": "def test_total():\n    assert True\n",
}
CART = Task(id="cart", path="shop/cart.py", goal="Give `Cart.total` a currency.")
PRICE = Task(id="price", path="shop/price.py", goal="Take a currency.")
NEW = Task(id="new", path="shop/bill.py", goal="Write bills.", action="create")


def test_all_workers_send_the_same_up_to_the_fork_and_then_their_task(stage):
    here = stage(SHOP, CART, PRICE, NEW).forked("the request", "the plan is accepted")
    prompts = [here.prompt(number) for number in range(3)]
    for prompt in prompts:
        talk = prompt.conversation
        assert (talk.system, talk.tools) == (
            here.round.fork.conversation.system, here.round.fork.conversation.tools,
        )  # fmt: skip
        assert talk.messages[:-1] == here.round.fork.conversation.messages
        assert (prompt.model, prompt.effort, prompt.temperature) == ("planner-model", None, None)
    heads = [prompt.conversation.last_text.split("\n")[:2] for prompt in prompts]
    assert heads == [
        ["## Task", "edit shop/cart.py"],
        ["## Task", "edit shop/price.py"],
        ["## Task", "create shop/bill.py"],
    ]


def test_a_fork_hears_its_goal_and_how_its_kind_works(stage):
    task = Task(
        id="t", path="shop/cart.py", goal="Count.",
        worker=WorkerSpec(role="test writer", instructions="Be brief."),
    )  # fmt: skip
    said = stage(SHOP, task).forked().own()
    assert "\n\nCount.\n\nHow you work: Follow the test style of the file." in said
    assert said.partition("How you work: ")[2].split("\n")[0].endswith("Be brief.")


def test_all_forks_hear_that_the_plan_is_accepted_and_of_what_is_done_already(stage, edit):
    ready = Task(id="c", path="shop/price.py", goal="g", answer=edit("shop/price.py").text)
    here = stage(
        SHOP, CART, ready, NEW, notes=("a cycle was broken",),
        questions=(Question(text="Which currency?", assumption="EUR."),),
    )  # fmt: skip
    told = fork_part(here.plan, here.round.snapshot, ShownLines())
    assert told.startswith("The plan is accepted.\n\n- a cycle was broken\n\n")
    assert "Its own edits are made: shop/price.py. Look-ups go on" in told
    assert "cart (shop/cart.py), new (shop/bill.py)." in told
    assert "- Which currency? EUR." in told
    assert CART.goal not in told  # it stands in the plan


def test_conventions_that_the_planner_has_not_read_are_told_once_to_all_forks(stage):
    files = {
        **SHOP, "AGENTS.md": "Use tabs nowhere.\n", "shop/AGENTS.md": "Money is in cents.\n",
        "tests/AGENTS.md": "No mocks.\n",
    }  # fmt: skip
    here = stage(files, CART, PRICE).forked()
    told = fork_part(here.plan, here.round.snapshot, ShownLines({"AGENTS.md": [(1, 1)]}))
    assert told.count("conventions: shop/AGENTS.md\n```\nMoney is in cents.") == 1
    assert "tabs" not in told
    assert "mocks" not in told
    assert "cents" not in here.own()


def test_the_conventions_of_many_folders_are_bounded(stage):
    folders = {f"area{n}/AGENTS.md": f"Rule {n} is a rule.\n" * 200 for n in range(20)}
    tasks = [Task(id=f"t{n}", path=f"area{n}/a.py", goal="g", action="create") for n in range(20)]
    here = stage(folders, *tasks)
    told = fork_part(here.plan, here.round.snapshot, ShownLines())
    assert "Rule 0 is" in told
    assert "Read area19/AGENTS.md before you change a file in its folder." in told
    assert len(told) < 16_000


# ------------------------------------------------------------------- only what was not shown


def test_a_file_that_was_read_is_not_sent_again(stage):
    said = stage(SHOP, CART).forked(read=[("shop/cart.py", 1, 6)]).own()
    assert "You have read all of your file above." in said
    assert "def total" not in said


def test_a_short_file_that_was_not_read_whole_is_shown_whole(stage):
    said = stage(SHOP, CART).forked(read=[("shop/cart.py", 1, 3)]).own()
    assert f"shop/cart.py (6 lines)\n```python\n{SHOP['shop/cart.py']}```" in said


def test_a_new_file_is_named_as_new(stage):
    assert "shop/bill.py does not exist yet." in stage(SHOP, NEW).forked().own()


METHOD = "    def m{0}(self):\n" + "        x = 1\n" * 40 + "        return {0}\n\n"
BIG = "import os\n\n\nclass Big:\n" + "".join(METHOD.format(n) for n in range(80))
M77 = 5 + 77 * 43  # its first line


def test_of_a_long_file_what_the_goal_names_is_shown_with_its_lines(stage):
    task = Task(id="b", path="big.py", goal="Make `m77` return 5.")
    said = stage({"big.py": BIG}, task).forked(read=[("other.py", 1, 9)]).own()
    assert f"big.py, lines {M77 - 4} to {M77 + 41}\n```python\n" in said
    assert "    def m77(self):\n" in said
    assert "        return 77\n" in said
    code, _, outlined = said.partition("Its outline:")
    assert "def m76" not in code
    assert "import os" in code  # what it imports can be read off the head
    assert "def m40" in outlined
    assert "big.py has 3444 lines; read what you change and have not seen." in said
    assert len(said) < 9_000


@pytest.mark.parametrize(("named", "is_whole"), [(range(3), False), (range(12), True)])
def test_a_file_of_which_half_would_be_shown_is_shown_whole(stage, named, is_whole):
    text = "".join(f"def m{n}():\n" + "    x = 1\n" * 20 + "\n\n" for n in range(16))
    goal = f"Mend {', '.join(f'`m{n}`' for n in named)}."
    said = stage({"mid.py": text}, Task(id="a", path="mid.py", goal=goal)).forked().own()
    assert 2_500 < len(text) < 6_000
    assert ("mid.py (368 lines)" in said) == is_whole
    assert ("mid.py, lines" in said) != is_whole


def test_of_what_the_goal_names_only_unseen_lines_are_shown(stage):
    task = Task(id="b", path="big.py", goal="Make `m77` return 5.")
    read = [("big.py", 1, 4), ("big.py", M77, M77 + 39)]
    said = stage({"big.py": BIG}, task).forked(read=read).own()
    assert f"big.py, lines {M77 + 40} to {M77 + 41}\n```python\n        x = 1\n" in said
    assert "def m77" not in said
    assert "import os" not in said


def test_around_what_was_read_nothing_is_shown(stage):
    task = Task(id="b", path="big.py", goal="Make `m77` return 5.")
    read = [("big.py", 1, 4), ("big.py", M77, M77 + 41)]
    said = stage({"big.py": BIG}, task).forked(read=read).own()
    assert "big.py, lines" not in said
    assert "big.py has 3444 lines; read what you change and have not seen." in said


def test_of_a_long_file_nothing_of_which_is_known_there_is_an_outline(stage):
    text = "class Big:\n" + "".join(METHOD.format(n) for n in range(80))
    said = stage({"big.py": text}, Task(id="b", path="big.py", goal="g")).forked().own()
    assert "Its outline:\n```python\nclass Big:\n" in said
    assert len(said) < 3_500


def test_of_a_long_file_a_contract_shows_where_its_name_is_used(stage):
    text = "".join(f"value_{n} = {n}\n" for n in range(900)) + "print(total([1]))\n"
    contract = Contract(
        symbol="Cart.total", signature="f()", defined_in="shop/cart.py", used_in=("use.py",)
    )
    task = Task(id="u", path="use.py", goal="Follow the contract.")
    said = stage({**SHOP, "use.py": text}, task, contracts=(contract,)).forked().own()
    assert "use.py, lines 897 to 901\n" in said
    assert "print(total([1]))" in said
    assert "value_500" not in said


ERROR = (
    "\n\nclass Error{0}(Exception):\n    def __init__(self, name):\n        self.name{0} = name\n\n"
    "    def text(self):\n        return self.name{0}\n"
)
CLASSES = "import os\n" + "".join(ERROR.format(n) + f"\n    # about {n}\n" * 60 for n in range(5))
ERRORS = Task(id="e", path="errors.py", goal="g")


def test_a_name_that_many_classes_share_means_the_class_that_is_named(stage):
    def said(goal):
        return stage({"errors.py": CLASSES}, replace(ERRORS, goal=goal)).forked().own()

    named = said("`Error3.__init__(name, hint)` takes a hint, and `text` of `Error3` shows it.")
    assert "self.name3 = name" in named
    assert "return self.name3" in named
    assert not [n for n in (0, 1, 2, 4) if f"self.name{n}" in named]
    assert "self.name" not in said("Give `__init__` of all errors a hint.")


def test_around_a_place_of_use_a_short_function_is_shown_whole(stage):
    text = "".join(
        f"def f{n}(a):\n" + "    b = a\n" * 14 + f"    return {n}\n\n\n" for n in range(60)
    )
    text = text.replace("    return 7\n", "    c = total(a)\n    return 7\n")
    said = stage({"use.py": text}, Task(id="u", path="use.py", goal="Call `total` twice.")).forked()
    begin = 7 * 18 + 1
    assert f"use.py, lines {begin} to {begin + 19}\n```python\ndef f7(a):\n" in said.own()


def test_a_word_that_stands_everywhere_shows_nothing_unless_a_contract_is_about_it(stage):
    text = "".join(f"value_{n} = total({n})\n" for n in range(900))
    task = Task(id="u", path="use.py", goal="Hand `total` a rate.")
    assert "value_7" not in stage({"use.py": text}, task).forked().own().partition("Its outline")[0]
    contract = Contract(
        symbol="total", signature="f()", defined_in="shop/cart.py", used_in=("use.py",)
    )
    bound = stage({**SHOP, "use.py": text}, task, contracts=(contract,)).forked().own()
    assert "value_7" in bound


def test_of_a_test_file_that_gets_a_new_test_the_end_is_shown(stage):
    text = "".join(
        f"def test_{n}(shop):\n" + "    x = 1\n" * 9 + f"    assert {n}\n\n\n" for n in range(80)
    )
    files = {**SHOP, "tests/test_bill.py": text}
    task = Task(id="b", path="tests/test_bill.py", goal="Test that `Bill.pay` pays twice.")
    said = stage(files, task).forked().own()
    code = said.partition("Its outline")[0]
    assert "def test_79(shop):\n" in code
    assert "    assert 79\n" in code
    assert "def test_78" not in code
    known = replace(task, goal="`test_40` pays twice.")
    assert "def test_79" not in stage(files, known).forked().own().partition("Its outline")[0]


READ = [("shop/cart.py", 1, 6), ("shop/price.py", 1, 2)]


def test_a_file_that_a_codemod_changed_is_shown_as_it_is_now(stage, edit, script):
    ready = edit("shop/cart.py", "    def total(self, nets):", "    def amount(self, nets):").text
    rename = Task(id="c", path="shop/cart.py", goal="rename", answer=ready)
    task = Task(id="cart", path="shop/cart.py", goal="Count.", needs=("c",))
    model = script({"work/cart/1": edit("shop/cart.py", "class Cart:", "class Basket:")})
    results, _ = stage(SHOP, rename, task).forked(read=READ).run(model)
    said = model.prompts[0].conversation.last_text
    assert "Your file was changed since you read it; what follows is how it is now." in said
    assert "    def amount(self, nets):" in said
    assert [type(result).__name__ for result in results] == ["Done", "Done"]
    assert "# Done before you" not in said  # the plan shows what the codemod did


def test_a_needed_task_shows_its_edit_its_notes_and_what_it_did_not_keep(stage, edit, script):
    contract = Contract(
        symbol="gross", signature="def gross(net)", defined_in="shop/price.py",
        used_in=("shop/cart.py",),
    )  # fmt: skip
    waits = Task(id="cart", path="shop/cart.py", goal="g", needs=("price",))
    other = Task(id="test", path="tests/test_cart.py", goal="g")
    deviation = {"symbol": "gross", "signature": "def gross(net, unit)", "why": "a unit is due"}
    head = "def gross(net, rate=0.2):"
    answers = {
        "work/price/1": edit(
            "shop/price.py", head, "def gross(net, unit):",
            interface_notes="unit is never None", deviations=[deviation],
        ),
        "work/cart/1": edit("shop/cart.py", "class Cart:", "class Basket:"),
        "work/test/1": edit("tests/test_cart.py", "    assert True", "    assert 1"),
    }  # fmt: skip
    model = script(answers)
    here = stage(SHOP, PRICE, waits, other, contracts=(contract,)).forked(read=READ)
    here.run(model, max_parallel=1)
    said = {p.key: p.conversation.last_text for p in model.prompts}
    assert "# Done before you: shop/price.py\n```diff\n" in said["work/cart/1"]
    assert "+def gross(net, unit):" in said["work/cart/1"]
    assert (
        "# Contracts that turned out differently\n- gross is now `def gross(net, unit)` in "
        "shop/price.py, whatever its contract says: a unit is due"
    ) in said["work/cart/1"]
    assert "# Reported by workers before you\n- shop/price.py: unit is" in said["work/cart/1"]
    assert "unit" not in said["work/test/1"]
    assert "You have read all of your file above." in said["work/cart/1"]


# ------------------------------------------------------------------- fork, or fresh

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
MODELS = {"planner_model": OPUS, "worker_model": SONNET, "cheap_model": HAIKU}


def started(stage, *, before=8_000, planner=OPUS, worker=WorkerSpec(), **settings):  # noqa: B008
    """How a worker begins: (is a fork, its model, its effort).

    The planner has read its file, and `before` other characters.
    """
    task = Task(id="t", path="big.py", goal="g", worker=worker)
    read = [("big.py", 1, len(BIG.split("\n")))]
    here = stage({"big.py": BIG}, task).forked("x" * before, read=read, model=planner)
    prompt = here.prompt(**{**MODELS, "worker_start": "auto", **settings})
    is_fork = prompt.conversation.messages[0].text == "x" * before
    return is_fork, prompt.model, prompt.effort


def test_where_both_are_one_model_a_worker_is_a_fork(stage):
    assert started(stage, planner=SONNET, planner_model=SONNET) == (True, SONNET, None)
    same = {"planner": SONNET, "planner_model": SONNET}
    assert started(stage, before=900_000, **same) == (True, SONNET, None)


def test_between_two_models_the_price_decides(stage):
    """To read the file again costs more than dearer words, to read a long talk still more."""
    assert started(stage, before=2_000) == (True, OPUS, None)
    assert started(stage, before=400_000) == (False, SONNET, None)


def test_where_a_price_is_not_known_a_worker_is_fresh(stage):
    assert started(stage, worker_model="my-own-model") == (False, "my-own-model", None)
    assert started(stage, planner="my-own-model") == (False, SONNET, None)


@pytest.mark.parametrize(
    ("spec", "model", "effort"),
    [
        (WorkerSpec(effort="high"), SONNET, "high"),
        (WorkerSpec(model="cheap"), HAIKU, None),
        (WorkerSpec(model="cheap", effort="max"), HAIKU, "max"),
        (WorkerSpec(model="planner", effort="low"), OPUS, "low"),
    ],
)
def test_a_model_or_an_effort_of_the_plan_is_kept_and_makes_a_fresh_worker(
    stage, spec, model, effort
):
    assert started(stage, worker=spec) == (False, model, effort)


def test_who_is_to_be_the_planners_model_anyway_is_a_fork(stage):
    assert started(stage, worker=WorkerSpec(model="planner")) == (True, OPUS, None)


def test_the_user_decides_for_all(stage):
    same = {"planner": SONNET, "planner_model": SONNET}
    assert started(stage, worker_start="fresh", **same) == (False, SONNET, None)
    assert started(stage, worker_start="fork", worker=WorkerSpec(effort="high")) == (
        True, OPUS, None,
    )  # fmt: skip


def test_without_a_planners_conversation_all_are_fresh(stage):
    prompt = stage(SHOP, CART).prompt(**MODELS, worker_start="fork")
    assert prompt.model == SONNET
    assert prompt.conversation.messages[0].text.startswith("# Change request")


def test_a_cold_beginning_is_paid_by_those_who_share_it(stage):
    """What a resumed run would have to write anew is worth it for many, and not for one."""
    files = {f"f{n}.py": "x = 1\n" * 40 for n in range(60)}
    tasks = [Task(id=f"t{n}", path=path, goal="set x") for n, path in enumerate(files)]
    models = {"planner_model": "claude-opus-4-1", "worker_model": "claude-opus-4-1"}
    starts = []
    for some in (tasks[:1], tasks):
        here = stage(files, *some).forked("The request. " * 300, "The plan is accepted.")
        fork = replace(here.round.fork, model="claude-opus-4-1", is_warm=False)
        here.round = replace(here.round, fork=fork)
        starts.append(first_approach(here.context(), Settings(**models)).fork)
    assert starts == [False, True]
