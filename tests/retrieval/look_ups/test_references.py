"""References: sure, likely and doubtful ones apart, by form, all counted."""

import pytest

CALLS = """shop/cart.py:13: def total(self, extra=0) [Cart.total]
Used: 4 uses in 3 files for sure, 1 doubtful.
called with no arguments (3 uses in 3 files):
  shop/bill.py:8: return thing.total(), cart.total()
  shop/cart.py:17: return self.total()
  tests/test_cart.py:5: assert Cart().total() == 1
called with extra= (1 use in 1 file):
  shop/bill.py:6: cart.total(extra=3)
doubtful, nobody knows on what (1 use in 1 file):
  shop/bill.py:8: return thing.total(), cart.total()
Something else is meant by `total` in 1 use in 1 file: shop/bill.py (1 use).
The word stands in documents and settings: docs/use.rst 4."""


def test_uses_of_a_method_are_parted_by_what_they_are_called_on(look):
    assert look()("references", name="Cart.total") == CALLS


def test_uses_of_a_class_are_followed_through_the_package(look):
    answer = look()("references", name="Cart")
    assert "shop/__init__.py:1: from .cart import Cart" in answer
    assert "shop/bill.py:5: def bill(cart: shop.Cart" in answer
    assert "tests/test_cart.py:5: assert Cart().total() == 1" in answer
    assert "doubtful" not in answer


def test_a_constructor_goes_by_its_class(look):
    files = {
        "a.py": "class A:\n    def __init__(self, x): ...\n",
        "b.py": "from a import A\n\nA(1)\n",
        "c.ts": "export class C {\n  constructor(x: string) {}\n}\n",
        "d.ts": "import { C } from './c'\nnew C('x')\n",
    }
    answer = look(files)("references", name="A.__init__")
    assert "called with 1 by position (1 use in 1 file):\n  b.py:3: A(1)" in answer
    answer = look(files)("references", name="C.constructor")
    assert "called with 1 by position (1 use in 1 file):\n  d.ts:2: new C('x')" in answer


def test_a_local_variable_of_the_name_is_no_use(look):
    files = {
        "a.py": "def echo(text): ...\n",
        "b.py": "from a import echo\n\n\ndef f(echo):\n    return echo\n\n\necho(1)\n",
    }
    answer = look(files)("references", name="echo")
    assert "Used: 2 uses in 1 file for sure." in answer
    assert "Something else is meant by `echo` in 2 uses in 1 file: b.py (2 uses)." in answer


def test_an_import_under_another_name_is_followed(look):
    files = {
        "a.py": "def echo(text): ...\n",
        "b.py": "from a import echo as say\n\nsay(1, end='')\n",
    }
    answer = look(files)("references", name="echo")
    assert "called with 1 by position, end= (1 use in 1 file):\n  b.py:3: say(1, end='')" in answer


def test_receivers_named_like_the_class_make_a_use_likely(look):
    files = {
        "a.ts": "export class HonoRequest {\n  header(n: string) {}\n}\n",
        "b.ts": "export const f = (c) => {\n  c.req.header('x')\n  c.res.header('y')\n}\n",
        "c.ts": "class Other {\n  header() {}\n}\n",
    }
    answer = look(files)("references", name="HonoRequest.header")
    assert (
        "likely, called with 1 by position (1 use in 1 file):\n  b.ts:2: c.req.header('x')"
        in answer
    )
    assert (
        "doubtful, nobody knows on what (1 use in 1 file):\n  b.ts:3: c.res.header('y')" in answer
    )


def test_callers_are_counted_however_many_there_are_and_odd_ones_shown(look):
    files = {"lib/core.py": "def run(a, b=0): ...\n"}
    for n in range(300):
        odd = "run(1, b=2)" if n == 123 else "run(1)"
        files[f"app/p{n // 30}/m{n}.py"] = f"from lib.core import run\n\n{odd}\n"
    answer = look(files)("references", name="run")
    assert "\nUsed: 400 uses in 200 files for sure, 200 unread.\n" in answer  # of 600 in 300
    assert (
        "called with 1 by position, b= (1 use in 1 file):\n  app/p4/m123.py:3: run(1, b=2)"
        in answer
    )
    assert len(answer) < 10_000


def test_a_name_of_another_language_means_another_unless_it_is_the_only_one(look):
    files = {
        "A.java": "class A { void send() {} }\n",
        "B.scala": "object B { def f(a: A) = a.send() }\n",
        "c.py": "def send(): ...\n\n\nsend()\n",
    }
    answer = look(files)("references", name="A.send")
    assert "B.scala:1" in answer
    assert "Something else is meant by `send` in 1 use in 1 file: c.py (1 use)." in answer


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "No file is called so, and nothing defines a 'nothing'."),
        ("shop/cart.py", "shop/cart.py is a file: `related` names its users."),
        ("", "Give a name, e.g. `total` or `Cart.total`."),
        ("Cart.nope", "No file is called so, and nothing defines a 'nope'."),
    ],
)
def test_what_is_no_name_is_said(look, name, said):
    assert look()("references", name=name).startswith(said)


def test_what_nothing_uses_is_said(look):
    answer = look({"a.py": "def alone(): ...\n"})("references", name="alone")
    assert answer == "a.py:1: def alone() [alone]\nNothing in the code uses it."
