"""Reading code: by place, by name, never twice, and what is said where it cannot be shown."""

import pytest

from codeorch.retrieval.look_ups import LookUps

TOTAL = """shop/cart.py, lines 1 to 3, 6 to 7:
from dataclasses import dataclass
from decimal import Decimal
import os
@dataclass
class Cart:

shop/cart.py, lines 12 to 14:
    # Sums up.
    def total(self, extra=0):
        return Decimal(1) + extra"""


@pytest.mark.parametrize("name", ["Cart.total", "shop/cart.py:Cart.total", "`Cart.total()`",
                                  "shop.cart.Cart.total", "shop/cart.py::Cart::total"])  # fmt: skip
def test_a_definition_comes_with_its_comment_class_and_imports(look, name):
    assert look()("read", places=[name]) == TOTAL


def test_what_was_shown_is_not_shown_again(look):
    read = look()
    read("read", places=["Cart.total"])
    assert (
        read("read", places=["shop/cart.py:12-14"]) == "shop/cart.py, lines 12 to 14: shown above"
    )
    assert read("read", places=["Cart.size"]) == (
        "shop/cart.py, lines 16 to 17:\n    def size(self):\n        return self.total()"
    )
    read("read", places=["shop/cart.py:6-11"])


def test_a_short_piece_that_was_shown_comes_again_inside_of_a_longer_one(look):
    read = look()
    read("read", places=["shop/cart.py:6-11"])
    assert read("read", places=["shop/cart.py:1-14"]).startswith(
        "shop/cart.py, lines 1 to 14:\nfrom dataclasses"
    )


def test_a_long_piece_that_was_shown_is_named_in_its_place(codebase_of, caller):
    text = "".join(f"x{n} = {n}\n" for n in range(1, 101))
    read = caller(LookUps(codebase_of({"long.py": text})))
    read("read", places=["long.py:21-80"])
    found = read("read", places=["long.py:1-100"]).split("\n\n")
    assert [part.split("\n")[0] for part in found] == [
        "long.py, lines 1 to 20:",
        "long.py, lines 21 to 80: shown above",
        "long.py, lines 81 to 100:",
    ]


def test_several_places_in_one_call(look):
    answer = look()("read", places=["shop/bill.py:6", "shop/bill.py:7-8, 1-2", "Bag"])
    assert "shop/bill.py, line 6:\n    cart.total(extra=3)" in answer
    assert "shop/bill.py, lines 7 to 8:" in answer
    assert "shop/bill.py, lines 1 to 2:\nimport shop" in answer
    assert "class Bag:\n    def total(self):" in answer


@pytest.mark.parametrize(
    "path", ["./shop/bill.py", "shop\\bill.py", " `shop/bill.py` ", "/shop//bill.py"]
)
def test_a_path_may_be_written_in_many_ways(look, path):
    assert look()("read", places=[path]).startswith("shop/bill.py, lines 1 to 8:\nimport shop")


NOTHING = "No file is called so, and nothing defines a"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("shop/bil.py", "There is no file 'shop/bil.py'. The nearest: shop/bill.py."),
        ("cart.py:1-3", "There is no file 'cart.py'. The nearest: shop/cart.py."),
        ("../../etc/passwd", "There is no file '../../etc/passwd'."),
        ("shop/bill.py:9-12", "shop/bill.py has 8 lines; 9-12 is no range of it."),
        ("shop/bill.py:5-2", "shop/bill.py has 8 lines; 5-2 is no range of it."),
        ("shop/", "shop is a folder: call `outline` for its files."),
        ("logo.png", "logo.png cannot be shown: it is binary."),
        ("Cart.sum", f"{NOTHING} 'sum'. Call `search` for the text."),
        ("Basket.size", "Nothing is called 'Basket.size'. There is Cart.size (shop/cart.py:16)."),
        ("shop/bill.py:Cart", "shop/bill.py defines no 'Cart'. Call `search` for the text."),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_and_costs_nothing(codebase_of, caller, place, said):
    look_ups = LookUps(codebase_of(skipped={"logo.png": "it is binary"}))
    before = look_ups.left
    assert caller(look_ups)("read", places=[place]) == said
    assert look_ups.left == before


