"""What the gate says where a type checker reads the result as well; with the real one."""

import pytest

from codeorch.engines import Engines, own_checkers

pytestmark = pytest.mark.skipif(not own_checkers(), reason="no type checker is installed")

TANK = """class Tank:
    def fill(self, litres):
        return litres

    def level(self):
        return 1
"""
SHOP = {
    "plant/__init__.py": "",
    "plant/tank.py": TANK,
    "plant/store.py": (
        "from plant.tank import Tank\n\n\ndef first() -> Tank:\n    return Tank()\n"
    ),
}
RAISES = (
    "import pytest\nfrom plant.tank import Tank\n\n\ndef test():\n"
    "    with pytest.raises(AttributeError):\n        Tank().level()\n"
)
RENAMED = {"plant/tank.py": TANK.replace("level", "height")}


@pytest.fixture
def checked(gate):
    """Give the gaps as `path:line certainty`, where a type checker was asked."""

    def check(before, changed):
        found = gate(before, changed, engines=Engines(checkers=own_checkers()))
        assert found.type_checkers
        assert not found.unchecked
        return [f"{gap.path}:{gap.line} {gap.certainty}" for gap in found.gaps]

    return check


def test_a_use_that_the_checker_knows_by_its_type_is_sure(checked, gaps):
    use = "from plant.store import first\n\n\ndef run():\n    return first().level()\n"
    assert checked({**SHOP, "use.py": use}, RENAMED) == ["use.py:5 sure"]


def test_a_guess_by_the_only_class_is_a_place_to_look_at(checked, gaps):
    before = {**SHOP, "use.py": "def run(thing):\n    return thing.level()\n"}
    assert checked(before, RENAMED) == ["use.py:2 maybe"]
    assert gaps(before, RENAMED) == ["use.py:2 likely"]  # without a type checker


def test_a_guess_is_likely_where_the_change_gave_the_receiver_the_new_name(checked):
    before = {
        **SHOP,
        "one.py": "def run(thing):\n    return thing.level()\n",
        "two.py": "def run(thing):\n    return thing.level()\n",
    }
    changed = {**RENAMED, "one.py": before["one.py"].replace("level", "height")}
    assert checked(before, changed) == ["two.py:2 likely"]


def test_a_decorator_of_elsewhere_may_change_what_a_function_takes(checked, gaps):
    before = {
        "lib.py": "import wrap\n\n\n@wrap.fill\ndef draw(size):\n    return size\n",
        "use.py": "from lib import draw\n\ndraw(1)\n",
    }
    changed = {"lib.py": before["lib.py"].replace("size)", "pen, size)")}
    assert checked(before, changed) == ["use.py:3 maybe"]
    assert gaps(before, changed) == ["use.py:3 likely"]


@pytest.mark.parametrize(
    ("use", "line"),
    [
        ("from plant.tank import Tank\n\nTank().level()  # type: ignore\n", 3),
        ("from plant.tank import Tank\n\nTank().level()  # noqa\n", 3),
        (RAISES, 7),
    ],
    ids=["type: ignore", "noqa", "raises"],
)
def test_what_is_wrong_on_purpose_is_no_more_than_a_place_to_look_at(checked, use, line):
    assert checked({**SHOP, "use.py": use}, RENAMED) in ([f"use.py:{line} maybe"], [])


@pytest.mark.parametrize("comment", ["# noqa: E501", "# a note", ""])
def test_other_comments_waive_nothing(checked, comment):
    use = f"from plant.tank import Tank\n\nTank().level()  {comment}\n"
    assert checked({**SHOP, "use.py": use}, RENAMED) == ["use.py:3 sure"]


def test_a_raises_of_another_error_waives_nothing(checked):
    use = RAISES.replace("AttributeError", "ValueError")
    assert checked({**SHOP, "use.py": use}, RENAMED) == ["use.py:7 sure"]


def test_an_import_that_may_fail_is_waived(checked):
    use = "try:\n    from plant.tank import Tank\nexcept ImportError:\n    Tank = None\n"
    before = {**SHOP, "use.py": use, "plant/store.py": ""}
    renamed = {"plant/tank.py": TANK.replace("Tank", "Vessel")}
    assert checked(before, renamed) in (["use.py:2 maybe"], [])


def test_what_the_base_is_told_as_well_is_not_new_where_it_goes(checked):
    odd = "from plant.tank import Tank\n\n\ndef run():\n    return Tank().missing()\n"
    before = {**SHOP, "use.py": odd}
    assert checked(before, {"use.py": None, "moved.py": odd}) == []
    more = odd + "\n\ndef walk():\n    return Tank().missing()\n"
    assert checked(before, {"use.py": more, "more.py": odd.replace("run", "walk")}) == []


def test_a_value_that_may_be_none_lacks_nothing_of_ours(checked):
    before = {
        **SHOP,
        "use.py": "from plant.store import first\n\n\ndef run():\n    return first().fill(1)\n",
    }
    store = SHOP["plant/store.py"].replace("-> Tank", "-> Tank | None")
    changed = {"plant/store.py": store, "plant/tank.py": TANK}
    assert checked(before, changed) == []


