"""Where workers say different things of one symbol, both words are shown."""

import pytest

from codeorch.domain import ChangeSet, Contract, Deviation, Done, Plan, Round, Task, Verdict
from codeorch.domain import FilePatch as Patch
from codeorch.report import record
from codeorch.report.markdown import markdown
from codeorch.report.sections.contracts import claims_in, disputes


@pytest.mark.parametrize(
    ("note", "parameters"),
    [
        ("now `area(width, height)`", ("width", "height")),
        ("now `def area(width: int, height: int = 1) -> int`", ("width", "height")),
        ("def area(self, width, *, height=f(1, 2))", ("width", "height")),
        ("`async def area(*args, **kwargs)`", ("*args", "**kwargs")),
        ("func area(width int, height int) int", ("width", "height")),
        ("func (s *Shape) area(width int)", ("width",)),
        ("function area(width: number, ...rest)", ("width", "...rest")),
        ("`area(pairs: dict[str, int], unit)`", ("pairs", "unit")),
        ("`def area()`", ()),
    ],
)
def test_a_signature_is_read_from_a_note(note, parameters):
    (claim,) = claims_in(note, "a.py")
    assert (claim.name, claim.parameters) == ("area", parameters)


@pytest.mark.parametrize(
    "note",
    ["call `area(1, 2)`", "see `area()`", "area(width) in prose", "`area(self.width)`", "`area(`",
     "`area('x')`", "a def of area"],
)  # fmt: skip
def test_calls_and_prose_claim_nothing(note):
    assert list(claims_in(note, "a.py")) == []


def done(name, *, path="", **said):
    task = Task(id=name, path=path or f"{name}.py", goal="g")
    return Done(task=task, patch=Patch(path=task.path, before=b"a", after=b"b"), **said)


@pytest.fixture
def told(eventful):
    def make(*results, contracts=()):
        plan = Plan(tasks=tuple(one.task for one in results), contracts=contracts)
        one = Round(
            plan=plan, results=results, commit="c",
            change=ChangeSet(base="b", patches=(), steps=results),
            verdict=Verdict(status="verified", reason="r"),
        )  # fmt: skip
        return record.record(eventful(rounds=(one,)))

    return make


AREA = Contract(symbol="area", signature="def area(w, h)", defined_in="a.py", used_in=("b.py",))
STRAYED = (Deviation(symbol="area", signature="def area(w)", why="flat"),)


def test_two_notes_with_other_parameters_contradict_each_other(told):
    notes = told(done("a", interface_notes="`area(w, h)`"), done("b", summary="uses `area(h, w)`"))
    (claims,) = disputes(notes).values()
    assert [(one.by, one.text) for one in claims] == [
        ("a.py", "area(w, h)"),
        ("b.py", "area(h, w)"),
    ]
    text = markdown(notes)
    assert "### Workers contradict each other" in text
    assert "a.py: `area(w, h)`" in text
    assert "b.py: `area(h, w)`" in text


def test_a_note_that_fits_the_contract_contradicts_a_deviation(told):
    notes = told(
        done("a", deviations=STRAYED), done("b", summary="calls `area(w, h)`"), contracts=(AREA,)
    )
    (claims,) = disputes(notes).values()
    assert {one.by for one in claims} == {"a.py", "b.py", "the contract"}


@pytest.mark.parametrize(
    "results",
    [
        [done("a", summary="`area(w, h)`"), done("b", summary="def area(w: int, h=2)")],
        [done("a", deviations=STRAYED)],
        [done("a", summary="`Room.area(w)`"), done("b", summary="`Shed.area(w, h)`")],
        [
            done("a", path="x.py", summary="`area(w)`"),
            done("b", path="x.py", summary="`area(w, h)`"),
        ],
    ],
    ids=["agreeing", "told as a deviation", "of other classes", "only the last word of a file"],
)
def test_what_does_not_contradict_is_not_shown(told, results):
    assert disputes(told(*results, contracts=(AREA,))) == {}


def test_those_who_kept_to_a_contract_that_another_did_not_keep_are_named(told):
    text = markdown(told(done("a", deviations=STRAYED), done("b"), contracts=(AREA,)))
    assert "- `area` in `a.py` is `def area(w)`: flat" in text
    assert "agreed was `def area(w, h)`" in text
    assert "written against the contract: `b.py`" in text
