import asyncio

import pytest

from codeorch.config import Settings
from codeorch.domain import (
    ChangeSet,
    Contract,
    DeadLetter,
    Done,
    NothingToDo,
    Plan,
    Skipped,
    SourceFile,
    Usage,
)
from codeorch.errors import BudgetReached, ServiceError
from codeorch.llm import ReplayModel, Reply
from codeorch.merge import MergeDeps, combine, resolve

NONE = ChangeSet(base="b", patches=())
BASE = b"one\ntwo\nthree\nfour\nfive\n"
ONE = BASE.replace(b"one", b"1")
UNO = BASE.replace(b"one", b"uno")
FIVE = BASE.replace(b"five", b"5")
BOTH = ONE.replace(b"five", b"5")


def parse(path, data):
    return SourceFile(
        path=path, text=data.decode(), language="python", syntax_errors=data.count(b"(")
    )


@pytest.fixture
def settled(make_repo):
    """Settle edits; gives the results and what `combine` makes of them."""
    repo = make_repo({"a.py": BASE})

    def run(*results, model=None, earlier=NONE, contracts=()):
        plan = Plan(tasks=tuple(result.task for result in results), contracts=contracts)
        deps = MergeDeps(repo, Settings(), parse, model)
        found = asyncio.run(resolve(earlier, plan, results, deps))
        return found, combine(earlier, plan, found)

    return run


def says(diff, stop="end_turn"):
    return Reply(text=diff, stop=stop, usage=Usage(calls=1, output_tokens=7))


GOOD = "```diff\n--- a/a.py\n+++ b/a.py\n@@\n-1\n+1 uno\n two\n```"


def texts(change):
    return {patch.path: patch.after for patch in change.patches}


def test_edits_that_fit_stay_as_they_are(settled, step):
    steps = (step("t1", "a.py", BASE, ONE), step("t2", "a.py", ONE, BOTH, needs=("t1",)))
    results, change = settled(*steps)
    assert results == steps
    assert texts(change) == {"a.py": BOTH}


def test_edits_of_different_lines_are_merged(settled, step):
    results, change = settled(step("t1", "a.py", BASE, ONE), step("t2", "a.py", BASE, FIVE))
    assert texts(change) == {"a.py": BOTH}
    assert results[1].repairs == ("merged with the edit of t1",)
    assert [s.patch.after for s in change.steps] == [ONE, BOTH]


def test_the_order_of_the_plan_and_not_of_the_results_decides(settled, step):
    late = step("t1", "a.py", BASE, ONE, needs=("t2",))
    _, change = settled(late, step("t2", "a.py", BASE, FIVE))
    assert [s.task.id for s in change.steps] == ["t2", "t1"]


def test_an_edit_made_on_another_ones_text_comes_after_it(settled, step):
    made_on_it = step("t1", "a.py", FIVE, BOTH)
    results, change = settled(made_on_it, step("t2", "a.py", BASE, FIVE))
    assert results[0] == made_on_it
    assert [s.task.id for s in change.steps] == ["t2", "t1"]


def test_the_same_edit_twice_is_one(settled, step):
    results, change = settled(step("t1", "a.py", BASE, ONE), step("t2", "a.py", BASE, ONE))
    assert results[1] == NothingToDo(task=results[1].task, reason="t1 made the same edit")
    assert texts(change) == {"a.py": ONE}


def test_a_contradiction_is_named_and_refused_without_a_model(settled, step):
    results, change = settled(
        step("t1", "a.py", BASE, ONE),
        step("t2", "a.py", BASE, UNO),
        step("t3", "b.py", None, b"x", needs=("t2",)),
    )
    assert isinstance(results[1], DeadLetter)
    assert results[1].error == (
        "its edit of a.py contradicts that of t1: both change the same lines"
    )
    assert results[2] == Skipped(task=results[2].task, because="t2 did not finish")
    assert texts(change) == {"a.py": ONE}


