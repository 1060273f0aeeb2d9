import ast
import textwrap

import pytest

from codeorch.domain import Mention
from codeorch.errors import UserError

SHOP = {
    "shop/__init__.py": 'from .cart import Cart, total as total\n\n__all__ = ["Cart", "total"]\n',
    "shop/cart.py": textwrap.dedent('''\
        """A cart and its total."""


        class Cart:
            def amount(self) -> int:
                return total(self)


        def total(cart: "Cart", *, scale=1) -> int:
            # total is in cents
            return sum(cart.prices) * scale
        '''),
    "app.py": textwrap.dedent("""\
        import shop
        from shop import cart as c
        from shop.cart import total as t


        def show(total):
            print(shop.total(total), c.total(total), t(total), "total")


        def again(x, default=shop.total):
            return x.amount() + amount(x)
        """),
    "README.md": "Call `total` to sum up.\n",
}


def test_a_function_is_followed_through_imports_and_not_mixed_up_with_others(changed):
    assert changed("rename function `total` to `grand_total`", SHOP) == {
        "shop/__init__.py": (
            "from .cart import Cart, grand_total as grand_total\n\n"
            '__all__ = ["Cart", "grand_total"]\n'
        ),
        "shop/cart.py": SHOP["shop/cart.py"]
        .replace("return total(", "return grand_total(")
        .replace("def total(cart", "def grand_total(cart"),
        "app.py": SHOP["app.py"]
        .replace("import total as", "import grand_total as")
        .replace("shop.total", "shop.grand_total")
        .replace("c.total", "c.grand_total"),
    }


def test_strings_comments_and_prose_stay_and_are_listed(plan_for):
    plan = plan_for("rename function `total` to `grand_total`", SHOP)
    assert plan.source == "codemod"
    assert plan.mentions == (
        Mention(path="README.md", line=1, text="Call `total` to sum up."),
        Mention(
            path="app.py",
            line=7,
            text='print(shop.total(total), c.total(total), t(total), "total")',
        ),
        Mention(path="shop/cart.py", line=1, text='"""A cart and its total."""'),
        Mention(path="shop/cart.py", line=10, text="# total is in cents"),
    )


def test_a_method_is_told_from_a_name_that_is_not_an_attribute(changed):
    assert changed("rename method `amount` to `sum_up`", SHOP) == {
        "shop/cart.py": SHOP["shop/cart.py"].replace("def amount", "def sum_up"),
    }


def test_a_receiver_of_unknown_class_is_named_and_left(plan_for):
    plan = plan_for("rename method `amount` to `sum_up`", SHOP)
    assert [(use.path, use.line, use.text) for use in plan.unproven_uses] == [
        ("app.py", 11, "return x.amount() + amount(x)")
    ]


def test_a_class_is_renamed_in_annotations_that_are_quoted(changed):
    after = changed("rename class `Cart` to `Basket`", SHOP)
    assert '"Basket", *, scale' in after["shop/cart.py"]
    assert (
        'import Basket, total as total\n\n__all__ = ["Basket", "total"]'
        in (after["shop/__init__.py"])
    )


