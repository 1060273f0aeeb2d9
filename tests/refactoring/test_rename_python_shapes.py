"""Renames in Python where a dictionary or a class is known by its shape: named keys, protocols."""

import textwrap

import pytest

from codeorch.errors import UserError


def dedent(text):
    return textwrap.dedent(text).lstrip("\n")


# Each case: a request, one file, what is written in its place (old, new), and the lines left open.
FOLLOWED = {
    "a key of a typed dictionary": (
        "rename variable `Row.cost` to `price`",
        """
        from typing import TypedDict
        class Row(TypedDict):
            cost: int
        class Wide(Row):
            unit: str
        def make(n: int) -> Row: return {"cost": n}
        wide: Wide = {"cost": 1, "unit": "kg"}
        def read(row: Row, other: str):
            return row["cost"] + row.get("cost", 0), "cost" in row, other.find("cost")
        def show(rows): return [row["cost"] for row in rows]
        loose = {"cost": 2}
        text = "cost"
        """,
        [
            ("    cost: int", "    price: int"),
            ('return {"cost": n}', 'return {"price": n}'),
            ('= {"cost": 1', '= {"price": 1'),
            ('return row["cost"]', 'return row["price"]'),
            ('row.get("cost", 0)', 'row.get("price", 0)'),
            ('"cost" in row', '"price" in row'),
        ],
        [10, 11],
    ),
    "a class that fits a protocol without deriving from it": (
        "rename method `Closer.close` to `shut`",
        """
        from typing import Protocol
        class Closer(Protocol):
            name: str
            def close(self) -> None: ...
        class File:
            name = "a"
            def close(self) -> None: ...
        class Nameless:
            def close(self) -> None: ...
        class Other:
            name = "b"
            def close(self, force) -> None: ...
        def use(one: Closer): one.close()
        """,
        [
            ("str\n    def close", "str\n    def shut"),
            ("one.close()", "one.shut()"),
        ],
        [7],
    ),
    "a protocol that a class fits without deriving from it": (
        "rename method `File.close` to `shut`",
        """
        from typing import Protocol
        class Closer(Protocol):
            def close(self) -> None: ...
        class File:
            def close(self) -> None: ...
        """,
        [("File:\n    def close", "File:\n    def shut")],
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


def test_a_name_that_comes_by_another_star_import_is_taken(plan_for):
    texts = {
        "a.py": "def pick(x): return x\n",
        "c.py": "def choose(x): return x\n",
        "b.py": "from c import *\nfrom a import *\nchoose(1)\n",
        "d.py": "from c import *\nchoose(1)\n",
    }
    with pytest.raises(UserError) as caught:
        plan_for("rename function pick to choose", texts)
    assert caught.value.message.endswith("is used: b.py:3")


def test_the_commands_that_name_a_function_are_followed(changed):
    texts = {
        "run.py": "def run(): return 0\n",
        "Procfile": "web: sh run.sh && uvicorn run:run\n",
    }
    after = changed("rename function run to go", texts)
    assert after["Procfile"] == "web: sh run.sh && uvicorn run:go\n"
