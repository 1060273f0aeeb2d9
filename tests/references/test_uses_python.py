import pytest

from codeorch.domain import Waiver

SHOP = {
    "shop/__init__.py": "from shop.cart import Cart, total\n\n__all__ = ['Cart', 'total']\n",
    "shop/cart.py": (
        "def total(items, rate=1):\n"
        "    return sum(items) * rate\n"
        "\n\n"
        "class Cart:\n"
        "    def insert_one(self, item, count=1):\n"
        "        self.last = (item, count)\n"
    ),
    "app.py": (
        "import shop.cart\n"
        "from shop import cart\n"
        "from shop.cart import Cart, total as sum_up\n"
        "\n\n"
        "def run(total, other):\n"
        "    mine = Cart()\n"
        "    mine.insert_one(total, count=2)\n"
        "    other.insert_one(1)\n"
        "    return cart.total([1], 2) + shop.cart.total([2]) + sum_up([3])\n"
    ),
}
CART = SHOP["shop/cart.py"]


def cart(*replacements):
    text = CART
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return {"shop/cart.py": text}


STAYS = {
    "a body that changed": cart(("sum(items)", "max(items)")),
    "an optional parameter at the end": cart(("rate=1)", "rate=1, digits=2)")),
    "an alias under the old name": cart(
        ("def total", "def whole"), ("class", "total = whole\n\n\nclass")
    ),
    "a module that became a package": {
        "shop/cart.py": None,
        "shop/cart/__init__.py": "from shop.cart.inner import Cart, total\n",
        "shop/cart/inner.py": CART,
    },
    "a definition that others import on": {
        "shop/cart.py": "from shop.sums import total\n\n\nclass" + CART.partition("class")[2],
        "shop/sums.py": CART.partition("\n\nclass")[0],
    },
    "a new import of a library": {
        "app.py": "import os.path\nfrom sys import argv\n" + SHOP["app.py"]
    },
    "a name that Python has": {"app.py": SHOP["app.py"] + "\n\nprint(__file__, len([]), str())\n"},
}  # fmt: skip


@pytest.mark.parametrize("changed", STAYS.values(), ids=STAYS.keys())
def test_a_change_that_needs_no_other_leaves_no_gap(gaps, changed):
    assert gaps(SHOP, changed) == []


