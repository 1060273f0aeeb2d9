import pytest

from codeorch.errors import UserError

# Each case: a request, the texts before, the texts after.
CASES = {
    "rust function": (
        "rename function `total` to `sum_up`",
        {
            "cart.rs": "pub fn total(x: u32) -> u32 { let total = total(x); total }\n",
            "main.rs": (
                "use crate::cart::total;\nfn main() { cart::total(1); c.total();"
                ' println!("{} total", total(2)); let f = |total| total; }\n'
            ),
        },
        {
            "cart.rs": "pub fn sum_up(x: u32) -> u32 { let total = sum_up(x); total }\n",
            "main.rs": (
                "use crate::cart::sum_up;\nfn main() { cart::sum_up(1); c.total();"
                ' println!("{} total", sum_up(2)); let f = |total| total; }\n'
            ),
        },
    ),
    "rust method": (
        "rename method `total` to `sum_up`",
        {
            "a.rs": (
                "trait Sum { fn total(&self) -> u32; }\nstruct Cart { total: u32 }\n"
                "impl Sum for Cart { fn total(&self) -> u32 { self.total } }\n"
                "fn f(c: &Cart) -> u32 { c.total() + Cart::total(c) }\n"
            )
        },
        {
            "a.rs": (
                "trait Sum { fn sum_up(&self) -> u32; }\nstruct Cart { total: u32 }\n"
                "impl Sum for Cart { fn sum_up(&self) -> u32 { self.total } }\n"
                "fn f(c: &Cart) -> u32 { c.sum_up() + Cart::sum_up(c) }\n"
            )
        },
    ),
    "java method": (
        "rename method `total` to `sumUp`",
        {
            "Cart.java": (
                "class Cart extends Base { int total(int x) { int total = 1; total(2);"
                " return this.total(total); } }\n"
            ),
            "App.java": (
                "class App { void go(Cart c, Other o) { c.total(1); new Cart().total(2);"
                " o.total(3); run(Cart::total); } }\nclass Other { }\n"
            ),
        },
        {
            "Cart.java": (
                "class Cart extends Base { int sumUp(int x) { int total = 1; sumUp(2);"
                " return this.sumUp(total); } }\n"
            ),
            "App.java": (
                "class App { void go(Cart c, Other o) { c.sumUp(1); new Cart().sumUp(2);"
                " o.total(3); run(Cart::sumUp); } }\nclass Other { }\n"
            ),
        },
    ),
    "java class": (
        "rename class `Cart` to `Basket`",
        {
            "a/Cart.java": "package a; class Cart { Cart() {} Cart me() { return null; } }\n",
            "App.java": "import a.Cart; class App { Cart c = new Cart(); int s = c.Cart; }\n",
        },
        {
            "a/Cart.java": (
                "package a; class Basket { Basket() {} Basket me() { return null; } }\n"
            ),
            "App.java": "import a.Basket; class App { Basket c = new Basket(); int s = c.Cart; }\n",
        },
    ),
    "c function": (
        "rename function `total` to `sum_up`",
        {
            "cart.h": "struct cart { int total; };\nint total(struct cart *c);\n",
            "cart.c": '#include "cart.h"\nint total(struct cart *c) { return c->total; }\n',
            "main.c": "int main(void) { int x = total(0); { int total = 2; x += total; } }\n",
        },
        {
            "cart.h": "struct cart { int total; };\nint sum_up(struct cart *c);\n",
            "cart.c": '#include "cart.h"\nint sum_up(struct cart *c) { return c->total; }\n',
            "main.c": "int main(void) { int x = sum_up(0); { int total = 2; x += total; } }\n",
        },
    ),
    "c struct": (
        "rename class `cart` to `basket`",
        {"a.c": "struct cart { int n; };\nint f(struct cart *cart) { return cart->n; }\n"},
        {"a.c": "struct basket { int n; };\nint f(struct basket *cart) { return cart->n; }\n"},
    ),
    "c++ method": (
        "rename method `total` to `sum_up`",
        {
            "a.cpp": (
                "class Cart { public: int total(int x); };\n"
                "int Cart::total(int x) { return this->total(x); }\n"
                "int f(Cart c, Cart *p) { int total = 1; return c.total(total) + p->total(2); }\n"
            )
        },
        {
            "a.cpp": (
                "class Cart { public: int sum_up(int x); };\n"
                "int Cart::sum_up(int x) { return this->sum_up(x); }\n"
                "int f(Cart c, Cart *p) { int total = 1; return c.sum_up(total) + p->sum_up(2); }\n"
            )
        },
    ),
    "c# method": (
        "rename method `Total` to `SumUp`",
        {
            "a.cs": (
                "class Cart : Base { int Total(int x) { Total(1); return this.Total(x); } }\n"
                "class App { int Go(Cart c, string s) { return c.Total(1); } }\n"
            )
        },
        {
            "a.cs": (
                "class Cart : Base { int SumUp(int x) { SumUp(1); return this.SumUp(x); } }\n"
                "class App { int Go(Cart c, string s) { return c.SumUp(1); } }\n"
            )
        },
    ),
    "ruby method": (
        "rename method `total` to `sum_up`",
        {
            "a.rb": (
                "class Cart\n  def total(x)\n    self.total(x)\n    total(1)\n  end\nend\n"
                "def f(c)\n  total = 1\n  c.total(total)\nend\n"
            )
        },
        {
            "a.rb": (
                "class Cart\n  def sum_up(x)\n    self.sum_up(x)\n    sum_up(1)\n  end\nend\n"
                "def f(c)\n  total = 1\n  c.total(total)\nend\n"
            )
        },
    ),
    "php function": (
        "rename function `total` to `sum_up`",
        {
            "a.php": "<?php function total($total) { return $total; }\n",
            "b.php": "<?php echo total(1) + $c->total(2) + Cart::total(3);\n",
        },
        {
            "a.php": "<?php function sum_up($total) { return $total; }\n",
            "b.php": "<?php echo sum_up(1) + $c->total(2) + Cart::total(3);\n",
        },
    ),
    "kotlin function": (
        "rename function `total` to `sumUp`",
        {
            "a.kt": "fun total(x: Int): Int { val y = x; return y }\n",
            "b.kt": "fun f(total: Int) = total\nval g = total(1)\nval h = c.total(2)\n",
        },
        {
            "a.kt": "fun sumUp(x: Int): Int { val y = x; return y }\n",
            "b.kt": "fun f(total: Int) = total\nval g = sumUp(1)\nval h = c.total(2)\n",
        },
    ),
    "scala class": (
        "rename class `Cart` to `Basket`",
        {"a.scala": "class Cart(n: Int)\nobject App { val c: Cart = new Cart(1) }\n"},
        {"a.scala": "class Basket(n: Int)\nobject App { val c: Basket = new Basket(1) }\n"},
    ),
    "bash function": (
        "rename function `total` to `sum_up`",
        {
            "a.sh": 'total() { local total=1; echo "$total" total; }\nx=$(total 1)\n',
            "b.sh": "source a.sh\ntotal 2\n",
        },
        {
            "a.sh": 'sum_up() { local total=1; echo "$total" total; }\nx=$(sum_up 1)\n',
            "b.sh": "source a.sh\nsum_up 2\n",
        },
    ),
}


