"""A method that several classes define, and a change that only some of them followed."""

import re

import pytest

PYTHON = {
    "shop/base.py": (
        "from abc import ABC, abstractmethod\n"
        "\n\n"
        "class Base(ABC):\n"
        "    @abstractmethod\n"
        "    def price_of(self, item): ...\n"
        "\n"
        "    def round_off(self, cents):\n"
        "        return cents\n"
        "\n"
        "    def whole(self, items):\n"
        "        return [self.round_off(self.price_of(item)) for item in items]\n"
    ),
    "shop/sale.py": (
        "from shop.base import Base\n"
        "\n\n"
        "class Sale(Base):\n"
        "    def price_of(self, item):\n"
        "        return item.price // 2\n"
        "\n"
        "    def round_off(self, cents):\n"
        "        return cents // 10 * 10\n"
    ),
}
VALUES = {
    "base.py": (
        "class Base:\n"
        "    kind_name = 'base'\n"
        "\n"
        "    @property\n"
        "    def label_text(self):\n"
        "        return self.kind_name\n"
        "\n"
        "    def show(self):\n"
        "        return self.label_text\n"
    ),
    "sale.py": (
        "from base import Base\n"
        "\n\n"
        "class Sale(Base):\n"
        "    kind_name = 'sale'\n"
        "\n"
        "    @property\n"
        "    def label_text(self):\n"
        "        return 'cheap ' + self.kind_name\n"
    ),
}
SCRIPTS = {
    "base.ts": (
        "export interface Named {\n"
        "  nameOf(item: number): string\n"
        "}\n"
        "export abstract class Base {\n"
        "  abstract priceOf(item: number): number\n"
        "  roundOff(cents: number) { return cents }\n"
        "  whole(item: number) { return this.roundOff(this.priceOf(item)) }\n"
        "}\n"
    ),
    "sale.ts": (
        "import { Base, type Named } from './base'\n"
        "export class Sale extends Base implements Named {\n"
        "  nameOf(item: number) { return `sale of ${item}` }\n"
        "  priceOf(item: number) { return item / 2 }\n"
        "  roundOff(cents: number) { return Math.floor(cents / 10) * 10 }\n"
        "}\n"
    ),
}
GO = {
    "go.mod": "module example.org/shop\n",
    "base.go": (
        "package shop\n"
        "\n"
        "type Pricer interface {\n"
        "\tPriceOf(item int) int\n"
        "\tNameOf(item int) string\n"
        "}\n"
        "\n"
        "type Opener interface {\n"
        "\tOpenUp(hour int) bool\n"
        "}\n"
    ),
    "sale.go": (
        "package shop\n"
        "\n"
        "type Sale struct{}\n"
        "\n"
        "func (s Sale) PriceOf(item int) int { return item / 2 }\n"
        "\n"
        'func (s Sale) NameOf(item int) string { return "sale" }\n'
        "\n"
        "func (s Sale) OpenUp(hour int) bool { return hour > 8 }\n"
    ),
}
PRICE_OF = "func (s Sale) PriceOf(item int) int { return item / 2 }\n"
RATE_OF = PRICE_OF.replace("PriceOf", "RateOf")
JAVA = {
    "Base.java": "interface Base {\n  int priceOf(int item);\n}\n",
    "Sale.java": (
        "class Sale implements Base {\n"
        "  @Override\n"
        "  public int priceOf(int item) { return item / 2; }\n"
        "}\n"
    ),
}


def renamed(files, name, *paths):
    """Rename what has a name in some files, by the text alone."""
    return {path: re.sub(rf"\b{name}\b", f"{name}Anew", files[path]) for path in paths}


def asking(files, name, path):
    """Give a method one more parameter, behind the others."""
    return {path: re.sub(rf"(\b{name}\([^)\n]*)", r"\1, kind", files[path])}


