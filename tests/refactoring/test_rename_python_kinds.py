"""Kinds of uses that renamers of Python are known to get wrong; all code here is our own."""

import textwrap

import pytest

from codeorch.errors import UserError


def dedent(text):
    return textwrap.dedent(text).lstrip("\n")


# Each case: a request, one file, what is written in its place (old, new), and the lines left open.
FOLLOWED = {
    "a class body reads the outer name until it sets its own": (
        "rename function `price` to `cost`",
        """
        def price(): return 1
        class Shop:
            before = price
            price = price()
            after = price
        """,
        [("def price", "def cost"), ("before = price", "before = cost"), ("= price()", "= cost()")],
        [],
    ),
    "a type parameter of the name is another name": (
        "rename class `Item` to `Ware`",
        """
        class Item: ...
        def first[Item](x: Item) -> Item: return x
        type Many[Item] = list[Item]
        def make(x: list[Item]): return Item()
        """,
        [
            ("class Item", "class Ware"),
            ("make(x: list[Item]): return Item()", "make(x: list[Ware]): return Ware()"),
        ],
        [],
    ),
    "what a comprehension runs over is looked up outside": (
        "rename function `rows` to `lines`",
        """
        def rows(): return [1]
        found = [rows for rows in rows() if rows]
        """,
        [("def rows", "def lines"), ("in rows()", "in lines()")],
        [],
    ),
    "a dotted name in a pattern": (
        "rename variable `Colour.RED` to `RUBY`",
        """
        from enum import Enum
        class Colour(Enum):
            RED = 1
        class Other:
            RED = 2
        def name(x):
            match x:
                case Colour.RED: return Colour["RED"]
                case Other.RED: return "other"
        """,
        [
            ("    RED = 1", "    RUBY = 1"),
            ("case Colour.RED", "case Colour.RUBY"),
            ('Colour["RED"]', 'Colour["RUBY"]'),
        ],
        [],
    ),
    "quoted types, the first of Annotated, and comments that are types": (
        "rename class `Part` to `Piece`",
        """
        from typing import Annotated
        class Part: ...
        a: Annotated["Part", "Part"] = None
        b = []  # type: list[Part]
        c = 1  # a Part
        """,
        [
            ("class Part", "class Piece"),
            ('Annotated["Part"', 'Annotated["Piece"'),
            ("list[Part]", "list[Piece]"),
        ],
        [],
    ),
    "examples in docstrings": (
        "rename method `Cart.total` to `amount`",
        '''
        class Cart:
            def total(self):
                """Sum up.

                >>> cart = Cart()
                >>> cart.total(
                ...     ) + Cart().total()
                0
                """
                return 0
        ''',
        [
            ("def total", "def amount"),
            ("cart.total(", "cart.amount("),
            ("Cart().total()", "Cart().amount()"),
        ],
        [],
    ),
    "attributes that getters and format look up": (
        "rename variable `Job.state` to `phase`",
        """
        from operator import attrgetter
        class Job:
            def __init__(self): self.state = 1
        def order(jobs: list[Job], others, job: Job):
            jobs.sort(key=attrgetter("state"))
            others.sort(key=attrgetter("state"))
            print("{0.state} {j.state}".format(job, j=Job()), vars(job)["state"])
            return max(jobs, key=attrgetter("state"))
        """,
        [
            ("self.state", "self.phase"),
            ('jobs.sort(key=attrgetter("state"))', 'jobs.sort(key=attrgetter("phase"))'),
            ("{0.state} {j.state}", "{0.phase} {j.phase}"),
            ('vars(job)["state"]', 'vars(job)["phase"]'),
            ('max(jobs, key=attrgetter("state"))', 'max(jobs, key=attrgetter("phase"))'),
        ],
        [6],
    ),
    "keywords that set a field": (
        "rename variable `Seat.row` to `line`",
        """
        from functools import partial
        from typing import NamedTuple
        class Seat(NamedTuple):
            row: int
            @classmethod
            def first(cls): return cls(row=1)
        class Other(NamedTuple):
            row: int
        seat = Seat(row=2)
        seat = seat._replace(row=3)
        make = partial(Seat, row=4)
        other = Other(row=5)._replace(row=6)
        def f(x): return x._replace(row=7)
        """,
        [
            ("Seat(NamedTuple):\n    row", "Seat(NamedTuple):\n    line"),
            ("cls(row=1)", "cls(line=1)"),
            ("Seat(row=2)", "Seat(line=2)"),
            ("_replace(row=3)", "_replace(line=3)"),
            ("Seat, row=4", "Seat, line=4"),
        ],
        [13],
    ),
    "what loops, subscripts, branches and contexts hand out": (
        "rename method `Disc.spin` to `turn`",
        """
        class Disc:
            def spin(self) -> int: return 1
            def __enter__(self): return self
            def __exit__(self, *_): ...
        class Top:
            def spin(self): ...
        def go(discs: list[Disc], by: dict[str, Disc], thing, *rest: Disc):
            for at, each in enumerate(discs): each.spin()
            discs[0].spin(); by["a"].spin(); [d.spin() for d in by.values()]
            for _, one in by.items(): one.spin()
            if isinstance(thing, Disc): thing.spin()
            if isinstance(thing, Top): thing.spin()
            with Disc() as held: held.spin()
            if (new := Disc()): new.spin()
            for last in rest: last.spin()
            thing.spin()
        """,
        [
            ("class Disc:\n    def spin", "class Disc:\n    def turn"),
            ("each.spin()", "each.turn()"),
            ("discs[0].spin()", "discs[0].turn()"),
            ('by["a"].spin()', 'by["a"].turn()'),
            ("d.spin() for", "d.turn() for"),
            ("one.spin()", "one.turn()"),
            ("Disc): thing.spin()", "Disc): thing.turn()"),
            ("held.spin()", "held.turn()"),
            ("new.spin()", "new.turn()"),
            ("last.spin()", "last.turn()"),
        ],
        [16],
    ),
    "a private name is that of one class alone": (
        "rename method `Base.__go` to `__run`",
        """
        class Base:
            def __go(self): return 1
            def start(self): return self.__go()
        class Derived(Base):
            def __go(self): return 2
            def again(self): return self.__go()
        """,
        [
            ("class Base:\n    def __go", "class Base:\n    def __run"),
            ("def start(self): return self.__go", "def start(self): return self.__run"),
        ],
        [],
    ),
    "an attribute of an object that a library gives is not ours": (
        "rename method `Ledger.commit` to `settle`",
        """
        import sqlite3
        class Ledger:
            def commit(self): ...
        def save(ledger: Ledger, path):
            base = sqlite3.connect(path)
            base.commit()
            ledger.commit()
        """,
        [("def commit", "def settle"), ("ledger.commit", "ledger.settle")],
        [6],
    ),
    "a name that is put together": (
        "rename method `Bot.on_join` to `on_enter`",
        """
        class Bot:
            def on_join(self): ...
            def handle(self, event): getattr(self, "on_" + event)()
        """,
        [("def on_join", "def on_enter")],
        [3],
    ),
}


