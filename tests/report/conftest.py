"""A run of two rounds in which everything happened that a report tells of."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from codeorch.domain import (
    Attempt,
    Branch,
    CancelledTask,
    ChangeSet,
    Completeness,
    Contract,
    DeadLetter,
    Deviation,
    Done,
    Estimate,
    FilePatch,
    Mention,
    MissedUse,
    NeedsMore,
    NothingToDo,
    Outcome,
    Plan,
    Question,
    Range,
    Rejected,
    Request,
    Round,
    Skipped,
    SymbolChange,
    Task,
    TestRun,
    Timing,
    Usage,
    Verdict,
    WaivedUse,
)
from codeorch.report.console import show

BASE, COMMIT = "a" * 40, "b" * 40


def usage(cost=0.25, calls=1):
    return Usage(
        calls=calls, input_tokens=1000, output_tokens=200, cache_read_tokens=400, cost_usd=cost,
        seconds=1.5,
    )  # fmt: skip


def attempt(number=1, error="", kind="", **more):
    return Attempt(
        number=number, model="model-a", effort="high", error=error, kind=kind, usage=usage(**more)
    )


def patch(path, before="one\n", after="two\n", **more):
    sides = [None if side is None else side.encode() for side in (before, after)]
    return FilePatch(path=path, before=sides[0], after=sides[1], **more)


def gap(certainty, **more):
    return MissedUse(
        symbol="area", change="signature", path=f"{certainty}.py", line=7,
        text=f"area(1)  # {certainty}", certainty=certainty, suggestion=f"{certainty} suggestion",
        **more,
    )  # fmt: skip


CORE = Task(id="t1", path="calc/core.py", goal="give area a unit")
ROOM = Task(id="t2", path="calc/room.py", goal="pass the unit on", needs=("t1",))
DOCS = Task(id="t3", path="docs/guide.md", goal="tell of the unit")
SHED = Task(id="t4", path="calc/shed.py", goal="let sheds have units")
LAWN = Task(id="r2-t1", path="calc/lawn.py", goal="let lawns have units")
POND = Task(id="r2-t2", path="calc/pond.py", goal="let ponds have units")
AGAIN = Task(id="r2-t3", path="calc/room.py", goal="round the unit")
CONTRACT = Contract(
    symbol="area", signature="def area(width, height, unit=1)", defined_in="calc/core.py",
    used_in=("calc/room.py",),
)  # fmt: skip


@pytest.fixture
def eventful():
    """Build the outcome anew, with other values where given."""

    def build(**changes):
        core = Done(
            task=CORE,
            patch=patch("calc/core.py"),
            attempts=(attempt(1, "no such line", "no_match"), attempt(2)),
            summary="area takes a unit now",
            interface_notes="call `area(width, height, scale)`",
            deviations=(
                Deviation(symbol="area", signature="def area(w, h, scale)", why="unit was taken"),
            ),
            repairs=("recounted hunk headers",),
        )
        room = Done(
            task=ROOM,
            patch=patch("calc/room.py"),
            attempts=(attempt(cost=0.5),),
            summary="rooms pass the unit on",
            interface_notes="I count on `area(width, height, unit)`",
        )
        docs = NothingToDo(task=DOCS, reason="it tells of units already", attempts=(attempt(),))
        shed = DeadLetter(
            task=SHED, error="the place is ambiguous\nsecond line", kind="ambiguous",
            attempts=(attempt(1, "cut off", "truncated"), attempt(2, "two places", "ambiguous")),
        )  # fmt: skip
        lawn = NeedsMore(task=LAWN, paths=("calc/yard.py",), why="the yard measures it")
        pond = Skipped(task=POND, because="r2-t1 did not finish")
        again = Done(task=AGAIN, patch=patch("calc/room.py"), attempts=(attempt(calls=0),))
        change = ChangeSet(
            base=BASE,
            patches=(
                patch("calc/core.py", "one\n" * 30, "two\n" * 30),
                patch("calc/room.py"),
                patch("old/tent.py", "gone\n", None),
            ),
            steps=(core, room, again),
            rejected=(Rejected(task="t9", path="calc/barn.py", why="its text had changed"),),
        )
        first = Round(
            plan=Plan(
                tasks=(CORE, ROOM, DOCS, SHED),
                contracts=(CONTRACT,),
                rationale="the core first, then its users",
                mentions=(Mention(path="notes.md", line=3, text="ask area for help"),),
                notes=("a cycle was cut at t4",),
                questions=(
                    Question(text="Which unit?", assumption="square metres"),
                    Question(text="Which language?", assumption="en", answer="de"),
                ),
            ),
            results=(core, room, docs, shed),
            change=replace(change, rejected=()),
            commit="c" * 40,
            verdict=Verdict(status="broken", reason="1 test newly failing: old::one"),
            conventions=("AGENTS.md",),
        )
        second = Round(
            plan=Plan(
                tasks=(LAWN, POND, AGAIN),
                contracts=(CONTRACT,),
                rationale="lawns were forgotten",
                cancelled_tasks=(CancelledTask(task="t4", why="sheds go away anyway"),),
                next_stage="the garden gnomes",
            ),
            results=(lawn, pond, again, shed),
            change=change,
            commit=COMMIT,
            verdict=Verdict(
                status="red",
                reason="2 tests failing before and after",
                command=("pytest", "-q"),
                protection="isolated (bubblewrap)",
                before=TestRun(exit_code=1, seconds=2.0, passed=8, failed=2),
                after=TestRun(exit_code=1, seconds=3.0, passed=9, failed=2, skipped=1),
                fixed=("t::fixed",),
                still_failing=("t::still",),
                missing=("t::missing",),
                flaky=("t::flaky",),
                new=("t::new",),
                evidence="E   assert 1 == 2",
                notices=("the change edits tests: test_core.py",),
                precommit="trailing whitespace",
            ),
            completeness=Completeness(
                changes=(
                    SymbolChange(
                        symbol="area", change="signature", path="calc/core.py", detail="one more"
                    ),
                ),
                gaps=(gap("maybe"), gap("sure"), gap("likely")),
                waived_uses=(WaivedUse(gap=gap("sure"), why="it is dead code"),),
                mentions=(Mention(path="conf.toml", line=9, text="area = 4"),),
            ),
            conventions=("AGENTS.md", "CONTRIBUTING.md"),
            untested_files=("calc/room.py",),
            estimate=Estimate(calls=Range(likely=3.0), cost_usd=None),
        )
        whole = Outcome(
            run_id="run1",
            request=Request(text="add a unit", base=BASE),
            rounds=(first, second),
            branch=Branch(name="codeorch/add-a-unit", commit=COMMIT),
            usage=replace(usage(cost=3.5, calls=9), input_tokens=9_000, output_tokens=1_800),
            reused_answers=2,
            new_answers=7,
            timings=(
                Timing(stage="read", start_s=0.0, end_s=1.0),
                Timing(stage="check", start_s=1.0, end_s=3.0),
                Timing(stage="check", start_s=4.0, end_s=9.0),
            ),
            notices=("1 uncommitted change in your working tree",),
        )
        return replace(whole, **changes)

    return build


@pytest.fixture
def on_terminal():
    """Draw a record as on a terminal without colours."""

    def draw(told, **how):
        out = io.StringIO()
        show(told, Console(file=out, width=100), **how)
        return out.getvalue()

    return draw