ONE_SIDED = {
    "an abstract method of Python, below": (
        PYTHON, renamed(PYTHON, "price_of", "shop/sale.py"), ["shop/base.py:6 likely"]
    ),
    "an abstract method of Python, above": (
        PYTHON, renamed(PYTHON, "price_of", "shop/base.py"), ["shop/sale.py:5 likely"]
    ),
    "a method of Python with a body, below": (
        PYTHON, renamed(PYTHON, "round_off", "shop/sale.py"), ["shop/base.py:8 likely"]
    ),
    "a method of Python with a body, above": (
        PYTHON, renamed(PYTHON, "round_off", "shop/base.py"), ["shop/sale.py:8 likely"]
    ),
    "a parameter in Python, below": (
        PYTHON, asking(PYTHON, "round_off", "shop/sale.py"), ["shop/base.py:8 likely"]
    ),
    "an abstract method of Python that one class has no more": (
        PYTHON,
        {"shop/sale.py": re.sub(r"    def price(.*\n){3}", "", PYTHON["shop/sale.py"])},
        ["shop/base.py:6 likely"],
    ),
    "a value of a class of Python, below": (
        VALUES, renamed(VALUES, "kind_name", "sale.py"), ["base.py:2 maybe"]
    ),
    "a value of a class of Python, above": (
        VALUES, renamed(VALUES, "kind_name", "base.py"), ["sale.py:5 maybe"]
    ),
    "a property of Python, below": (
        VALUES, renamed(VALUES, "label_text", "sale.py"), ["base.py:5 likely"]
    ),
    "an abstract method of TypeScript, below": (
        SCRIPTS, renamed(SCRIPTS, "priceOf", "sale.ts"), ["base.ts:5 likely"]
    ),
    "an abstract method of TypeScript, above": (
        SCRIPTS, renamed(SCRIPTS, "priceOf", "base.ts"), ["sale.ts:4 likely"]
    ),
    "a method of TypeScript with a body, below": (
        SCRIPTS, renamed(SCRIPTS, "roundOff", "sale.ts"), ["base.ts:6 likely"]
    ),
    "what an interface asks for, below": (
        SCRIPTS, renamed(SCRIPTS, "nameOf", "sale.ts"), ["base.ts:2 likely"]
    ),
    "what an interface asks for, above": (
        SCRIPTS, renamed(SCRIPTS, "nameOf", "base.ts"), ["sale.ts:3 likely"]
    ),
    "a parameter in TypeScript, below": (
        SCRIPTS, asking(SCRIPTS, "nameOf", "sale.ts"), ["base.ts:2 likely"]
    ),
    "a parameter of a function that an interface holds": (
        {
            "a.ts": "export interface Job {\n  runOne: (item: number) => void\n}\n",
            "b.ts": (
                "import type { Job } from './a'\n"
                "export class Task implements Job {\n  runOne = (item: number) => {}\n}\n"
            ),
        },
        {
            "b.ts": (
                "import type { Job } from './a'\n"
                "export class Task implements Job {\n"
                "  runOne = (item: number, kind: string) => {}\n}\n"
            )
        },
        ["a.ts:2 likely"],
    ),
    "a class of which there are several": (
        {**SCRIPTS, "other.ts": "export class Base {}\n"},
        renamed(SCRIPTS, "roundOff", "base.ts"),
        ["sale.ts:5 maybe"],
    ),
    "what an interface asks for, taken out below": (
        SCRIPTS,
        {"sale.ts": re.sub(r"  nameOf.*\n", "", SCRIPTS["sale.ts"])},
        ["base.ts:2 likely"],
    ),
    "a method of Go, below": (GO, renamed(GO, "PriceOf", "sale.go"), ["base.go:4 likely"]),
    "a method of Go, above": (GO, renamed(GO, "PriceOf", "base.go"), ["sale.go:5 likely"]),
    "a parameter in Go, below": (
        GO,
        {"sale.go": GO["sale.go"].replace("PriceOf(item int", "PriceOf(item int, kind int")},
        ["base.go:4 likely"],
    ),
    "a method of Go taken out below": (
        GO, {"sale.go": re.sub(r"func .* NameOf.*\n", "", GO["sale.go"])}, ["base.go:5 likely"]
    ),
    "the only method of an interface of Go": (
        GO, renamed(GO, "OpenUp", "sale.go"), ["base.go:9 maybe"]
    ),
    "the only method of an interface of Go that a type is said to be": (
        {**GO, "said.go": "package shop\n\nvar _ Opener = Sale{}\n"},
        renamed(GO, "OpenUp", "sale.go"),
        ["base.go:9 likely"],
    ),
    "an interface of Go, of which another package has one of the name": (
        {**GO, "other/base.go": "package other\n\ntype Pricer interface {\n\tMore() int\n}\n"},
        renamed(GO, "PriceOf", "sale.go"),
        ["base.go:4 likely"],
    ),
    "what an interface of Java asks for": (
        JAVA, renamed(JAVA, "priceOf", "Sale.java"), ["Base.java:2 likely"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "changed", "places"), ONE_SIDED.values(), ids=ONE_SIDED.keys())
def test_a_method_that_was_changed_in_one_class_only_is_a_gap(gaps, files, changed, places):
    assert gaps(files, changed) == places


WHOLE = {
    "a method of Python": (PYTHON, renamed(PYTHON, "price_of", *PYTHON)),
    "a method of Python with a body": (PYTHON, renamed(PYTHON, "round_off", *PYTHON)),
    "a method of TypeScript": (SCRIPTS, renamed(SCRIPTS, "priceOf", *SCRIPTS)),
    "a method of an interface": (SCRIPTS, renamed(SCRIPTS, "nameOf", *SCRIPTS)),
    "a method of Go": (GO, renamed(GO, "PriceOf", *GO)),
    "a type of Go that only one of its name in another package is like": (
        {**GO, "other/sale.go": "package other\n\ntype Sale struct{}\n\n" + PRICE_OF},
        {"other/sale.go": "package other\n\ntype Sale struct{}\n\n" + RATE_OF},
    ),
    "a method of Java": (JAVA, renamed(JAVA, "priceOf", *JAVA)),
    "a method that overrides another one now": (
        {
            **PYTHON,
            "shop/base.py": PYTHON["shop/base.py"] + "\n    def cut(self, cents):\n        pass\n",
        },
        {"shop/sale.py": PYTHON["shop/sale.py"].replace("round_off", "cut")},
    ),
    "a method of TypeScript that takes less than it is given": (
        SCRIPTS, {"sale.ts": re.sub(r"nameOf.*", "nameOf() { return '' }", SCRIPTS["sale.ts"])}
    ),
    "a type that is given to a base": (
        {
            "a.ts": (
                "export interface Item {\n  labelOf(): string\n}\n"
                "export class Store extends Map<string, Item> {\n  labelOf() { return 's' }\n}\n"
            )
        },
        {
            "a.ts": (
                "export interface Item {\n  labelOf(): string\n}\n"
                "export class Store extends Map<string, Item> {\n  titleOf() { return 's' }\n}\n"
            )
        },
    ),
    "an abstract method that another base gives": (
        {
            **PYTHON,
            "shop/mixed.py": (
                "from shop.base import Base\nfrom shop.sale import Sale\n\n\n"
                "class Mixed(Sale, Base):\n    def price_of(self, item):\n        return 1\n"
            ),
        },
        {
            "shop/mixed.py": (
                "from shop.base import Base\nfrom shop.sale import Sale\n\n\n"
                "class Mixed(Sale, Base):\n    pass\n"
            )
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "changed"), WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_change_of_classes_that_derive_from_each_other_is_not_open(gate, files, changed):
    assert gate(files, changed).open == ()


def test_a_method_renamed_for_itself_is_only_maybe_a_gap_in_its_base(gaps):
    files = {
        "base.py": "class Base:\n    def round_off(self, cents):\n        return cents\n",
        "sale.py": (
            "from base import Base\n\n\nclass Sale(Base):\n"
            "    def round_off(self, cents):\n        return cents // 10 * 10\n"
        ),
        "app.py": (
            "from base import Base\nfrom sale import Sale\n\n"
            "print(Base().round_off(1), Sale().round_off(2))\n"
        ),
    }
    after = {
        **renamed(files, "round_off", "sale.py"),
        "app.py": files["app.py"].replace("Sale().round_off", "Sale().round_offAnew"),
    }
    assert gaps(files, after) == ["base.py:2 maybe"]


@pytest.mark.parametrize(("mark", "told"), [("", "maybe"), ("override ", "likely")])
def test_a_method_that_says_it_overrides_must_have_what_it_overrides(gaps, mark, told):
    files = {
        "base.ts": "export class Base {\n  roundOff(cents: number) { return cents }\n}\n",
        "sale.ts": (
            "import { Base } from './base'\nexport class Sale extends Base {\n"
            f"  {mark}roundOff(cents: number) {{ return Math.floor(cents / 10) * 10 }}\n}}\n"
        ),
        "app.ts": (
            "import { Base } from './base'\nimport { Sale } from './sale'\n"
            "console.log(new Base().roundOff(1), new Sale().roundOff(2))\n"
        ),
    }
    after = {
        **renamed(files, "roundOff", "sale.ts"),
        "app.ts": files["app.ts"].replace("Sale().roundOff", "Sale().roundOffAnew"),
    }
    assert gaps(files, after) == [f"base.ts:2 {told}"]


def test_a_method_that_nobody_calls_any_more_was_left_behind(gaps):
    files = {
        "base.py": "class Base:\n    def round_off(self, cents):\n        return cents\n",
        "sale.py": (
            "from base import Base\n\n\nclass Sale(Base):\n"
            "    def round_off(self, cents):\n        return cents // 10 * 10\n"
        ),
        "app.py": "def run(sale):\n    return sale.round_off(1)\n",
    }
    assert gaps(files, renamed(files, "round_off", "sale.py", "app.py")) == ["base.py:2 likely"]


@pytest.mark.parametrize(
    ("after", "override", "expected"),
    [
        ("self, cents, *, unit", "self, cents, **kwargs", []),
        ("self, cents, *, unit", "self, cents", ["sale.py:5 likely"]),
        ("self, cents, unit", "self, cents, *args, **kwargs", []),
        ("self, cents, unit", "self, cents, **kwargs", ["sale.py:5 likely"]),
        ("self", "self, cents, **kwargs", ["sale.py:5 likely"]),
        ("self, cents, /", "self, cents", []),
        ("self, *, cents", "self, cents", []),
    ],
)
def test_an_override_may_take_more_than_its_base(gaps, after, override, expected):
    base = "class Base:\n    def round_off({}):\n        return 1\n"
    sale = f"from base import Base\n\n\nclass Sale(Base):\n    def round_off({override}):\n"
    files = {"base.py": base.format("self, cents"), "sale.py": f"{sale}        return 2\n"}
    assert gaps(files, {"base.py": base.format(after)}) == expected