@pytest.mark.parametrize(("request_text", "before", "after"), CASES.values(), ids=CASES)
def test_a_name_is_told_from_others(changed, request_text, before, after):
    assert changed(request_text, before) == after


def test_two_definitions_are_ambiguous_and_a_path_narrows_them_to_their_file(changed, plan_for):
    texts = {
        "A.java": "class A { class Node {} Node n; }\n",
        "B.java": "class B { class Node {} Node n; }\n",
    }
    with pytest.raises(UserError, match=r"2 unrelated definitions: A.java:1, B.java:1"):
        plan_for("rename class `Node` to `Leaf`", texts)
    assert changed("rename class `Node` to `Leaf` in A.java", texts) == {
        "A.java": "class A { class Leaf {} Leaf n; }\n"
    }


def test_names_in_the_body_of_a_c_macro_are_listed(plan_for):
    texts = {"a.c": "int f(int x) { return x; }\n#define F(x) f(x)\n"}
    plan = plan_for("rename function `f` to `g`", texts)
    assert [(each.path, each.line) for each in plan.unproven_uses] == [("a.c", 2)]


def test_a_file_that_is_called_after_its_class_is_noted(plan_for):
    plan = plan_for("rename class `Cart` to `Basket`", {"Cart.java": "class Cart {}\n"})
    assert "Cart.java is still called after the class" in plan.notes[0]