LEFT = {
    "a function renamed": (
        cart(("def total", "def whole")),
        ["app.py:3 sure", "app.py:10 sure", "shop/__init__.py:1 sure"],
    ),
    "a function removed": (
        cart((CART.partition("class")[0], "")),
        ["app.py:3 sure", "app.py:10 sure", "shop/__init__.py:1 sure"],
    ),
    "a function moved": (
        {**cart((CART.partition("class")[0], "")), "shop/sums.py": CART.partition("\n\nclass")[0]},
        ["app.py:3 sure", "app.py:10 sure", "shop/__init__.py:1 sure"],
    ),
    "a module moved": (
        {"shop/cart.py": None, "shop/basket.py": CART},
        [*(f"app.py:{line} sure" for line in (1, 2, 3, 10)), "shop/__init__.py:1 sure"],
    ),
    "a class renamed": (
        cart(("class Cart", "class Basket")),
        ["app.py:3 sure", "shop/__init__.py:1 sure"],
    ),
    "a method renamed": (
        cart(("def insert_one", "def put_one")), ["app.py:8 sure", "app.py:9 likely"]
    ),
    "a required parameter": (cart(("rate=1)", "rate)")), ["app.py:10 sure"]),
    "a parameter in front": (
        cart(("items, rate=1", "kind, items, rate=1")),
        ["app.py:10 sure"],
    ),
    "parameters in another order": (
        cart(("items, rate=1", "rate, items=()")),
        ["app.py:10 likely"],
    ),
    "a parameter of a method": (
        cart(("count=1", "many=1"), (", count)", ", many)")), ["app.py:8 sure"]
    ),
    "a parameter that became keyword-only": (
        cart(("items, rate", "items, *, rate")), ["app.py:10 sure"]
    ),
    "a constructor": (
        cart(("class Cart:\n", "class Cart:\n    def __init__(self, owner):\n        pass\n\n")),
        ["app.py:7 sure"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "places"), LEFT.values(), ids=LEFT.keys())
def test_what_a_change_leaves_behind_is_found(gaps, changed, places):
    assert gaps(SHOP, changed) == places


FORGOTTEN = {
    "an import of a new name": (
        {"app.py": "from shop.cart import whole\n"},
        ["app.py:1 sure"],
    ),
    "a module that nobody made": ({"app.py": "from shop.sums import total\n"}, ["app.py:1 sure"]),
    "a relative module that nobody made": (
        {"shop/__init__.py": "from .basket import Cart, total\n"},
        ["shop/__init__.py:1 sure"],
    ),
    "a method under a new name": (
        {"app.py": SHOP["app.py"].replace("insert_one(", "put_one(")},
        ["app.py:8 sure", "app.py:9 likely"],
    ),
    "an argument that is not taken": (
        {"app.py": SHOP["app.py"].replace("[1], 2)", "[1], 2, 3)").replace("count=2", "many=2")},
        ["app.py:8 sure", "app.py:10 sure"],
    ),
    "an import taken out": (
        {"app.py": SHOP["app.py"].replace("from shop import cart\n", "")},
        ["app.py:9 sure"],
    ),
}


@pytest.mark.parametrize(("changed", "places"), FORGOTTEN.values(), ids=FORGOTTEN.keys())
def test_a_definition_that_was_not_changed_is_missed_where_it_is_used(gaps, changed, places):
    assert gaps(SHOP, changed) == places


def test_what_was_broken_before_is_no_gap(gaps):
    before = {**SHOP, "old.py": "from shop.cart import lost, total\n\nprint(nothing, lost)\n"}
    changed = {"old.py": before["old.py"] + "\nprint(nothing, lost, total)\n"}
    assert gaps(before, changed) == []


def test_a_gap_tells_what_became_of_the_definition(gate):
    found = gate(SHOP, cart(("def total", "def whole")))
    assert [(each.symbol, each.change) for each in found.changes] == [("total", "renamed")]
    assert str(found.gaps[0]) == (
        "app.py:3: `total` is `whole` now (sure): from shop.cart import Cart, total as sum_up"
    )
    assert found.open == found.gaps


def test_a_waiver_closes_a_missed_use(gate):
    waivers = [Waiver(name="total", why="app is frozen", path="app.py")]
    found = gate(SHOP, cart(("def total", "def whole")), waivers)
    assert [gap.path for gap in found.gaps] == ["shop/__init__.py"]
    assert [(one.gap.line, one.why) for one in found.waived_uses] == [
        (3, "app is frozen"),
        (10, "app is frozen"),
    ]


def test_an_import_that_others_took_from_there_is_missed(gaps):
    user = "from shop import total\nimport shop as whole\nwhole.total(total)\n"
    before = {**SHOP, "use.py": user}
    changed = {"shop/__init__.py": "from shop.cart import Cart\n"}
    assert gaps(before, changed) == ["use.py:1 sure", "use.py:3 sure"]


def test_a_name_that_a_module_makes_when_asked_is_likely_lost(gaps):
    init = (
        "from shop.cart import Cart, total\n\n\ndef __getattr__(name):\n    raise AttributeError\n"
    )
    before = {**SHOP, "shop/__init__.py": init, "use.py": "import shop\nshop.total([1])\n"}
    changed = {**cart(("def total", "def whole")), "shop/__init__.py": init.replace(", total", "")}
    assert "use.py:2 likely" in gaps(before, changed)


@pytest.mark.parametrize(
    ("text", "found"), [("\"'total' is old\"", ["use.py:2 likely"]), ("'total'", [])]
)
def test_a_module_makes_a_name_that_a_string_of_it_is_and_not_one_that_it_speaks_of(
    gaps, text, found
):
    init = f"from shop.cart import total\n\n\ndef __getattr__(name):\n    return {text}\n"
    before = {**SHOP, "shop/__init__.py": init, "use.py": "import shop\nshop.total([1])\n"}
    changed = {
        **cart(("def total", "def whole")),
        "shop/__init__.py": init.replace("import total", "import whole"),
    }
    assert [gap for gap in gaps(before, changed) if gap.startswith("use.py")] == found


SPELLED = """\
from unittest import mock

import shop.cart
from shop.cart import Cart


def test_it(monkeypatch):
    "See shop.cart.total for more."
    mock.patch("shop.cart.total")
    mock.patch("shop.cart.Cart.insert_one")
    mock.patch("somewhere.else.total")
    mock.patch.object(shop.cart, "total")
    monkeypatch.setattr(Cart, "insert_one", None)
    print("total")
"""


def test_strings_that_python_looks_up_are_likely_gaps(gaps):
    before = {"shop/__init__.py": "", "shop/cart.py": CART, "test_it.py": SPELLED}
    changed = cart(("def total", "def whole"), ("insert_one", "put_one"))
    assert gaps(before, changed) == [f"test_it.py:{line} likely" for line in (9, 10, 12, 13)]


def test_a_moved_module_is_missed_in_strings(gaps):
    before = {"shop/__init__.py": "", "shop/cart.py": CART, "test_it.py": SPELLED}
    changed = {"shop/cart.py": None, "shop/basket.py": CART}
    found = gaps(before, changed)
    assert {"test_it.py:3 sure", "test_it.py:4 sure", "test_it.py:9 likely"} <= set(found)


def test_other_strings_comments_and_prose_are_mentions(gate):
    text = "# total and insert_one\nTEXT = 'insert_one'\nINSERT = 'the total'\n"
    prose = "The total is made by `total`, by total(x) and by insert_one.\nA total.\n"
    before = {"shop/cart.py": CART, "notes.py": text, "docs/a.md": prose, "CHANGES.md": prose}
    changed = cart(("def total", "def whole"), ("insert_one", "put_one"))
    found = gate(before, changed)
    assert found.gaps == ()
    assert [(each.path, each.line) for each in found.mentions] == [
        ("notes.py", 1),
        ("notes.py", 2),
        ("docs/a.md", 1),
    ]


def test_a_fixture_is_asked_for_by_its_name(gaps):
    fixture = "import pytest\n\n\n@pytest.fixture\ndef base():\n    return 1\n"
    before = {
        "tests/conftest.py": fixture,
        "tests/test_a.py": "def test_a(base, tmp_path):\n    assert base\n\n\ndef b(base): ...\n",
        "tests/own/test_b.py": fixture + "\n\ndef test_b(base):\n    assert base\n",
    }
    changed = {"tests/conftest.py": fixture.replace("base", "ground")}
    assert gaps(before, changed) == ["tests/test_a.py:1 likely"]


def test_a_question_whether_a_name_is_there_may_be_answered_with_no(gaps):
    files = {
        "a.py": "class A:\n    def go(self): ...\n    def run(self): ...\n",
        "b.py": ("import a\nhasattr(a.A, 'go')\ngetattr(a.A, 'go', None)\ngetattr(a.A, 'go')\n"),
    }
    assert gaps(files, {"a.py": "class A:\n    def run(self): ...\n"}) == ["b.py:4 likely"]


def test_a_static_method_that_becomes_one_of_the_class_takes_the_same(gaps):
    files = {
        "a.py": "class A:\n    @staticmethod\n    def go(x, y): ...\n",
        "b.py": "from a import A\nA.go(1, 2)\nA().go(1, 2)\n",
    }
    after = "class A:\n    @classmethod\n    def go(cls, x, y): ...\n"
    assert gaps(files, {"a.py": after}) == []


def test_arguments_of_a_class_are_counted_without_self(gaps):
    init = "class A:\n    def __init__(self, x, {}z=1):\n        self.x = x\n"
    files = {"a.py": init.format(""), "b.py": "from a import A\nA(1)\nA(1, 2)\n"}
    assert gaps(files, {"a.py": init.format("y=0, ")}) == ["b.py:3 likely"]


def test_a_method_is_not_bound_when_it_is_called_through_the_class_it_is_given(gaps):
    text = (
        "class A:\n    @classmethod\n    def make(cls):\n        cls.go({}self_, 1)\n\n"
        "    def go(self, x): ...\n"
    )
    assert gaps({"a.py": text.format("1, ")}, {"a.py": text.format("")}) == []


def test_values_of_the_language_have_no_members_of_ours(gaps):
    files = {
        "a.py": "class A:\n    def weigh(self): ...\n    def go(self): ...\n",
        "b.py": "def f(d: dict[str, int], s: str, x):\n    d.weigh\n    s.weigh\n    x.weigh\n",
    }
    after = {"a.py": "class A:\n    def go(self): ...\n"}
    assert gaps(files, after) == ["b.py:4 likely"]


def test_an_entry_point_that_leads_nowhere_is_likely(gaps):
    files = {
        "pyproject.toml": '[project.scripts]\nshop = "shop.cli:main"\nother = "shop.cli:other"\n',
        "shop/__init__.py": "",
        "shop/cli.py": "def main(): ...\n",
    }
    assert gaps(files, {"shop/cli.py": "def run(): ...\n"}) == ["pyproject.toml:2 likely"]
    assert gaps(files, {"shop/cli.py": None}) == ["pyproject.toml:2 likely"]


@pytest.mark.parametrize(("ignored", "expected"), [
    ("shop/_version.py", []), ("_version.py", []), ("/_version.py", ["shop/a.py:1 sure"]),
    ("*.py", ["shop/a.py:1 sure"]), ("", ["shop/a.py:1 sure"]),
])  # fmt: skip
def test_a_module_that_git_ignores_is_made_by_a_tool(gaps, ignored, expected):
    files = {".gitignore": f"build/\n{ignored}\n", "shop/__init__.py": "", "shop/a.py": "x = 1\n"}
    assert gaps(files, {"shop/a.py": "from ._version import version\n"}) == expected


@pytest.mark.parametrize(("config", "expected"), [
    ('[project.entry-points.pytest11]\nshop = "shop_tests.plugin"\n', []),
    ('[project.scripts]\nshop = "shop_tests.plugin"\n', ["tests/test_a.py:1 likely"]),
])  # fmt: skip
def test_a_fixture_that_moves_to_a_plugin_of_pytest_is_found(gaps, config, expected):
    fixture = "import pytest\n\n\n@pytest.fixture\ndef till(): ...\n"
    files = {"tests/conftest.py": fixture, "tests/test_a.py": "def test_one(till): ...\n"}
    moved = {"tests/conftest.py": "", "shop_tests/plugin.py": fixture, "pyproject.toml": config}
    assert gaps(files, moved) == expected


def test_an_address_in_a_configuration_is_no_entry_point(gaps):
    files = {
        "pyproject.toml": (
            '[project.urls]\nDocs = "https://shop.readthedocs.io/shop.read"\n'
            'Mail = "a@shop.read"\nOther = "shop.readme"\n'
        ),
        "shop/__init__.py": "def read(): ...\n",
    }
    assert gaps(files, {"shop/__init__.py": "def load(): ...\n"}) == []


def test_a_key_taken_out_of_a_configuration_is_told_where_it_is_named(gate):
    files = {
        "config.toml": "retries = 3\nname = 'x'\n",
        "app.py": "def f(c, retries):\n    return c['retries'] + retries\n",
        "README.md": "It retries when `retries` is set.\nIt retries.\n",
    }
    found = gate(files, {"config.toml": "name = 'x'\n"})
    assert found.gaps == ()
    assert [(each.path, each.line) for each in found.mentions] == [("app.py", 2), ("README.md", 1)]


def test_a_value_that_is_asked_for_its_class_may_be_of_that(gaps):
    text = (
        "class A: ...\nclass B(A):\n    def go(self): ...\n\n"
        "def f(x: A):\n    assert isinstance(x, B)\n    {}\n"
    )
    assert gaps({"a.py": text.format("pass")}, {"a.py": text.format("x.go()")}) == []


def test_self_is_another_class_elsewhere(gate):
    files = {
        "a.py": "class A:\n    key = 1\n    def f(self):\n        return self.key\n",
        "b.py": "import x\nclass B(x.Y):\n    def f(self):\n        return self.key\n",
        "c.py": "class C:\n    key = 1\n",
    }
    after = {"a.py": "class A:\n    name = 1\n    def f(self):\n        return self.name\n"}
    assert gate(files, after).open == ()


def test_a_new_string_that_reads_like_a_path_may_be_anything(gate):
    before = {"shop/__init__.py": "", "shop/users.py": "names = []\n", "app.py": "import shop\n"}
    changed = {"app.py": 'import shop\n\nprint("shop.users.count")\n'}
    assert gate(before, changed).open == ()
