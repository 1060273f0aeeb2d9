"""Names of Python that are put together, looked up or spread as a program runs: each is named."""

import pytest


def left(plan):
    return [(use.path, use.line) for use in plan.unproven_uses]


LAMP = """\
class Switch:
    def press(self, word):
        return getattr(self, f"turn_{word}")()


class Lamp(Switch):
    def turn_on(self):
        return 1

    def turn_off(self):
        return 0
"""


def test_a_name_that_a_base_class_puts_together_is_named(plan_for):
    plan = plan_for("rename method Lamp.turn_off to turn_dark", {"lamp.py": LAMP})
    assert left(plan) == [("lamp.py", 3)]


@pytest.mark.parametrize(
    ("spelling", "is_named"),
    [
        ('"turn_" + word', True),
        ('"turn_%s" % word', True),
        ('"turn_{}".format(word)', True),
        ("word", True),
        ('"burn_" + word', False),
        ('f"turn_{word}_now"', False),
        ("0", False),
    ],
)
def test_only_what_can_be_spelled_so_is_named(plan_for, spelling, is_named):
    text = LAMP.replace('f"turn_{word}"', spelling)
    plan = plan_for("rename method Lamp.turn_off to turn_dark", {"lamp.py": text})
    assert left(plan) == ([("lamp.py", 3)] if is_named else [])


def test_an_object_of_another_class_of_that_name_is_none_to_look_at(plan_for):
    other = "class Lamp:\n    def any(self, word):\n        return getattr(self, word)\n"
    texts = {"lamp.py": LAMP.replace('f"turn_{word}"', '"x"'), "other.py": other}
    assert left(plan_for("rename method Lamp.turn_off to turn_dark", texts)) == []


@pytest.mark.parametrize(
    "access",
    [
        "globals()['make_' + kind]",
        "getattr(sys.modules[__name__], f'make_{kind}')",
        "vars(shop)[kind]",
    ],
)
def test_a_modules_own_names_that_are_put_together_are_named(plan_for, access):
    head = "import sys\nimport shop\n\n\ndef make_tea():\n    return 1\n\n\n"
    text = f"{head}def make(kind):\n    return {access}()\n"
    plan = plan_for("rename function make_tea to make_chai", {"shop.py": text})
    assert left(plan) == [("shop.py", 10)]


def test_the_table_of_a_packages_getattr_is_named(plan_for):
    init = "_HOMES = {'brew': '.pot'}\n\n\ndef __getattr__(name):\n    return _HOMES[name]\n"
    texts = {
        "shop/__init__.py": init,
        "shop/pot.py": "def brew():\n    return 1\n",
        "other/__init__.py": init,
    }
    assert left(plan_for("rename function brew to steep", texts)) == [("shop/__init__.py", 1)]


def test_a_look_up_in_an_object_that_is_not_known_is_named(plan_for):
    text = (
        "import json\n\n\nclass Lamp:\n    def shine(self):\n        return 1\n\n\n"
        "def use(thing):\n    getattr(json, 'shine', None)\n    return getattr(thing, 'shine')()\n"
    )
    plan = plan_for("rename method Lamp.shine to glow", {"lamp.py": text})
    assert left(plan) == [("lamp.py", 11)]


def test_a_look_up_of_a_function_is_named_where_a_module_may_be_meant(plan_for):
    texts = {
        "pot.py": "def brew():\n    return 1\n",
        "use.py": (
            "from importlib import import_module\n\n\ndef use(module, cup):\n"
            "    plugin = import_module('pot')\n    getattr(plugin, 'brew')\n"
            "    getattr(cup, 'brew')\n    getattr(module, 'brew')\n"
        ),
    }
    assert left(plan_for("rename function brew to steep", texts)) == [("use.py", 6), ("use.py", 8)]


SCALE = "def scale(value, factor=1):\n    return value * factor\n\n\n"


@pytest.mark.parametrize(
    "made",
    [
        "options = {'factor': 2}",
        "options = dict(factor=2)",
        "options = {}; options['factor'] = 2",
    ],
)
def test_the_keys_of_what_is_spread_into_a_call_are_named(plan_for, made):
    texts = {"m.py": f"{SCALE}{made}\nscale(3, **options)\n", "n.py": "LIMITS = {'factor': 2}\n"}
    assert left(plan_for("rename parameter scale.factor to ratio", texts)) == [("m.py", 5)]


def test_what_is_handed_on_by_a_spread_parameter_is_named(plan_for):
    text = (
        f"{SCALE}def twice(value, **more):\n    return scale(value * 2, **more)\n\n\n"
        "def thrice(**all_of_it):\n    return twice(3, **all_of_it)\n\n\n"
        "twice(1, factor=2)\nthrice(factor=3)\n"
    )
    plan = plan_for("rename parameter scale.factor to ratio", {"m.py": text})
    assert left(plan) == [("m.py", 13), ("m.py", 14)]


def test_a_keyword_that_is_not_handed_on_is_none_to_look_at(plan_for):
    text = (
        f"{SCALE}def twice(value, factor=2, **more):\n    return scale(value, **more)\n\n\n"
        "twice(1, factor=2)\n"
    )
    plan = plan_for("rename parameter `scale.factor` to `ratio`", {"m.py": text})
    assert left(plan) == []


def test_a_formatted_string_that_prints_its_own_code_is_told(plan_for):
    text = "size = 3\nprint(f'{size=}')\nprint(f'{size}')\n"
    plan = plan_for("rename variable size to extent", {"m.py": text})
    assert [note for note in plan.notes if "prints the code itself" in note and "m.py:2" in note]
    assert "+print(f'{extent=}')" in plan.tasks[0].answer


NESTED = """\
class Node:
    pass


class Tree:
    class Node:
        up: "Tree.Node | None" = None

    root: "Node"


def first(tree: "Tree") -> "Tree.Node":
    return tree.root


other: "Node"
"""


def test_a_nested_class_is_followed_into_quoted_types(changed):
    texts = changed("rename class Tree.Node to Leaf", {"tree.py": NESTED})
    assert texts["tree.py"].splitlines()[6] == '        up: "Tree.Leaf | None" = None'
    assert '    root: "Leaf"' in texts["tree.py"]
    assert '-> "Tree.Leaf"' in texts["tree.py"]
    assert 'other: "Node"' in texts["tree.py"]


BILL = """\
from dataclasses import dataclass


@dataclass
class Bill:
    amount: int


@dataclass
class Other:
    amount: int


"""


@pytest.mark.parametrize(
    ("code", "is_named"),
    [
        ("data = {'amount': 1}\nbill = Bill(**data)\n", True),
        ("data = {'amount': 1}\nbill = Other(**data)\n", False),
        ("data = {'amount': 1}\nbill = Bill(2)\n", False),
    ],
)
def test_the_keys_of_what_is_spread_into_fields_are_named(plan_for, code, is_named):
    plan = plan_for("rename variable Bill.amount to total", {"m.py": BILL + code})
    assert left(plan) == [("m.py", 14)] * is_named


FALLBACK = """\
try:
    from fast import load
except ImportError:
    def load(path):
        return path
"""


def test_what_stands_in_for_a_librarys_function_is_followed(changed):
    texts = {"m.py": FALLBACK, "use.py": "from m import load\n\nload(2)\n"}
    after = changed("rename function load to read in `m.py`", texts)
    assert after["m.py"] == FALLBACK.replace("import load", "import load as read").replace(
        "def load", "def read"
    )
    assert after["use.py"] == "from m import read\n\nread(2)\n"