def test_the_same_name_in_two_languages_is_ambiguous(plan_for):
    texts = {"a.py": "def f(): ...\n", "b.js": "function f() {}\n"}
    with pytest.raises(UserError) as caught:
        plan_for("rename function `f` to `g`", texts)
    assert caught.value.message == (
        "`f` is ambiguous, it has 2 unrelated definitions: a.py:1, b.js:1"
    )
    assert caught.value.hint == "say which one is meant: add in `a.py`"


# Each case: a request, the texts, what is written in the place of what, and the lines left open.
KINDS = {
    "a path of Rust that leads to another crate": (
        "rename class `Error` to `Fault`",
        {
            "src/lib.rs": (
                "use std::io;\npub enum Error { Io(io::Error) }\n"
                "impl From<io::Error> for Error {}\nimpl std::error::Error for Error {}\n"
            ),
            "src/b.rs": "use std::fmt::Error;\nfn g(e: Error) {}\n",
        },
        [
            ("src/lib.rs", "enum Error", "enum Fault"),
            ("src/lib.rs", "for Error {}\nimpl std", "for Fault {}\nimpl std"),
            ("src/lib.rs", "std::error::Error for Error", "std::error::Error for Fault"),
        ],
        [],
    ),
    "functions of inline modules, and fields of their name": (
        "rename function `area` to `surface`",
        {
            "src/lib.rs": (
                "pub mod geo {\n    pub struct Land { pub area: u32 }\n"
                "    pub fn area(l: &Land) -> u32 { l.area }\n}\n"
                "use geo::area;\nfn f() { area(&geo::Land { area: 1 }); geo::area(&x); }\n"
                "fn g() { other::area(); }\n"
            )
        },
        [
            ("src/lib.rs", "fn area", "fn surface"),
            ("src/lib.rs", "use geo::area", "use geo::surface"),
            ("src/lib.rs", "{ area(&geo::Land", "{ surface(&geo::Land"),
            ("src/lib.rs", "geo::area(&x)", "geo::surface(&x)"),
        ],
        [("src/lib.rs", 7)],
    ),
    "fields that go by the name of a variable": (
        "rename variable `Tile.kind` to `sort`",
        {
            "src/lib.rs": (
                "struct Tile { kind: u8 }\nstruct Other { kind: u8 }\n"
                "impl Tile { fn new(kind: u8) -> Self { Self { kind } } }\n"
                "fn f(t: &Tile, o: Other) { let Tile { kind, .. } = t; let Other { kind } = o; }\n"
            )
        },
        [
            ("src/lib.rs", "struct Tile { kind", "struct Tile { sort"),
            ("src/lib.rs", "Self { kind }", "Self { sort: kind }"),
            ("src/lib.rs", "let Tile { kind,", "let Tile { sort: kind,"),
        ],
        [],
    ),
    "variants that are imported": (
        "rename variable `Colour.Red` to `Ruby`",
        {
            "src/lib.rs": "pub enum Colour { Red }\nuse Colour::*;\nfn f() { g(Red) }\n",
            "src/b.rs": "use crate::Colour::Red;\nfn f() { g(Red) }\n",
        },
        [
            ("src/lib.rs", "{ Red }", "{ Ruby }"),
            ("src/b.rs", "Colour::Red", "Colour::Ruby"),
            ("src/b.rs", "g(Red)", "g(Ruby)"),
        ],
        [("src/lib.rs", 3)],
    ),
    "overloads, fields, references and classes without a name": (
        "rename method `Shape.area` to `size`",
        {
            "Geo.java": (
                "interface Shape { int area(); }\n"
                "class Sq implements Shape {\n  int area = 3;\n"
                "  public int area() { return area; }\n  int area(int times) { return times; }\n}\n"
                "abstract class Land { abstract int area(); }\n"
                "class Geo {\n  ToIntFunction<Shape> f = Shape::area;\n"
                "  Shape s = new Shape() { public int area() { return 1; } };\n"
                "  Land l = new Land() { int area() { return 2; } };\n"
                "  int go(Shape s, Sq q, Land l) {\n"
                "    return s.area() + q.area(2) + q.area + l.area();\n  }\n"
                "}\n"
                "enum Kind implements Shape { A { public int area() { return 3; } } }\n"
            )
        },
        [
            ("Geo.java", "Shape { int area", "Shape { int size"),
            ("Geo.java", "public int area() { return area;", "public int size() { return area;"),
            ("Geo.java", "Shape::area", "Shape::size"),
            ("Geo.java", "public int area() { return 1", "public int size() { return 1"),
            ("Geo.java", "s.area() + q", "s.size() + q"),
            ("Geo.java", "public int area() { return 3", "public int size() { return 3"),
        ],
        [],
    ),
    "lifetimes and labels of a function's name": (
        "rename function `a` to `bb`",
        {"src/lib.rs": "fn a<'a>(x: &'a str) { 'a: loop { break 'a; } }\nfn g() { a(s) }\n"},
        [("src/lib.rs", "fn a<", "fn bb<"), ("src/lib.rs", "{ a(s)", "{ bb(s)")],
        [],
    ),
    "type parameters of structs, enums and aliases": (
        "rename class `T` to `Item`",
        {
            "src/lib.rs": (
                "struct T;\nstruct W<T: Copy> { t: T }\nenum E<T = u8> { A(T) }\n"
                "type X<T> = W<T>;\nfn h() -> W<T> { W { t: T } }\n"
            )
        },
        [
            ("src/lib.rs", "struct T;", "struct Item;"),
            ("src/lib.rs", "-> W<T> { W { t: T }", "-> W<Item> { W { t: Item }"),
        ],
        [],
    ),
    "fields of patterns that give them another name": (
        "rename variable `Tile.kind` to `sort`",
        {
            "src/lib.rs": (
                "struct Tile { kind: u8 }\nstruct Other { kind: u8 }\n"
                "fn f(t: &Tile, o: Other) { let Tile { kind: k, .. } = t; g(k); }\n"
                "fn h(o: Other) { let Other { kind: k } = o; match t { Tile { kind: 1 } => k } }\n"
            )
        },
        [
            ("src/lib.rs", "struct Tile { kind", "struct Tile { sort"),
            ("src/lib.rs", "let Tile { kind: k", "let Tile { sort: k"),
            ("src/lib.rs", "Tile { kind: 1", "Tile { sort: 1"),
        ],
        [],
    ),
    "what a tuple struct holds, and bounds, are no bases": (
        "rename method `A.size` to `count`",
        {
            "src/lib.rs": (
                "struct A(Vec<u8>);\nstruct C<T>(T) where T: A;\nimpl A { fn size(&self) {} }\n"
                "struct B { a: A, v: Vec<u8>, c: C<u8> }\n"
                "impl B { fn y(&self) { self.v.size(); self.c.size(); self.a.size(); } }\n"
            )
        },
        [
            ("src/lib.rs", "fn size", "fn count"),
            ("src/lib.rs", "self.a.size", "self.a.count"),
        ],
        [],
    ),
    "constants in the cases of a switch": (
        "rename variable `Color.RED` to `CRIMSON`",
        {
            "Color.java": "enum Color { RED, BLUE }\n",
            "Use.java": (
                "class Use {\n  static final int RED = 1;\n  int f(Color c, Other o) {\n"
                "    switch (c) { case RED: return RED; }\n"
                "    switch (o) { case RED: return 2; }\n"
                "    return switch (g()) { case RED -> 3; };\n  }\n}\n"
            ),
        },
        [
            ("Color.java", "RED", "CRIMSON"),
            ("Use.java", "(c) { case RED", "(c) { case CRIMSON"),
        ],
        [("Use.java", 6)],
    ),
    "accessors of a record": (
        "rename variable `P.x` to `left`",
        {
            "P.java": "record P(int x, int y) { int sum() { return x + y; } }\n",
            "Use.java": "class Use { int x; int f(P p) { return p.x() + x; } }\n",
        },
        [("P.java", "(int x", "(int left"), ("P.java", "return x", "return left")],
        [("Use.java", 1)],
    ),
    "elements of what a library's method gives": (
        "rename variable `A.size` to `count`",
        {
            "A.java": (
                "class A {\n  int size;\n  int g(Date d) { return d.get(0).size; }\n"
                "  int f(java.util.List<A> l) {\n"
                "    var m = new HashMap<String, A>();\n    l.get(0).size = 1;\n"
                "    m.get(k).size = 2;\n  }\n}\n"
            )
        },
        [("A.java", "int size", "int count")],
        [("A.java", 6), ("A.java", 7)],
    ),
    "classes of packages": (
        "rename class `Timer` to `Clock` in c/Timer.java",
        {
            "c/Timer.java": "package c;\nclass Timer { Timer() {} java.util.Timer inner; }\n",
            "d/Use.java": (
                "package d;\nimport java.util.Timer;\nclass Use { Timer t; c.Timer o; }\n"
            ),
            "e/All.java": "package e;\nimport c.*;\nclass All { Timer t; }\n",
            "r/Timer.java": "package r;\nclass Timer { Timer me; }\n",
        },
        [
            ("c/Timer.java", "class Timer { Timer()", "class Clock { Clock()"),
            ("d/Use.java", "c.Timer o", "c.Clock o"),
            ("e/All.java", "Timer t", "Clock t"),
        ],
        [],
    ),
}


