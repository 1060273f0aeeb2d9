"""A rename in Python, as pyrefly agrees with it: small repositories for each row of the rule."""

import json
import sys
from dataclasses import replace

import pytest

from codeorch.cli import main
from codeorch.domain import Snapshot, SourceFile
from codeorch.engines import Engines, own_checkers
from codeorch.engines.selection import Program
from codeorch.errors import UserError
from codeorch.refactoring import parse_rule, plan_rule
from codeorch.source.syntax import strings_and_comments

PYREFLY = tuple(each for each in own_checkers() if each.program.name == "pyrefly")
REQUEST = "rename method `Tank.fill` to `pour`"
TANK = "class Tank:\n    def fill(self, amount=1):\n        return amount\n\n\n"


GENERIC = {
    "lib.py": f"{TANK}def tanks() -> dict[str, list[Tank]]:\n    return {{}}\n",
    "app.py": "from lib import tanks\n\nfirst = next(iter(tanks()['a']))\nfirst.fill()\n",
}


@pytest.fixture
def judge():
    """Give the changed lines, those to look at, and the notes of a rename."""

    def plan(texts, request=REQUEST, engines=None):
        files = {
            path: SourceFile(path=path, text=text, language="python")
            for path, text in texts.items()
        }
        snapshot = Snapshot(commit="0" * 40, files=files)
        engines = Engines(checkers=PYREFLY) if engines is None else engines
        plan = plan_rule(parse_rule(request), snapshot, strings_and_comments, engines)
        lines = "\n".join(task.answer for task in plan.tasks).split("\n")
        changed = [line[1:] for line in lines if line.startswith("+") and line[:3] != "+++"]
        return changed, [(use.path, use.line) for use in plan.unproven_uses], plan.notes

    return plan


def test_a_guess_without_a_word_of_the_engine_is_to_look_at(judge):
    app = "def use(tank):\n    return tank.fill()\n"
    changed, left, notes = judge({"lib.py": TANK, "app.py": app})
    assert changed == ["    def pour(self, amount=1):"]
    assert left == [("app.py", 2)]
    assert any(note.startswith("pyrefly 1.") and "it cannot tell" in note for note in notes)


def test_a_guess_that_the_engine_finds_in_a_library_is_foreign(judge):
    lib = TANK.replace("fill", "commit")
    app = (
        "import sqlite3\nfrom lib import Tank\n\n\ndef use(path):\n    db = sqlite3.connect(path)\n"
        "    db.commit()\n    return Tank().commit()\n"
    )
    request = "rename method `Tank.commit` to `settle`"
    changed, left, _ = judge({"lib.py": lib, "app.py": app}, request)
    assert changed == ["    return Tank().settle()", "    def settle(self, amount=1):"]
    assert left == []


def test_a_guess_that_the_engine_confirms_is_edited(judge):
    changed, left, _ = judge(GENERIC)
    assert changed == ["first.pour()", "    def pour(self, amount=1):"]
    assert left == []
    assert judge(GENERIC, engines=Engines())[1] == [("app.py", 4)]


def test_a_declared_type_stands_where_the_engine_is_silent(judge):
    app = (
        "from lib import Tank\n\n\ndef plain(function):\n    return function\n\n\n"
        "def cached(function):\n    return CACHE[function]\n\n\n"
        "@cached\ndef make() -> Tank:\n    return Tank()\n\n\nmake().fill()\n"
    )
    changed, left, notes = judge({"lib.py": TANK, "app.py": app})
    assert changed == ["make().pour()", "    def pour(self, amount=1):"]
    assert left == []
    assert any("it cannot tell" in note for note in notes)


def test_a_value_of_two_classes_is_to_look_at(judge):
    lib = f"{TANK}class Form:\n    def fill(self):\n        return 0\n"
    app = "import lib\n\n\ndef use(each: lib.Tank | lib.Form):\n    return each.fill()\n"
    changed, left, _ = judge({"lib.py": lib, "app.py": app})
    assert changed == ["    def pour(self, amount=1):"]
    assert left == [("app.py", 5)]


def test_an_alias_in_a_class_body_stays_another_name(judge):
    lib = "count = 1\n\n\nclass Shelf:\n    count = count\n\n\nprint(Shelf.count, count)\n"
    changed, left, _ = judge({"lib.py": lib}, "rename variable `lib.count` to `total`")
    assert changed == ["total = 1", "    count = total", "print(Shelf.count, total)"]
    assert left == []


def test_constructors_imports_and_quoted_types_are_no_disagreement(judge):
    lib = "class Tank:\n    def __init__(self, size):\n        self.size = size\n"
    app = (
        "import lib\nfrom lib import Tank as Kind\nfrom shop import Tank\n\n\n"
        'def use(one: "Tank", two: "Kind | None" = None):\n'
        "    return lib.Tank(1), Tank(size=2), isinstance(one, Kind)\n"
    )
    texts = {"lib.py": lib, "shop/__init__.py": "from lib import Tank\n", "app.py": app}
    changed, left, _ = judge(texts, "rename class `Tank` to `Boiler`")
    assert sorted(changed) == sorted([
        "class Boiler:", "from lib import Boiler", "from lib import Boiler as Kind",
        "from shop import Boiler", 'def use(one: "Boiler", two: "Kind | None" = None):',
        "    return lib.Boiler(1), Boiler(size=2), isinstance(one, Kind)",
    ])  # fmt: skip
    assert left == []


