"""What a rename leaves open: it is among the gaps, and the change is not complete."""

from codeorch.domain import Completeness, MissedUse, Plan, UnprovenUse

USE = UnprovenUse(symbol="Cart.total", path="a.py", line=3, text="x.total()", why="whose is it?")


def gap(symbol, line, certainty):
    return MissedUse(
        symbol=symbol, change="renamed", path="a.py", line=line, text="", certainty=certainty,
        suggestion="",
    )  # fmt: skip


def test_a_use_that_nothing_proves_keeps_a_change_by_rule_open():
    plan = Plan(tasks=(), source="codemod", unproven_uses=(USE, USE))
    left = Completeness().of_plan(plan)
    assert [(each.line, each.certainty) for each in left.open] == [(3, "maybe")]


def test_what_a_planner_asked_for_is_listed_and_stays_complete():
    plan = Plan(tasks=(), source="model", unproven_uses=(USE,))
    left = Completeness().of_plan(plan)
    assert [each.line for each in left.gaps] == [3]
    assert not left.open


def test_a_rule_that_judged_every_use_of_a_name_knows_better_than_a_maybe():
    plan = Plan(tasks=(), source="codemod", judged_names=("total", "amount"))
    gaps = (
        gap("Cart.total", 1, "maybe"),
        gap("Cart.total", 2, "sure"),
        gap("Cart.sum", 4, "maybe"),
    )
    left = Completeness(gaps=gaps).of_plan(plan)
    assert [each.line for each in left.gaps] == [2, 4]