@pytest.mark.parametrize(("request_", "text", "edits", "left"), FOLLOWED.values(), ids=FOLLOWED)
def test_a_kind_of_use_is_followed_or_named(changed, plan_for, request_, text, edits, left):
    texts = {"a.py": dedent(text)}
    wanted = texts["a.py"]
    for old, new in edits:
        assert wanted.count(old) == 1, old
        wanted = wanted.replace(old, new)
    assert changed(request_, texts)["a.py"] == wanted
    assert [use.line for use in plan_for(request_, texts).unproven_uses] == left


REFUSED = {
    "a derived class has the new name": (
        "rename method `Base.run` to `go`",
        "class Base:\n    def run(self): ...\nclass Derived(Base):\n    def go(self): ...\n",
        "`go` already means something",
    ),
    "another base of a derived class has it": (
        "rename method `A.run` to `go`",
        "class A:\n    def run(self): ...\nclass B:\n    def go(self): ...\nclass C(A, B): ...\n",
        "`go` already means something",
    ),
    "a library's base class has it": (
        "rename method `Job.work` to `run`",
        "import threading\nclass Job(threading.Thread):\n    def work(self): ...\n",
        "`run` is a member of `threading.Thread` already",
    ),
    "Python would call it": (
        "rename method `Sum.total` to `__len__`",
        "class Sum:\n    def total(self): ...\n",
        "`__len__` is a name that Python itself calls",
    ),
    "a library calls it": (
        "rename method `Page.handle_data` to `take`",
        (
            "from html.parser import HTMLParser\n"
            "class Page(HTMLParser):\n    def handle_data(self, data): ...\n"
        ),
        "`handle_data` overrides a method of `HTMLParser`",
    ),
    "a library calls it by a name that it puts together": (
        "rename method `Names.visit_Name` to `see`",
        ("import ast\nclass Names(ast.NodeVisitor):\n    def visit_Name(self, node): ...\n"),
        "`visit_Name` overrides a method of `ast.NodeVisitor`",
    ),
    "the base class of a library is called for it": (
        "rename method `View.get` to `read`",
        "from web import Base\nclass View(Base):\n    def get(self): return super().get()\n",
        "`get` overrides a method",
    ),
    "the class body uses the new name as Python's own": (
        "rename method `Shop.wares` to `list`",
        ("class Shop:\n    def wares(self): ...\n    def names(self) -> list[str]: ...\n"),
        "`list` already means something",
    ),
    "used outside, it cannot be private": (
        "rename method `Shop.open` to `__open`",
        "class Shop:\n    def open(self): ...\nShop().open()\n",
        "`__open` would be seen in one class only",
    ),
}