@pytest.mark.parametrize(("request_", "texts", "edits", "left"), KINDS.values(), ids=KINDS)
def test_a_kind_of_use_is_followed_or_named(changed, plan_for, request_, texts, edits, left):
    wanted = dict(texts)
    for path, old, new in edits:
        assert wanted[path].count(old) == 1, old
        wanted[path] = wanted[path].replace(old, new)
    after = changed(request_, texts)
    assert after == {path: text for path, text in wanted.items() if text != texts[path]}
    uses = plan_for(request_, texts).unproven_uses
    assert [(use.path, use.line) for use in uses] == left


def test_a_field_is_not_renamed_to_what_a_parameter_is_called(changed):
    before = "class A {\n  int size;\n  int f(int n) { return size + n; }\n}\n"
    with pytest.raises(UserError, match="`n` already means something") as caught:
        changed("rename variable `A.size` to `n`", {"A.java": before})
    assert caught.value.message.endswith("A.java:3")
    qualified = before.replace("return size", "return this.size")
    after = changed("rename variable `A.size` to `n`", {"A.java": qualified})
    assert after == {"A.java": qualified.replace("size", "n")}


def test_the_file_of_a_public_class_moves_with_it(plan_for):
    texts = {"p/Gate.java": "package p;\n\npublic class Gate {}\n"}
    (task,) = plan_for("rename class Gate to Door", texts).tasks
    assert (task.action, task.old_path, task.path) == ("rename", "p/Gate.java", "p/Door.java")
    assert "+public class Door {}" in task.answer
    with pytest.raises(UserError):
        plan_for("rename class Gate to Door", {**texts, "p/Door.java": "package p;\n"})


def test_a_label_of_a_call_may_be_a_parameter(plan_for):
    plan = plan_for("rename parameter a to c", {"a.kt": "fun f(a: Int) = a\nval x = f(a = 1)\n"})
    assert [use.line for use in plan.unproven_uses] == [2]
