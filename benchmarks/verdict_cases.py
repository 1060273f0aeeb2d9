"""Kinds of changes for the verdicts benchmark, each with the verdict that is true of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from verdict_projects import COUNTED, EXIT_CODE, GO, PYTEST, UNITTEST, Check, model

from codeorch.sandbox import ResourceLimits


@dataclass(frozen=True)
class Truth:
    """What a verdict must hold. None = not compared."""

    status: tuple[str, ...]
    broken: frozenset[str] | None = None
    fixed: frozenset[str] | None = None
    still: frozenset[str] | None = None
    lost: frozenset[str] | None = None
    regression: bool = False
    text: str = ""  # must be in the reason or a notice


@dataclass(frozen=True)
class Case:
    kind: str
    flavour: object
    before: dict[str, str]
    after: dict[str, str]
    truth: Truth
    limits: ResourceLimits = field(default_factory=lambda: ResourceLimits(time_s=300))
    setup: str = ""
    fast: bool = False


def truth_of(flavour, before, after, renamed=()):
    """Return what two runs must show, worked out from the models."""
    old, new = before.outcomes(flavour), after.outcomes(flavour)

    def tests_with(outcomes, outcome):
        return {test for test, result in outcomes.items() if result == outcome}

    failing, failed = tests_with(new, "failed"), tests_with(old, "failed")
    broken = failing - failed
    lost = {t for t in old if old[t] != "skipped" and new.get(t, "skipped") == "skipped"}
    lost -= set(renamed)
    regression = bool(broken or lost)
    red = not regression and bool(failing or failed)
    as_before = "no_worse" if flavour.named else "red"  # counts do not tell which tests fail
    status = "broken" if regression else as_before if red else "verified"
    if not flavour.named:
        return Truth((status,), regression=regression)
    return Truth(
        (status,),
        broken=frozenset(broken),
        fixed=frozenset(failed & tests_with(new, "passed")),
        still=frozenset(failing & failed),
        lost=frozenset(lost) if not renamed else None,
        regression=regression,
    )


def case_of(kind, flavour, before, after, **more):
    renamed = more.pop("renamed", ())
    truth = truth_of(flavour, before, after, renamed)
    return Case(kind, flavour, flavour.files(before), flavour.files(after), truth, **more)


def any_flavour(rng, *, named=False):
    return rng.choice((PYTEST, UNITTEST, GO) if named else (PYTEST, UNITTEST, GO, COUNTED))


def pick_test(m, rng):
    """Return a test that calls a function: its file, its number there, and the function."""
    places = [(f, n) for f, rows in m.checks.items() for n, c in enumerate(rows) if c.function]
    file, number = rng.choice(places)
    return file, number, m.checks[file][number].function


def harmless(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST, GO, COUNTED, EXIT_CODE))
    before = flavour.files(m)
    more = "\n// more\n" if flavour is GO else "\n# more\n"
    after = before | {flavour.source: before[flavour.source] + more}
    return Case("a harmless change", flavour, before, after, truth_of(flavour, m, m))


def regression(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST, GO, COUNTED, EXIT_CODE))
    return case_of("a regression", flavour, m, m.bend(pick_test(m, rng)[2]))


def several_regressions(rng):
    m, flavour = model(rng), any_flavour(rng, named=True)
    after = m
    for name in rng.sample(sorted(m.functions), 3):
        after = after.bend(name)
    return case_of("several regressions", flavour, m, after)


def red_base(rng):
    m, flavour = model(rng), any_flavour(rng)
    red = m.bend(pick_test(m, rng)[2])
    return case_of("a red base, left as it is", flavour, red, replace(red, extra={"x.txt": ""}))


def fixed_base(rng):
    m, flavour = model(rng), any_flavour(rng)
    return case_of("a red base, fixed", flavour, m.bend(pick_test(m, rng)[2]), m)


def swap_outcomes(rng):
    m, flavour = model(rng), any_flavour(rng, named=True)
    names = sorted({c.function for checks in m.checks.values() for c in checks})
    first, second = rng.sample(names, 2)
    return case_of("one fixed, another broken", flavour, m.bend(first), m.bend(second))


def delete_test(rng):
    m, flavour = model(rng), any_flavour(rng)
    file, number, _ = pick_test(m, rng)
    return case_of("a deleted test", flavour, m, m.edit(file, number, lambda _: None))


def delete_test_file(rng):
    m, flavour = model(rng), any_flavour(rng)
    left = {"one": m.checks["one"]}
    return case_of("a deleted test file", flavour, m, replace(m, checks=left))


def hide_regression(rng):
    """The test that would fail is deleted together with the regression."""
    m, flavour = model(rng), any_flavour(rng)
    function = pick_test(m, rng)[2]
    after = m.bend(function)
    for f, checks in m.checks.items():
        others = tuple(c for c in checks if c.function != function)
        after = replace(after, checks=after.checks | {f: others})
    return case_of("a regression whose tests are deleted", flavour, m, after)


def replace_failing_test(rng):
    """The test that would fail makes room for one that proves nothing."""
    m, flavour = model(rng), any_flavour(rng, named=True)
    file, number, function = pick_test(m, rng)
    bent = m.bend(function)
    a, b = bent.functions[function]

    def easy(check):
        return replace(check, name=f"test_easy_{number}", x=0, want=b)

    after = bent
    for f, checks in m.checks.items():
        for n, check in enumerate(checks):
            if check.function == function:
                after = after.edit(f, n, easy if (f, n) == (file, number) else lambda c: replace(
                    c, want=a * c.x + b))  # fmt: skip
    return case_of("a failing test swapped for an easy one", flavour, m, after)


def skip_test(rng):
    m, flavour = model(rng), any_flavour(rng)
    file, number, _ = pick_test(m, rng)
    after = m.edit(file, number, lambda check: replace(check, skipped=True))
    return case_of("a test that is skipped now", flavour, m, after)


def rename_test(rng):
    m, flavour = model(rng), any_flavour(rng)
    file, number, _ = pick_test(m, rng)
    old = flavour.name_of(file, m.checks[file][number])
    after = m.edit(file, number, lambda check: replace(check, name=f"{check.name}_again"))
    return case_of("a renamed test", flavour, m, after, renamed=[old])


def move_test_file(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST, COUNTED))
    after = replace(m, checks={"one": m.checks["one"], "three": m.checks["two"]})
    old = [flavour.name_of("two", check) for check in m.checks["two"]]
    return case_of("a moved test file", flavour, m, after, renamed=old)


def add_test(rng):
    m, flavour = model(rng), any_flavour(rng)
    file, _, function = pick_test(m, rng)
    a, b = m.functions[function]
    wrong = rng.random() < 0.5
    new = Check("test_brand_new", function, 50, a * 50 + b + wrong)
    after = replace(m, checks=m.checks | {file: (*m.checks[file], new)})
    return case_of("a new test that fails" if wrong else "a new test", flavour, m, after)


def collect_nothing(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST, COUNTED))
    before = flavour.files(m)
    after = {name.replace("test_", "check_"): text for name, text in before.items()}
    return Case("nothing is collected any more", flavour, before, after,
                Truth(("broken",), regression=True))  # fmt: skip


def collect_never(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST, COUNTED))
    before = flavour.files(replace(m, checks={}))
    return Case("nothing is ever collected", flavour, before, before | {"x.py": ""},
                Truth(("no_tests",)))  # fmt: skip


def not_importable(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST, GO, COUNTED, EXIT_CODE))
    before = flavour.files(m)
    source = before[flavour.source] + "\nthis is no code\n"
    return Case("code that does not even load", flavour, before, before | {flavour.source: source},
                Truth(("broken",), regression=True))  # fmt: skip


def _with_lines(m, *lines):
    check = Check("test_special", lines=lines)
    return replace(m, checks=m.checks | {"one": (*m.checks["one"], check)})


def _special(kind, rng, change, truth, flavours=(PYTEST, UNITTEST, COUNTED), **more):
    """Make a case whose result differs in what the module does when it is called."""
    flavour, m = rng.choice(flavours), _with_lines(model(rng), "calc.special()")
    before = flavour.files(m)
    before[flavour.source] += "def special():\n    pass\n"
    after = before | {flavour.source: before[flavour.source].replace("    pass\n", change)}
    return Case(kind, flavour, before, after, truth, **more)


BROKEN = Truth(("broken",), regression=True)


def hangs(rng):
    return _special(
        "a test that hangs now",
        rng,
        "    import time; time.sleep(600)\n",
        replace(BROKEN, text="limit on time"),
        limits=ResourceLimits(time_s=4),
    )


def hangs_and_ignores(rng):
    change = (
        "    import os, signal, time\n    for n in range(1, 32):\n        try:\n"
        "            signal.signal(n, signal.SIG_IGN)\n        except (OSError, ValueError):\n"
        "            pass\n    os.fork()\n    while True:\n        time.sleep(1)\n"
    )
    return _special(
        "a test that hangs and ignores signals",
        rng,
        change,
        replace(BROKEN, text="limit on time"),
        limits=ResourceLimits(time_s=4),
    )


def always_hangs(rng):
    m, flavour = _with_lines(model(rng), "import time; time.sleep(600)"), UNITTEST
    before = flavour.files(m)
    return Case(
        "tests that always hang",
        flavour,
        before,
        before | {"x.txt": ""},
        Truth(("no_tests",), text="limit on time"),
        limits=ResourceLimits(time_s=2),
    )


_DAEMON = (
    "    import os, subprocess, sys\n"
    "    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
    "            os.execv(sys.executable, [sys.executable, '-c',\n"
    "                     'import time; time.sleep(600)', 'codeorch-left-over'])\n"
    "        os._exit(0)\n    os.wait()\n"
)


def daemon(rng):
    return _special("a daemon that outlives the tests", rng, _DAEMON, Truth(("verified",)))


def daemon_and_regression(rng):
    return _special("a daemon and a regression", rng, _DAEMON + "    assert False\n", BROKEN)


def fork_bomb(rng):
    change = ("    import os, time\n    for n in range(4000):\n        if os.fork() == 0:\n"
              "            time.sleep(600)\n    time.sleep(600)\n")  # fmt: skip
    return _special("a crowd of processes", rng, change, BROKEN,
                    limits=ResourceLimits(time_s=30, processes=150))  # fmt: skip


def gigabyte(rng):
    change = "    import os\n    for n in range(1024):\n        os.write(1, b'x' * (1 << 20))\n"
    truth = replace(BROKEN, text="limit on output")  # pytest would take the output for itself
    return _special("a gigabyte of output", rng, change, truth, flavours=(UNITTEST, COUNTED))


def chatty(rng):
    change = "    import os\n    for n in range(24):\n        os.write(1, b'x\\n' * (1 << 19))\n"
    return _special("much output, but not too much", rng, change, Truth(("verified",)),
                    flavours=(PYTEST, UNITTEST))  # fmt: skip


def greedy(rng):
    change = ("    import time\n    hoard = []\n    while True:\n"
              "        hoard.append(b'x' * 20_000_000)\n        time.sleep(0.02)\n")  # fmt: skip
    return _special("greed for memory", rng, change, replace(BROKEN, text="limit on memory"),
                    limits=ResourceLimits(time_s=30, memory_bytes=400 << 20))  # fmt: skip


def crash(rng):
    return _special("a crash", rng, "    import os; os.kill(os.getpid(), 11)\n", BROKEN)


def early_exit(rng):
    code = rng.choice((0, 3))
    return _special("tests that end early", rng, f"    import os; os._exit({code})\n", BROKEN)


def at_import(rng):
    """The code under test ends the runner with success before any test runs."""
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST, COUNTED))
    before = flavour.files(m)
    after = before | {flavour.source: "import os\nos._exit(0)\n" + before[flavour.source]}
    return Case("success without running a test", flavour, before, after, BROKEN)


def lying_exit(rng):
    m, flavour = model(rng), PYTEST
    hook = "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
    before = replace(m, extra={"conftest.py": hook})
    return case_of(
        "failures behind exit code 0", flavour, before, before.bend(pick_test(m, rng)[2])
    )


def flaky(rng):
    flavour = rng.choice((PYTEST, UNITTEST))
    m = _with_lines(model(rng), "import random", "assert random.random() < 0.5")
    name = flavour.name_of("one", Check("test_special"))
    break_too = rng.random() < 0.5
    if not break_too:
        before = flavour.files(m)
        truth = Truth(("verified", "no_worse", "red"), broken=frozenset())
        return Case("a flaky test", flavour, before, before | {"x.py": "x = 1\n"}, truth)
    case = case_of("a flaky test and a regression", flavour, m, m.bend(pick_test(m, rng)[2]))
    assert name not in case.truth.broken
    return replace(case, truth=replace(case.truth, fixed=None, still=None))


def in_company(rng):
    """A test passes alone, and fails after another: the change leaves a state behind."""
    m = model(rng)
    first = Check("test_a", lines=("calc.touch()",))
    second = Check("test_b", lines=("assert calc.SEEN == []",))
    m = replace(m, checks={"one": (first, second, *m.checks["one"])})
    before = PYTEST.files(m)
    before["calc.py"] += "SEEN = []\n\n\ndef touch():\n    pass\n"
    after = before | {"calc.py": before["calc.py"].replace("    pass\n", "    SEEN.append(1)\n")}
    truth = replace(BROKEN, broken=frozenset({"test_one.py::test_b"}))
    return Case("a test that fails in company only", PYTEST, before, after, truth)


def far_away(rng):
    m = model(rng)
    case = case_of("a regression, closest tests first", PYTEST, m, m.bend(pick_test(m, rng)[2]))
    # Only the closest tests may have run, so not every broken one need be named.
    return replace(case, fast=True)


def far_and_harmless(rng):
    m = model(rng)
    before = PYTEST.files(m)
    after = before | {"calc.py": before["calc.py"] + "# more\n"}
    return Case("a harmless change, closest tests first", PYTEST, before, after,
                truth_of(PYTEST, m, m), fast=True)  # fmt: skip


def setup_breaks(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST))
    before = flavour.files(m) | {"ready": ""}
    after = {name: text for name, text in before.items() if name != "ready"}
    return Case("a setup that fails now", flavour, before, after,
                replace(BROKEN, text="setup"), setup="test -e ready")  # fmt: skip


def edit_tests_too(rng):
    m, flavour = model(rng), rng.choice((PYTEST, UNITTEST))
    function = pick_test(m, rng)[2]
    after = m.bend(function)
    a, b = after.functions[function]
    for f, checks in m.checks.items():
        for n, check in enumerate(checks):
            if check.function == function:
                after = after.edit(f, n, lambda c: replace(c, want=a * c.x + b))
    case = case_of("tests edited along with the code", flavour, m, after)
    return replace(case, truth=replace(case.truth, text="the change edits tests"))


def mixture(rng):
    """One to three edits at random; the models say what must come of them."""
    m, flavour = model(rng), any_flavour(rng, named=True)
    before = m
    if rng.random() < 0.3:
        before = m.bend(pick_test(m, rng)[2])
    after = before
    for _ in range(rng.randint(1, 3)):
        file, number, function = pick_test(after, rng)
        match rng.randrange(4):
            case 0:
                after = after.bend(function)
            case 1 if len(after.checks[file]) > 1:
                after = after.edit(file, number, lambda _: None)
            case 2:
                after = after.edit(file, number, lambda check: replace(check, skipped=True))
            case _:
                after = replace(after, functions=m.functions)
    return case_of("a mixture of edits", flavour, before, replace(after, extra={"x.txt": "x"}))


# How often each kind comes among 200.
KINDS: dict[Callable, int] = {
    harmless: 12, regression: 20, several_regressions: 6, red_base: 8, fixed_base: 6,
    swap_outcomes: 6, delete_test: 6, delete_test_file: 4, hide_regression: 6,
    replace_failing_test: 6, skip_test: 5, rename_test: 5, move_test_file: 4, add_test: 6,
    collect_nothing: 4, collect_never: 3, not_importable: 6, hangs: 5, hangs_and_ignores: 3,
    always_hangs: 2, daemon: 4, daemon_and_regression: 3, fork_bomb: 3, gigabyte: 4, chatty: 2,
    greedy: 3, crash: 3, early_exit: 4, at_import: 4, lying_exit: 4, flaky: 8, in_company: 3,
    far_away: 5, far_and_harmless: 3, setup_breaks: 2, edit_tests_too: 4, mixture: 18,
}  # fmt: skip