def test_a_contradiction_is_reconciled_by_one_call_that_knows_both_goals(settled, step):
    model = ReplayModel({"merge/t2": says(GOOD)})
    contract = Contract(symbol="f", signature="def f(x)", defined_in="a.py")
    results, change = settled(
        step("t1", "a.py", BASE, ONE, goal="write figures"),
        step("t2", "a.py", BASE, UNO, goal="speak Italian"),
        model=model,
        contracts=(contract,),
    )
    assert texts(change) == {"a.py": ONE.replace(b"1", b"1 uno")}
    assert results[1].repairs == (f"reconciled with the edit of t1 by {Settings().planner_model}",)
    assert [attempt.usage.output_tokens for attempt in results[1].attempts] == [7]
    (asked,) = model.asked
    for part in ("write figures", "speak Italian", "-one\n+1", "-one\n+uno", "def f(x)"):
        assert part in asked.conversation.last_text


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (says("CONTRADICTION: it is either or"), "it is either or"),
        (says("I would rather not."), "no edit"),
        (says(GOOD, stop="max_tokens"), "ended early"),
        (says(GOOD.replace("+1 uno", "+uno")), "only one of the two"),
        (says(GOOD.replace("+1 uno", "+1 uno(")), "is not as sound as before"),
        (says(GOOD.replace("a.py", "b.py")), "b.py"),
        (ServiceError("no", kind="timeout", retryable=True), "no"),
        (ServiceError("no", kind="auth", retryable=False), "no"),
    ],
    ids=["given up", "no edit", "cut", "last one wins", "syntax", "other file", "late", "key"],
)
def test_what_does_not_reconcile_is_refused_by_name(settled, step, answer, why):
    results, change = settled(
        step("t1", "a.py", BASE, ONE),
        step("t2", "a.py", BASE, UNO),
        model=ReplayModel({"merge/t2": answer}),
    )
    assert isinstance(results[1], DeadLetter)
    assert results[1].kind == "contradiction"
    assert "contradicts that of t1" in results[1].error
    assert why in results[1].error
    assert texts(change) == {"a.py": ONE}


def test_a_spent_budget_refuses_the_edit(settled, step):
    class Spent:
        async def ask(self, prompt):
            raise BudgetReached("the ceiling of 1 $ is reached")

    results, _ = settled(
        step("t1", "a.py", BASE, ONE), step("t2", "a.py", BASE, UNO), model=Spent()
    )
    assert "ceiling of 1 $" in results[1].error


def test_a_merge_that_does_not_parse_goes_to_the_model(settled, step):
    model = ReplayModel({"merge/t2": says("CONTRADICTION: x")})
    ours = BASE.replace(b"one", b"(")
    theirs = BASE.replace(b"five", b"(")
    settled(step("t1", "a.py", BASE, ours), step("t2", "a.py", BASE, theirs), model=model)
    assert len(model.asked) == 1


@pytest.mark.parametrize("first", ["delete", "edit"])
def test_a_deleted_file_is_not_edited(settled, step, first):
    gone, edited = step("t1", "a.py", BASE, None), step("t2", "a.py", BASE, ONE)
    pair = (gone, edited) if first == "delete" else (edited, gone)
    results, change = settled(*pair)
    assert isinstance(results[1], DeadLetter)
    assert texts(change) == {"a.py": pair[0].patch.after}


@pytest.mark.parametrize("first", ["move", "edit"])
def test_an_edit_follows_a_file_that_another_task_moves(settled, step, first):
    moved = step("t1", "b.py", BASE, ONE, old_path="a.py")
    edited = step("t2", "a.py", BASE, FIVE)
    pair = (moved, edited) if first == "move" else (edited, moved)
    results, change = settled(*pair)
    assert all(isinstance(result, Done) for result in results)
    (patch,) = change.patches
    assert (patch.path, patch.old_path, patch.before, patch.after) == (
        "b.py", "a.py", BASE, BOTH,
    )  # fmt: skip


def test_two_moves_of_one_file_contradict(settled, step):
    results, change = settled(
        step("t1", "b.py", BASE, BASE, old_path="a.py"),
        step("t2", "c.py", BASE, BASE, old_path="a.py"),
    )
    assert isinstance(results[1], DeadLetter)
    assert texts(change) == {"b.py": BASE}


def test_two_new_files_of_one_name_contradict_unless_they_are_equal(settled, step):
    results, _ = settled(step("t1", "n.py", None, b"x\n"), step("t2", "n.py", None, b"y\n"))
    assert isinstance(results[1], DeadLetter)


def test_an_edit_of_a_later_round_is_fitted_on_the_earlier_one(settled, step):
    _, earlier = settled(step("t1", "a.py", BASE, ONE))
    _, change = settled(step("r2-t1", "a.py", BASE, FIVE), earlier=earlier)
    assert texts(change) == {"a.py": BOTH}


def test_the_files_after_the_merge_are_those_that_land(settled, step):
    from codeorch.domain import Snapshot

    _, change = settled(
        step("t1", "b.py", BASE, ONE, old_path="a.py"),
        step("t2", "n.py", None, b"n\n"),
        step("t3", "g.py", b"g\n", None),
    )
    files = {path: SourceFile(path=path, text="") for path in ("a.py", "g.py", "z.py")}
    after = Snapshot(commit="b", files=files).with_files(change.files)
    assert {path: file.text for path, file in after.files.items()} == {
        "b.py": ONE.decode(), "n.py": "n\n", "z.py": "",
    }  # fmt: skip