# Each case: a request, the text before, the text after.
CASES = {
    "a parameter of the same name hides the function": (
        "rename function `f` to `g`",
        """
        def f(): ...
        def one(f): return f()
        def two(): return f()
        lambda f: f
        [f for f in range(3)]
        """,
        """
        def g(): ...
        def one(f): return f()
        def two(): return g()
        lambda f: f
        [f for f in range(3)]
        """,
    ),
    "a default value and a decorator are looked up outside": (
        "rename function `f` to `g`",
        """
        def f(): ...
        @f
        def one(f=f): return f
        """,
        """
        def g(): ...
        @g
        def one(f=g): return f
        """,
    ),
    "a class body hides a name from itself, not from its methods": (
        "rename function `f` to `g`",
        """
        def f(): ...
        class A:
            f = f
            def m(self): return f()
            h = f
        """,
        """
        def g(): ...
        class A:
            f = g
            def m(self): return g()
            h = f
        """,
    ),
    "global and nonlocal lead outwards": (
        "rename variable `n` to `count`",
        """
        n = 0
        def up():
            global n
            n += 1
        def other():
            n = 5
            def inner():
                nonlocal n
                n += 1
        """,
        """
        count = 0
        def up():
            global count
            count += 1
        def other():
            n = 5
            def inner():
                nonlocal n
                n += 1
        """,
    ),
    "overloads and twins under a condition are one definition": (
        "rename function `f` to `g`",
        """
        if fast:
            def f(a): ...
        else:
            def f(a): ...
        try:
            from speed import f
        except ImportError:
            pass
        f(1)
        """,
        """
        if fast:
            def g(a): ...
        else:
            def g(a): ...
        try:
            from speed import f as g
        except ImportError:
            pass
        g(1)
        """,
    ),
    "a property keeps its setter": (
        "rename method `size` to `length`",
        """
        class A:
            @property
            def size(self): return self._size
            @size.setter
            def size(self, size): self._size = size
        def f(a: A, size): a.size = size
        """,
        """
        class A:
            @property
            def length(self): return self._size
            @length.setter
            def length(self, size): self._size = size
        def f(a: A, size): a.length = size
        """,
    ),
    "overrides are renamed together": (
        "rename method `run_it` to `start_it`",
        """
        class A:
            def run_it(self): ...
        class B(A): ...
        class C(B):
            def run_it(self): super().run_it()
        C().run_it()
        """,
        """
        class A:
            def start_it(self): ...
        class B(A): ...
        class C(B):
            def start_it(self): super().start_it()
        C().start_it()
        """,
    ),
    "a mix-in that calls the method belongs to it": (
        "rename method `fetch` to `load`",
        """
        class Mix:
            def all(self): return self.fetch()
        class A(Mix):
            def fetch(self): ...
        """,
        """
        class Mix:
            def all(self): return self.load()
        class A(Mix):
            def load(self): ...
        """,
    ),
    "a field is renamed with its keyword": (
        "rename variable `Point.x` to `left`",
        """
        @dataclass
        class Point:
            x: int
        def f(p: Point, x):
            print(p.x, g(x=1))
            return Point(x=x)
        """,
        """
        @dataclass
        class Point:
            left: int
        def f(p: Point, x):
            print(p.left, g(x=1))
            return Point(left=x)
        """,
    ),
    "an attribute made in a method is a variable of the class": (
        "rename variable `Cart.items` to `lines`",
        """
        class Cart:
            def __init__(self, items): self.items = items
            def size(self): return len(self.items)
        {}.items()
        """,
        """
        class Cart:
            def __init__(self, items): self.lines = items
            def size(self): return len(self.lines)
        {}.items()
        """,
    ),
    "a local variable stays within its function": (
        "rename variable `f.n` to `count`",
        """
        def f(n): return [n for _ in range(n)]
        def g(n): return n
        """,
        """
        def f(count): return [count for _ in range(count)]
        def g(n): return n
        """,
    ),
    "names in f-strings and patterns are code": (
        "rename variable `limit` to `ceiling`",
        """
        limit = 3
        print(f"{limit!r:>{limit}} limit")
        match x:
            case Config.limit: ...
            case [limit, *_]: ...
        """,
        """
        ceiling = 3
        print(f"{ceiling!r:>{ceiling}} limit")
        match x:
            case Config.limit: ...
            case [ceiling, *_]: ...
        """,
    ),
    "quoted types are code, literals are not": (
        "rename class `Node` to `Leaf`",
        """
        class Node:
            def up(self) -> "Node | None": ...
            kids: list["Node"]
        a: Literal["Node"] = cast("Node", "Node")
        T = TypeVar("T", bound="Node")
        """,
        """
        class Leaf:
            def up(self) -> "Leaf | None": ...
            kids: list["Leaf"]
        a: Literal["Node"] = cast("Leaf", "Node")
        T = TypeVar("T", bound="Leaf")
        """,
    ),
}


@pytest.mark.parametrize(("request_text", "before", "after"), CASES.values(), ids=CASES)
def test_scopes_are_respected(changed, request_text, before, after):
    before, after = textwrap.dedent(before), textwrap.dedent(after)
    ast.parse(before)
    assert changed(request_text, {"a.py": before}) == {"a.py": after}


def test_star_imports_and_namespace_packages_are_followed(changed):
    texts = {
        "src/lib/core.py": "def f(): ...\n",
        "src/lib/__init__.py": "from lib.core import *\n",
        "space/user.py": "from lib import *\nimport lib.core\nf()\nlib.core.f()\n",
        "main.py": "import space.user\nimport space.other as o\nspace.user.f()\no.f()\n",
        "space/other.py": "def h(): ...\n",
    }
    assert changed("rename function `f` to `g`", texts) == {
        "src/lib/core.py": "def g(): ...\n",
        "space/user.py": "from lib import *\nimport lib.core\ng()\nlib.core.g()\n",
        "main.py": "import space.user\nimport space.other as o\nspace.user.g()\no.f()\n",
    }


def test_unrelated_definitions_are_listed_and_a_path_or_a_dotted_name_narrows_them(
    changed, plan_for
):
    texts = {"a.py": "def f(): ...\n", "b/c.py": "def f(): ...\n", "d.py": "from a import f\nf()\n"}
    with pytest.raises(UserError, match=r"2 unrelated definitions: a.py:1, b/c.py:1"):
        plan_for("rename function `f` to `g`", texts)
    here = {"a.py": "def g(): ...\n", "d.py": "from a import g\ng()\n"}
    assert changed("rename function `a.f` to `g`", texts) == here
    assert changed("rename function `f` to `g` in b/", texts) == {"b/c.py": "def g(): ...\n"}