def test_a_class_whose_place_an_instance_takes_is_no_class(checked, gaps):
    clock = (
        "class Clock:\n    def local(self, moment):\n        return moment\n\n\n"
        "Clock = clock = Clock()\n"
    )
    before = {"lib.py": clock, "use.py": "import lib\n\nprint(lib.clock.local(1))\n"}
    changed = {"use.py": "import lib\n\nprint(lib.Clock.local(1))\n"}
    assert checked(before, changed) == []
    assert gaps(before, changed) == []


def test_a_class_that_makes_another_takes_what_that_takes(checked):
    config = (
        "class Old:\n    def __init__(self, schema):\n        self.schema = schema\n\n\n"
        "class Config:\n    def __init__(self, path):\n        self.path = path\n"
    )
    before = {"lib.py": config, "use.py": "from lib import Config\n\nConfig(path=1)\n"}
    made = "    def __new__(cls, *a, **k):\n        return Old(**k)\n\n    def __init__(self, way"
    after = config.replace("    def __init__(self, path", made).replace("= path", "= way")
    changed = {"lib.py": after, "use.py": "from lib import Config\n\nConfig(schema=1)\n"}
    assert "use.py:3 sure" not in checked(before, changed)


def test_a_member_that_nothing_sets_is_forgotten(checked):
    use = "from plant.tank import Tank\n\n\ndef run(tank: Tank):\n    return tank.fill(1)\n"
    before = {**SHOP, "use.py": use}
    anew = use.replace("tank.fill(1)", "tank.pressure_limit")
    assert checked(before, {"use.py": anew}) == ["use.py:5 sure"]
    sets = anew + "\n\ndef prepare(tank: Tank):\n    tank.pressure_limit = 2\n"
    assert checked(before, {"use.py": sets}) == []


def test_files_that_the_projects_own_settings_leave_out_are_read(checked):
    settings = '[tool.pyrefly]\nproject-includes = ["plant"]\n'
    use = "from plant.tank import Tank\n\nTank().level()\n"
    before = {**SHOP, "pyproject.toml": settings, "tests/test_use.py": use}
    assert checked(before, RENAMED) == ["tests/test_use.py:3 sure"]


def test_a_path_that_reads_like_a_pattern_is_checked_with_the_whole(checked):
    use = "from plant.tank import Tank\n\nTank().level()\n"
    assert checked({**SHOP, "odd[1]/use.py": use}, RENAMED) == ["odd[1]/use.py:3 sure"]


def test_an_unread_language_and_a_failed_checker_are_named(gate):
    found = gate({"a.js": "export function f() {}\n"}, {"a.js": "export function g() {}\n"})
    assert (found.type_checkers, found.unchecked) == ((), ("ecmascript",))
    impatient = Engines(checkers=own_checkers(), time_limit_s=0.0)
    found = gate(SHOP, RENAMED, engines=impatient)
    assert (found.type_checkers, found.unchecked) == ((), ("python",))


def test_code_that_tests_only_read_is_data(checked):
    case = "from plant.tank import Tank\n\nTank().level()\n"
    before = {**SHOP, "tests/data/case.py": case, "tests/helper.py": "import os\n"}
    assert checked(before, RENAMED) == []
    before["tests/helper.py"] = "from tests.data.case import Tank\n"
    assert checked(before, RENAMED) == ["tests/data/case.py:3 sure"]


def test_a_stub_takes_names_from_stubs(gaps):
    before = {
        "plant/tank.py": "level = 1\nheight = 2\n",
        "plant/tank.pyi": "level: int\nheight: int\n",
        "plant/use.pyi": "from plant.tank import height as height\n",
    }
    changed = {"plant/tank.py": "level = 1\n"}
    assert gaps(before, changed) == []


def test_of_a_new_file_nothing_is_said_that_was(gate):
    found = gate({"a.py": "x = 1\n"}, {"b.py": "from a import y\n\n\ndef f():\n    return g()\n"})
    assert found.gaps
    assert not [gap for gap in found.gaps if "any more" in gap.suggestion]


def test_a_path_that_looks_like_an_option_is_a_path(gate, tmp_path):
    victim = tmp_path / "victim.py"
    victim.write_text("mine\n")
    path = f"--output=json:{victim}"
    gate(
        {path: "def fill():\n    return 1\n\n\nfill()\n"},
        {path: "def pour():\n    return 1\n\n\nfill()\n"},
        engines=Engines(checkers=own_checkers()),
    )
    assert victim.read_text() == "mine\n"


def test_a_function_may_have_got_a_member_by_its_replacement(checked):
    use = (
        "from plant.store import first\n\n\ndef test():\n    calls = first.call_list\n"
        "    return calls, first().call_list\n"
    )
    changed = {"test_use.py": use}
    assert checked(SHOP, changed) == ["test_use.py:5 maybe", "test_use.py:6 sure"]


def test_a_lost_member_of_a_module_is_one_gap_also_on_a_new_line(checked):
    util = "def fill(tank):\n    return tank\n"
    use = "from plant import util\n\n\ndef run(tank):\n    return util.fill(tank)\n"
    before = {**SHOP, "plant/util.py": util, "use.py": use}
    changed = {
        "plant/util.py": util.replace("fill", "top_up"),
        "use.py": use.replace("fill(tank)", "fill(tank)  # as before"),
    }
    assert checked(before, changed) == ["use.py:5 sure"]
