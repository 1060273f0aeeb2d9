"""The base is checked while a change is made: once, side by side, and gone when nobody needs it."""

import asyncio
import os
import sys
from dataclasses import replace

import pytest

from codeorch.domain import Snapshot
from codeorch.engines import Engines, check, own_checkers, source_tree
from codeorch.engines.selection import Program
from codeorch.references import BaseCheck, checkable_families, references
from codeorch.sandbox.process_tree import descendants
from codeorch.source import parse_file

SHOP = {
    "cart.py": "def total(): ...\n",
    "app.py": "import cart\n\ncart.total()\n",
    "other.py": "",
    "a.go": "x",
}
# Notes its priority and which paths it was given; says of app.py that a name is missing.
SCRIPT = """
here = os.path.dirname(__file__)
with open(here + '/runs', 'a') as runs:
    runs.write(f"{os.getpriority(os.PRIO_PROCESS, 0)} {' '.join(sys.argv[8:])}\\n")
while os.path.exists(here + '/wait'):
    time.sleep(0.01)
error = dict(path='app.py', line=1, name='unknown-name', concise_description='no')
where = next(each for each in sys.argv if each.startswith('json:'))
open(where[5:], 'w').write(json.dumps(dict(errors=[error])))
"""


@pytest.fixture
def toy(tmp_path):
    """Engines with one checker, a script of the test, and where that notes what it does."""
    path = tmp_path / "engine"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{SCRIPT}")
    path.chmod(0o755)
    pyrefly = next(each for each in own_checkers() if each.program.name == "pyrefly")
    checker = replace(pyrefly, program=Program(name="toy", path=path, version="1"))
    return Engines(checkers=(checker,), cache=tmp_path / "cache", time_limit_s=60.0)


def snapshot_of(texts):
    files = {path: parse_file(path, text.encode()) for path, text in texts.items()}
    return Snapshot(commit="0" * 40, files=files)


def whole(engines):
    return replace(engines, checkers=(replace(engines.checkers[0], takes_paths=False),))


def runs_of(tmp_path):
    file = tmp_path / "runs"
    return file.read_text().splitlines() if file.exists() else []


async def until(condition):
    for _ in range(6000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


def begin(engines, use):
    async def scenario():
        return await use(BaseCheck(snapshot_of(SHOP), ["python"], engines))

    return asyncio.run(scenario())


def test_only_languages_that_somebody_checks_are_checked(toy):
    families = ["", "go", "python", "ecmascript", "python"]
    assert checkable_families(families, toy) == ("python",)
    assert checkable_families(families, replace(toy, cache=None)) == ()
    assert checkable_families(families, Engines(cache=toy.cache)) == ()


def test_the_gate_does_not_ask_about_the_base_again(toy, tmp_path):
    begin(toy, lambda run: until((tmp_path / "cache").exists))
    (first,) = runs_of(tmp_path)
    assert int(first.split()[0]) >= 10
    changed = {"cart.py": "def sum_of(): ...\n"}
    after = snapshot_of({**SHOP, **changed})
    references(snapshot_of(SHOP), after, list(changed), engines=toy)
    assert [each.split()[1:] for each in runs_of(tmp_path)] == [[], ["--", "app.py", "cart.py"]]


def test_who_needs_an_answer_on_its_way_waits_for_it(toy, tmp_path):
    (tmp_path / "wait").touch()

    async def use(run):
        await until(lambda: runs_of(tmp_path))
        with source_tree(snapshot_of(SHOP), "python") as tree:
            asked = asyncio.create_task(asyncio.to_thread(check, tree, ["app.py"], *args))
            await asyncio.sleep(0.3)
            assert not asked.done()
            (tmp_path / "wait").unlink()
            await run.finish(["python"])
            return await asked

    engines = whole(toy)
    args = (engines.checkers[0], engines)
    assert [each.path for each in begin(engines, use)] == ["app.py"]
    assert len(runs_of(tmp_path)) == 1


@pytest.mark.parametrize("end", ["cancel", "finish", "other"])
def test_a_check_that_nobody_needs_is_ended_with_its_children(toy, tmp_path, end):
    (tmp_path / "wait").touch()
    engines = whole(toy) if end == "other" else toy

    async def use(run):
        await until(lambda: runs_of(tmp_path))
        needed = ["go" if end == "other" else "python"]
        await (run.cancel() if end == "cancel" else run.finish(needed))
        return descendants(os.getpid())

    assert begin(engines, use) == []
    assert not (tmp_path / "cache").exists()


def test_one_that_is_cancelled_before_it_began_asks_nobody(toy, tmp_path):
    begin(toy, lambda run: run.cancel())
    assert runs_of(tmp_path) == []


def test_a_checker_that_fails_is_not_asked_again(toy, tmp_path):
    (toy.checkers[0].program.path).write_text(
        f"#!{sys.executable}\nopen({str(tmp_path / 'runs')!r}, 'a').write('run\\n')\n"
    )
    changed = {"cart.py": "def sum_of(): ...\n"}
    after = snapshot_of({**SHOP, **changed})
    for _ in range(2):
        assert references(snapshot_of(SHOP), after, list(changed), engines=toy).unchecked
    assert runs_of(tmp_path) == ["run"]
    assert list(toy.failures) == ["python"]