def test_a_method_of_one_of_two_families_changes_where_the_type_is_told(plan_for, changed):
    texts = {
        "a.py": "class A:\n    def go(self): ...\n\nclass B:\n    def go(self): ...\n",
        "b.py": textwrap.dedent("""\
            from a import A, B
            def make() -> A: ...
            def f(a: "A | None", b: B, c):
                a.go(); b.go(); c.go()
                A().go(); make().go()
                with A() as d: d.go()
            class User:
                def __init__(self): self.a = A()
                def use(self): self.a.go()
            """),
    }
    with pytest.raises(UserError, match=r"2 unrelated definitions: a.py:2, a.py:5"):
        plan_for("rename method `go` to `run`", texts)
    after = changed("rename method `A.go` to `run`", texts)
    assert after["a.py"] == texts["a.py"].replace("def go", "def run", 1)
    assert after["b.py"] == texts["b.py"].replace(".go", ".run").replace("b.run", "b.go").replace(
        "c.run", "c.go"
    )
    plan = plan_for("rename method `A.go` to `run`", texts)
    assert "b.py:4" in plan.notes[0]


def test_a_name_that_standard_types_have_is_changed_only_where_the_type_is_told(changed):
    texts = {"a.py": "class A:\n    def get(self): ...\n\ndef f(x, a: A):\n    x.get(); a.get()\n"}
    assert changed("rename method `get` to `fetch`", texts) == {
        "a.py": texts["a.py"].replace("def get", "def fetch").replace("a.get", "a.fetch")
    }


@pytest.mark.parametrize(
    ("request_text", "text", "message"),
    [
        ("rename function `f` to `g`", "x = 1\n", "nothing in the repository defines `f`"),
        (
            "rename function `f` to `g`",
            "class f: ...\n",
            "no function is called `f`, but a class: a.py:1",
        ),
        (
            "rename function `b.f` to `g`",
            "def f(): ...\n",
            "no function `b.f`; `f` is defined at a.py:1",
        ),
        (
            "rename function `f` to `g`",
            "def f(): ...\ndef g(): ...\n",
            "`g` already means something where `f` is used: a.py:2",
        ),
        (
            "rename function `f` to `g`",
            "def f(): ...\ndef h(g): return f()\n",
            "`g` already means something where `f` is used: a.py:2",
        ),
        (
            "rename function `f` to `len`",
            "def f(): ...\nlen([])\n",
            "`len` already means something where `f` is used: a.py:2",
        ),
        (
            "rename method `f` to `g`",
            "class A:\n    def f(self): ...\n    def g(self): ...\n",
            "`g` already means something where `f` is used: a.py:3",
        ),
        (
            "rename method `__len__` to `size`",
            "class A:\n    def __len__(self): ...\n",
            "Python itself calls `__len__`; renamed, it would not",
        ),
        (
            "rename method `setUp` to `prepare`",
            "class A(unittest.TestCase):\n    def setUp(self): ...\n",
            (
                "`setUp` overrides a method of `unittest.TestCase`, which this repository does "
                "not define: that calls it by its name"
            ),
        ),
        (
            "rename function `f` to `lambda`",
            "def f(): ...\n",
            "`lambda` is a reserved word of python",
        ),
    ],
)
def test_what_would_break_the_code_is_refused(plan_for, request_text, text, message):
    with pytest.raises(UserError) as caught:
        plan_for(request_text, {"a.py": text})
    assert caught.value.message == message


def test_line_ends_and_a_missing_last_one_are_kept(changed):
    texts = {"a.py": "def f():\r\n    ...\r\n\x0cf()"}
    assert changed("rename function `f` to `g`", texts) == {
        "a.py": "def g():\r\n    ...\r\n\x0cg()"
    }


def test_fixtures_of_pytest_tell_what_a_parameter_is(changed):
    texts = {
        "a.py": "class A:\n    def go(self): ...\n\nclass B:\n    def go(self): ...\n",
        "tests/conftest.py": "@pytest.fixture\ndef thing():\n    thing = A()\n    yield thing\n",
        "tests/x/test_a.py": (
            "@pytest.fixture\ndef other(thing):\n    return B()\n\n"
            "def test_go(thing, other):\n    thing.go(); other.go()\n"
        ),
    }
    texts["tests/conftest.py"] = "from a import A\n" + texts["tests/conftest.py"]
    texts["tests/x/test_a.py"] = "from a import B\n" + texts["tests/x/test_a.py"]
    assert changed("rename method `A.go` to `run`", texts) == {
        "a.py": texts["a.py"].replace("def go", "def run", 1),
        "tests/x/test_a.py": texts["tests/x/test_a.py"].replace("thing.go", "thing.run"),
    }


