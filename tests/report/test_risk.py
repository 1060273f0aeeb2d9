"""The reading order follows the points of docs/reports.md."""

import re
from dataclasses import replace
from pathlib import Path

from codeorch.domain import ChangeSet, Completeness, Done, FilePatch, SymbolChange, Task
from codeorch.report import record
from codeorch.report.sections.risk import reading_order


def order(eventful, *files, **more):
    outcome = eventful()
    steps = tuple(
        Done(
            task=Task(id=path, path=path, goal="g"), patch=patch, attempts=attempts, repairs=repairs
        )
        for path, patch, attempts, repairs in files
    )
    plan = replace(outcome.last.plan, tasks=tuple(step.task for step in steps))
    change = ChangeSet(base="b", patches=tuple(step.patch for step in steps), steps=steps)
    fields = {"completeness": Completeness(), "untested_files": (), **more}
    one = replace(outcome.last, plan=plan, results=steps, change=change, **fields)
    ranked = reading_order(record.record(eventful(rounds=(one,))))
    return [(each.file.path, each.points) for each in ranked]


def file(path, lines=1, attempts=(), repairs=(), after="b\n"):
    patch = FilePatch(path=path, before=b"a\n" * lines, after=after and (after * lines).encode())
    return path, patch, attempts, repairs


def test_files_without_a_sign_stand_by_length_then_path(eventful):
    found = order(eventful, file("b.py"), file("a.py"), file("long.py", 9))
    assert found == [("long.py", 0), ("a.py", 0), ("b.py", 0)]


def test_each_sign_counts_its_points(eventful):
    first = eventful().rounds[0].results[0]
    changed = SymbolChange(symbol="Cart.total", change="removed", path="api.py", detail="")
    hidden = replace(changed, symbol="Cart._sum", path="own.py")
    found = order(
        eventful,
        file("own.py"),
        file("mended.py", repairs=("recounted",)),
        file("again.py", attempts=first.attempts),
        file("gone.py", after=None),
        file("bare.py"),
        file("api.py"),
        file("long.py", 1000),
        completeness=Completeness(changes=(changed, hidden)),
        untested_files=("bare.py",),
    )
    assert dict(found) == {
        "long.py": 4, "api.py": 3, "gone.py": 2, "bare.py": 2, "again.py": 2, "mended.py": 1,
        "own.py": 0,
    }  # fmt: skip
    assert [points for _, points in found] == sorted((p for _, p in found), reverse=True)


def test_the_rule_is_documented_with_its_points(eventful):
    text = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    documented = {
        name: int(points) for name, points in re.findall(r"^\| (.+?) \| (\d)", text, re.MULTILINE)
    }
    told = record.record(eventful())
    signs = {sign.what: sign.points for one in reading_order(told) for sign in one.signs}
    assert set(signs.values()) <= set(documented.values())
    assert documented["does not keep a contract"] == signs["does not keep the contract of area"]
    assert documented["uses of what it defined are missed"] == signs["uses of area are missed"]
    assert documented["changes a public definition"] == signs["changes area for all who use it"]


def test_edits_of_a_file_that_was_renamed_later_stay_with_it(eventful):
    outcome = eventful()
    edit = Done(task=Task(id="t1", path="old.py", goal="edit"), patch=file("old.py")[1])
    move = FilePatch(path="new.py", old_path="old.py", before=b"a", after=b"b")
    moved = Done(task=Task(id="t2", path="new.py", goal="move", action="rename"), patch=move)
    plan = replace(outcome.last.plan, tasks=(edit.task, moved.task))
    change = ChangeSet(base="b", patches=(move,), steps=(edit, moved))
    one = replace(outcome.last, plan=plan, results=(edit, moved), change=change)
    (ranked,) = reading_order(record.record(eventful(rounds=(one,))))
    assert [result.task for result in ranked.results] == ["t1", "t2"]
