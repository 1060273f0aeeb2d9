from codeorch.domain import ChangeSet, DeadLetter, Plan, Task
from codeorch.merge import combine

NONE = ChangeSet(base="b", patches=())


def combined(*results, earlier=NONE, allowed=()):
    plan = Plan(tasks=tuple(result.task for result in results))
    return combine(earlier, plan, results, allowed)


def test_finished_edits_land_and_failed_tasks_do_not(step):
    lost = DeadLetter(task=Task(id="t2", path="b.py", goal="g"), error="e", kind="k")
    change = combined(step("t1", "a.py", b"1", b"2"), lost)
    assert [(p.path, p.after) for p in change.patches] == [("a.py", b"2")]


def test_two_tasks_on_one_file_are_applied_in_the_order_of_their_needs(step):
    second = step("t1", "a.py", b"2", b"3", needs=("t2",))
    first = step("t2", "a.py", b"1", b"2")
    (patch,) = combined(second, first).patches
    assert (patch.before, patch.after) == (b"1", b"3")


def test_an_edit_made_on_another_text_is_refused_by_name(step):
    change = combined(step("t1", "a.py", b"1", b"2"), step("t2", "a.py", b"1", b"9"))
    assert [p.after for p in change.patches] == [b"2"]
    assert [(r.task, r.path) for r in change.rejected] == [("t2", "a.py")]


def test_a_later_round_builds_on_the_earlier_one(step):
    earlier = combined(step("t1", "a.py", b"1", b"2"), step("t2", "b.py", None, b"x"))
    change = combined(step("t3", "a.py", b"2", b"3"), earlier=earlier)
    assert {p.path: (p.before, p.after) for p in change.patches} == {
        "a.py": (b"1", b"3"),
        "b.py": (None, b"x"),
    }


def test_an_edit_that_is_taken_back_lands_nothing(step):
    earlier = combined(step("t1", "a.py", b"1", b"2"))
    assert combined(step("t2", "a.py", b"2", b"1"), earlier=earlier).patches == ()


def test_a_created_file_that_is_deleted_again_lands_nothing(step):
    earlier = combined(step("t1", "n.py", None, b"2"))
    assert combined(step("t2", "n.py", b"2", None), earlier=earlier).patches == ()


def test_a_rename_on_top_of_an_edit_keeps_the_first_text(step):
    edited = step("t1", "a.py", b"1", b"2")
    moved = step("t2", "z.py", b"2", b"2", needs=("t1",), old_path="a.py")
    (patch,) = combined(edited, moved).patches
    assert (patch.path, patch.old_path, patch.before, patch.after) == ("z.py", "a.py", b"1", b"2")


def test_a_protected_path_does_not_land_unless_the_user_opened_it(step):
    path = ".github/workflows/ci.yml"
    change = combined(step("t1", path, b"1", b"2"))
    assert change.patches == ()
    assert change.rejected[0].path == path
    assert len(combined(step("t1", path, b"1", b"2"), allowed=(path,)).patches) == 1