def test_one_wrong_place_does_not_spoil_the_others(look):
    answer = look()("read", places=["gone.py", "shop/bill.py:1"])
    assert answer.split("\n\n") == [
        "No file is called so, and nothing defines a 'py'. Call `search` for the text.",
        "shop/bill.py, line 1:\nimport shop",
    ]


def test_a_long_file_is_outlined_and_a_range_beyond_the_end_is_cut(look):
    text = "".join(f"def f{n}():\n    return {n}\n\n" for n in range(200))
    read = look({"a.py": text})
    outline = read("read", places=["a.py"])
    assert "1-2: def f0()" in outline
    assert outline.endswith("Ask for `a.py:1-120` or a name in it.")
    assert read("read", places=["a.py:598-9999"]).startswith("a.py, lines 598 to 600:")


def test_a_file_of_many_short_lines_is_shown_whole(look):
    """Its outline would cost a further turn; the room that it takes is what counts."""
    text = "".join(f"x{n} = {n}\n" for n in range(320))
    assert look({"a.py": text})("read", places=["a.py"]).startswith("a.py, lines 1 to 320:\n")


def test_a_long_class_is_shown_to_its_first_method_with_a_list_of_the_others(look):
    methods = "".join(f"    def m{n}(self, a, b):\n        return {n}\n\n" for n in range(80))
    answer = look({"a.py": f'class Big:\n    "Doc."\n    x = 1\n\n{methods}'})(
        "read", places=["Big"]
    )
    assert answer.startswith('a.py, lines 1 to 4:\nclass Big:\n    "Doc."\n    x = 1\n')
    assert "Big goes to line 243; its members:\n  5-6: def m0(self, a, b)" in answer
    assert "242-243: def m79(self, a, b)" in answer


def test_what_a_class_inherits_is_found_in_its_base(look):
    files = {
        "base.py": "class Base(Generic[T]):\n    def run(self): ...\n\n\nclass Mid(Base): ...\n",
        "agent.py": "from base import Mid\n\n\nclass Agent(Mid): ...\n",
        "other.py": "class Other:\n    def run(self): ...\n",
    }
    assert "base.py, line 2:\n    def run(self): ..." in look(files)("read", places=["Agent.run"])


def test_overloads_are_one_definition(look):
    files = {
        "a.ts": "class A {\n  f(x: string): void\n  f(x: number): void\n  f(x: any) {\n  }\n}\n"
    }
    answer = look(files)("read", places=["A.f"])
    assert "a.ts, lines 2 to 5:\n  f(x: string): void\n" in answer


def test_a_name_of_many_definitions_is_listed(look):
    files = {f"a{n}.py": "class A:\n    def run(self, x): ...\n" for n in range(6)}
    answer = look(files)("read", places=["run"])
    assert answer.startswith("run is defined in 6 places; ask for one with its path:\na0.py:2: def")


def test_what_there_is_no_room_for_is_named_and_not_taken_as_shown(codebase_of, caller):
    files = {"a.txt": "".join(f"{n} {'x' * 90}\n" for n in range(1, 1001))}
    look_ups = LookUps(codebase_of(files))
    read = caller(look_ups)
    first = read("read", places=["a.txt:1-1000"])
    *_, end = first.split("\n")
    last = look_ups.shown.ranges["a.txt"][0][1]
    assert end == f"[no room for lines {last + 1} to 1000 of a.txt; ask for them next]"
    assert 100 < last < 400
    assert f"\n{last} x" in first
    assert read("read", places=[f"a.txt:{last}-{last + 9}"]).endswith(f"{last + 9} {'x' * 90}")


def test_long_lines_are_cut(look):
    answer = look({"a.json": '{"a": "' + "y" * 3_000 + '"}\n'})("read", places=["a.json:1"])
    assert answer.endswith("yy [2209 more characters]")


def test_an_empty_file_is_empty(look):
    assert look({"a.py": ""})("read", places=["a.py"]) == "a.py is empty."
