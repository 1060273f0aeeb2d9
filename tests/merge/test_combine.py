from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import ChangeSet, DeadLetter, Done, FilePatch, Plan, Task
from codeorch.merge import ChangedFiles, combine

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


def test_what_needs_a_refused_edit_does_not_land(step):
    refused = step("t1", ".github/workflows/ci.yml", b"1", b"2")
    change = combined(refused, step("t2", "a.py", b"1", b"2", needs=("t1",)))
    assert change.patches == ()
    assert [(r.task, r.why) for r in change.rejected][1] == (
        "t2", "t1, which it needs, does not land",
    )  # fmt: skip


def test_a_refusal_is_over_when_a_later_round_changes_the_file(step):
    earlier = combined(step("t1", "a.py", b"1", b"2"), step("t2", "a.py", b"1", b"9"))
    assert combined(step("t3", "a.py", b"2", b"3"), earlier=earlier).rejected == ()


def test_an_edit_of_a_file_that_moved_away_is_refused(step):
    change = combined(
        step("t1", "b.py", b"1", b"1", old_path="a.py"), step("t2", "a.py", b"1", b"2")
    )
    assert [one.task for one in change.rejected] == ["t2"]


def test_a_file_is_not_moved_onto_one_that_an_edit_made(step):
    change = combined(
        step("t1", "b.py", None, b"1"), step("t2", "b.py", b"1", b"1", old_path="a.py")
    )
    assert [one.task for one in change.rejected] == ["t2"]


@st.composite
def chains(draw):
    """Edits of a few files, each made on what the one before it leaves; needs as they like."""
    texts = dict.fromkeys(("a.py", "b.py", "c.py"), b"0")
    last, made = {}, []
    for number in range(draw(st.integers(1, 8))):
        path = draw(st.sampled_from(sorted(texts)))
        after = f"{number + 1}".encode()
        known = [done.task.id for done in made]
        needs = set(draw(st.lists(st.sampled_from(known), max_size=2))) if known else set()
        needs |= {last[path]} if path in last else set()
        task = Task(id=f"t{number}", path=path, goal="g", needs=tuple(sorted(needs)))
        made.append(Done(task=task, patch=FilePatch(path=path, before=texts[path], after=after)))
        texts[path], last[path] = after, task.id
    return made, texts


@given(chains(), st.randoms())
def test_the_order_of_results_changes_nothing_and_every_need_comes_before(made, random):
    steps, texts = made
    plan = Plan(tasks=tuple(done.task for done in steps))
    shuffled = random.sample(steps, len(steps))
    change = combine(NONE, plan, shuffled)
    assert change == combine(NONE, plan, steps)
    assert change.rejected == ()
    assert {p.path: p.after for p in change.patches} == {
        path: text for path, text in texts.items() if text != b"0"
    }
    place = {done.task.id: n for n, done in enumerate(change.steps)}
    assert all(place[need] < place[s.task.id] for s in steps for need in s.task.needs)


def test_files_are_as_the_change_leaves_them(make_repo, step, change_on):
    repo = make_repo({"a.txt": "1\n", "b.txt": "2\n"})
    change = change_on(
        repo, step("t1", "a.txt", b"1\n", b"3\n"), step("t2", "n.sh", None, b"", mode=0o100755)
    )
    landed = ChangedFiles(repo, change)
    assert {p: landed.bytes_of(p) for p in ("a.txt", "b.txt", "n.sh")} == {
        "a.txt": b"3\n", "b.txt": b"2\n", "n.sh": b"",
    }  # fmt: skip
    assert [landed.mode_of(p) for p in ("b.txt", "n.sh")] == [0o100644, 0o100755]