def test_a_parameter_of_an_own_init_is_no_field(changed):
    text = "class A:\n    def __init__(self, size):\n        self.size = size\n\nA(size=1).size\n"
    texts = {"a.py": text}
    assert changed("rename variable `A.size` to `count`", texts) == {
        "a.py": texts["a.py"].replace(".size", ".count")
    }


LOOKED_UP = {
    "shop/__init__.py": "from .cart import Cart\n",
    "shop/cart.py": "class Cart:\n    def price(self): ...\n\n\ndef total(): ...\n",
    "shop/till.py": "from shop.cart import total\n\n\ndef open(): ...\n",
    "other/cart.py": "def total(): ...\n",
}


@pytest.mark.parametrize(
    ("line", "renamed"),
    [
        ('patch("shop.cart.total")', 'patch("shop.cart.amount")'),
        ('patch("shop.till.total")', 'patch("shop.till.amount")'),
        ('patch("shop.cart.total.return_value", 1)', 'patch("shop.cart.amount.return_value", 1)'),
        ('patch.object(shop.cart, "total", 1)', 'patch.object(shop.cart, "amount", 1)'),
        ('hooks = ["sum = shop.cart:total [x]"]', 'hooks = ["sum = shop.cart:amount [x]"]'),
        ('patch("other.cart.total")', None),
        ('patch("shop.cart.Cart.total")', None),
        ('getattr(other, "total")', None),
        ('print("see shop.cart.total")', None),
        ('logging.getLogger("shop.cart.total")', None),
        ('scope["shop.cart.total"] == "shop.cart.total"', None),
    ],
)
def test_a_string_is_renamed_where_its_path_leads_to_the_function(changed, line, renamed):
    texts = {**LOOKED_UP, "test_cart.py": f"import shop.cart\n{line}\n"}
    found = changed("rename function `total` to `amount` in shop/cart.py", texts)
    assert found.get("test_cart.py") == (renamed and f"import shop.cart\n{renamed}\n")


@pytest.mark.parametrize(
    ("request_", "old", "new"),
    [
        ("rename class `Cart` to `Basket`", "shop.Cart.price", "shop.Basket.price"),
        ("rename method `Cart.price` to `cost`", "shop.Cart.price", "shop.Cart.cost"),
        ("rename method `Cart.price` to `cost`", "shop.cart:Cart.price", "shop.cart:Cart.cost"),
    ],
)
def test_classes_and_their_members_are_followed_into_strings(changed, request_, old, new):
    texts = {**LOOKED_UP, "test_cart.py": f'patch("{old}")\n'}
    assert changed(request_, texts)["test_cart.py"] == f'patch("{new}")\n'


def test_entry_points_in_configuration_files_follow(changed, plan_for):
    texts = {
        **LOOKED_UP,
        "pyproject.toml": '[project.scripts]\nopen = "shop.till:open"  # shop.till:open\n',
        "setup.cfg": "console_scripts =\n    open = shop.till:open\n    z = zip.till:open\n",
    }
    request = "rename function `open` to `unlock`"
    found = changed(request, texts)
    assert found["pyproject.toml"] == (
        '[project.scripts]\nopen = "shop.till:unlock"  # shop.till:open\n'
    )
    assert found["setup.cfg"] == texts["setup.cfg"].replace("shop.till:open", "shop.till:unlock")
    assert plan_for(request, texts).notes == (
        "2 strings that Python looks up were renamed, too: pyproject.toml:2, setup.cfg:2",
    )


def test_code_that_cannot_be_read_is_listed(plan_for):
    texts = {"a.py": "def f(): ...\nf()\n", "b.py": "import a\nclass ( f f:\n"}
    plan = plan_for("rename function `f` to `g`", texts)
    assert "b.py:" in plan.notes[-1]


FIXTURE = (
    "import pytest\n\n\n@pytest.{mark}\ndef shop():\n    return 1\n\n\n"
    "def test_it(shop):\n    assert shop\n\n\ndef help(shop):\n    return shop\n"
)


@pytest.mark.parametrize(
    ("mark", "followed"), [("fixture(scope='module')", True), ("mark.usefixtures('cart')", False)]
)
def test_parameters_that_pytest_fills_follow_their_fixture(changed, mark, followed):
    texts = {"test_shop.py": FIXTURE.format(mark=mark)}
    after = changed("rename function shop to store", texts)["test_shop.py"]
    assert ("def test_it(store):\n    assert store" in after) is followed
    assert "def help(shop):\n    return shop" in after