# ------------------------------------------------------------------------- an engine that misleads

ANSWERS = """
def read():
    size = 0
    while line := sys.stdin.buffer.readline().strip():
        size = int(line.split(b":")[1])
    message = json.loads(sys.stdin.buffer.read(size)) if size else sys.exit(0)
    return message if "id" in message else read()
while True:
    message = read()
    method = message["method"].rpartition("/")[2]
    result = answer(method, message["params"])
    body = json.dumps({"id": message["id"], "result": result}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def make_engines(tmp_path):
    """Make engines of one server, which answers as a function of the test says."""

    def make(answer, time_limit_s=20.0):
        path = tmp_path / "engine"
        path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{answer}{ANSWERS}")
        path.chmod(0o755)
        toy = replace(PYREFLY[0], program=Program(name="toy", path=path, version="1"))
        return Engines(checkers=(toy,), time_limit_s=time_limit_s)

    return make


USE = {
    "lib.py": TANK,
    "app.py": "from lib import Tank\n\nTank.fill(Tank())\n\n\ndef fill():\n    0\n",
}
ELSEWHERE = """
def answer(method, params):
    if method != "definition": return {}
    uri = params["textDocument"]["uri"].replace("lib.py", "app.py")
    start = {"line": 5, "character": 4}
    return {"uri": uri, "range": {"start": start, "end": start}}
"""


def test_two_that_disagree_on_a_binding_refuse_the_run(judge, make_engines):
    with pytest.raises(UserError, match=r"lib\.py:2 means .* toy finds it at app\.py:6") as error:
        judge(USE, engines=make_engines(ELSEWHERE))
    assert "--engines off" in error.value.hint


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("def answer(method, params): time.sleep(600)\n", "did not answer in time"),
        ("def answer(method, params): os.abort()\n", "has ended"),
        ("def answer(method, params): method == 'definition' and time.sleep(600)\n", "time"),
        ("def answer(method, params): return 'x' * 10\n", ""),
    ],
)  # fmt: skip
def test_an_engine_that_fails_costs_its_voice_alone(judge, make_engines, answer, words):
    app = "def use(tank):\n    return tank.fill()\n"
    engines = make_engines(answer, time_limit_s=3.0)
    changed, left, notes = judge({**USE, "app2.py": app}, engines=engines)
    assert changed == ["Tank.pour(Tank())", "    def pour(self, amount=1):"]
    assert left == [("app2.py", 2)]
    assert any("toy" in note and words in note for note in notes)


# ------------------------------------------------------------------------- the whole run


@pytest.mark.usefixtures("with_engines")
def test_a_place_to_look_at_makes_the_run_partial(make_repo, monkeypatch, capsys):
    files = {"lib.py": TANK, "app.py": "def use(tank):\n    return tank.fill()\n"}
    monkeypatch.chdir(make_repo(files).root)
    assert main(["apply", REQUEST, "--no-test", "--json"]) == 3
    record = json.loads(capsys.readouterr().out)
    (gap,) = record["rounds"][0]["completeness"]["gaps"]
    assert (gap["path"], gap["line"]) == ("app.py", 2)
    assert any("pyrefly" in note for note in record["rounds"][0]["plan"]["notes"])


@pytest.mark.parametrize("choice", ["own", "found", "off"])
def test_engines_are_a_setting(make_repo, monkeypatch, capsys, choice):
    monkeypatch.chdir(make_repo(GENERIC).root)
    code = main(["apply", REQUEST, "--no-test", "--json", "--engines", choice])
    notes = json.loads(capsys.readouterr().out)["rounds"][0]["plan"]["notes"]
    assert (code, any("pyrefly" in note for note in notes)) == (
        (3, False) if choice == "off" else (0, True)
    )


def test_a_function_that_nobody_can_tell_from_a_member_is_to_look_at(judge):
    app = (
        "import importlib\n\nm = importlib.import_module('lib')\nm.go(2)\n\n\n"
        "def run(mod):\n    return mod.go(3)\n\n\ndef other(text: str):\n    return text.go\n"
    )
    request = "rename function go to went"
    changed, left, _ = judge({"lib.py": "def go(x):\n    return x\n", "app.py": app}, request)
    assert changed == ["def went(x):"]
    assert {("app.py", 4), ("app.py", 8)} <= set(left)


def test_a_keyword_that_the_engine_takes_for_its_own_definition_says_nothing(judge):
    text = (
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Point:\n    row: int\n\n\n"
        "def show(point):\n    match point:\n        case Point(row=x):\n            return x\n"
    )
    changed, left, _ = judge({"m.py": text}, "rename variable Point.row to line")
    assert changed == ["    line: int", "        case Point(line=x):"]
    assert left == []