@pytest.mark.parametrize(("request_", "text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_would_change_a_meaning_is_refused(plan_for, request_, text, message):
    with pytest.raises(UserError) as caught:
        plan_for(request_, {"a.py": text})
    assert caught.value.message.startswith(message)


def test_a_module_and_its_stub_are_one(changed):
    texts = {
        "lib/m.py": "def conv(x): return x\nclass A:\n    def go(self): ...\n",
        "lib/m.pyi": "def conv(x: int) -> int: ...\nclass A:\n    def go(self) -> None: ...\n",
        "use.py": "from lib.m import conv\nconv(1)\n",
    }
    for request, old, new in [
        ("rename function conv to turn in lib/m.py", "conv", "turn"),
        ("rename method A.go to run in lib/m.pyi", "go(", "run("),
    ]:
        wanted = {path: text.replace(old, new) for path, text in texts.items() if old in text}
        assert changed(request, texts) == wanted


def test_a_star_import_may_not_hide_a_name_of_the_language(plan_for):
    texts = {
        "a.py": "def pick(x): return x\n",
        "b.py": "from a import *\npick(filter(None, []))\n",
    }
    with pytest.raises(UserError) as caught:
        plan_for("rename function pick to filter", texts)
    assert caught.value.message.endswith("b.py:2")


def test_a_base_that_is_not_here_is_to_be_looked_at(plan_for):
    texts = {"a.py": "from web import Base\nclass View(Base):\n    def show(self): ...\n"}
    plan = plan_for("rename method View.show to draw", texts)
    assert len(plan.tasks) == 1
    assert [(use.line, "Base is not in this repository" in use.why) for use in plan.unproven_uses]


def test_without_a_kind_the_only_definition_is_meant(changed, plan_for):
    texts = {"a.py": "class Cart:\n    def total(self): ...\n\n\ndef price(): ...\n"}
    assert changed("rename `price` to `cost`", texts) == {
        "a.py": texts["a.py"].replace("price", "cost")
    }
    assert changed("rename Cart.total to amount", texts) == {
        "a.py": texts["a.py"].replace("total", "amount")
    }
    two = texts["a.py"] + "\n\ndef total(): ...\n"
    with pytest.raises(UserError) as caught:
        plan_for("rename `total` to `amount`", {"a.py": two})
    assert "2 unrelated definitions" in caught.value.message
