import textwrap

import pytest

from codeorch.errors import UserError

SHOP = {
    "go.mod": "module example.org/shop\n",
    "cart/cart.go": textwrap.dedent("""\
        package cart

        type Cart struct{ Total int }

        func Total(c *Cart) int { return c.Total }

        func (c *Cart) Sum() int { return Total(c) }
        """),
    "cart/more.go": textwrap.dedent("""\
        package cart

        func twice(c *Cart) int {
            Total := Total(c)
            return Total * 2
        }
        """),
    "cart/cart_test.go": (
        'package cart_test\n\nimport . "example.org/shop/cart"\n\nvar x = Total(nil)\n'
    ),
    "main.go": textwrap.dedent("""\
        package main

        import (
            c "example.org/shop/cart"
            "example.org/other/cart"
        )

        func main() {
            print(c.Total(&c.Cart{Total: 1}), cart.Total(nil))
        }
        """),
    "stock/stock.go": "package stock\n\nfunc Total() int { return 1 }\n",
}


def test_a_function_belongs_to_its_package(changed, plan_for):
    with pytest.raises(
        UserError, match=r"2 unrelated definitions: cart/cart.go:5, stock/stock.go:3"
    ):
        plan_for("rename function `Total` to `Amount`", SHOP)
    after = changed("rename function `cart.Total` to `Amount`", SHOP)
    assert after == {
        "cart/cart.go": SHOP["cart/cart.go"]
        .replace("func Total", "func Amount")
        .replace("return Total", "return Amount"),
        "cart/more.go": SHOP["cart/more.go"].replace(":= Total(", ":= Amount("),
        "cart/cart_test.go": SHOP["cart/cart_test.go"].replace("= Total", "= Amount"),
        "main.go": SHOP["main.go"].replace("c.Total(", "c.Amount("),
    }
    assert changed("rename function `Total` to `Amount` in stock", SHOP) == {
        "stock/stock.go": "package stock\n\nfunc Amount() int { return 1 }\n"
    }


def test_a_field_is_renamed_in_literals(changed):
    assert changed("rename variable `Total` to `Cents`", SHOP) == {
        "cart/cart.go": SHOP["cart/cart.go"]
        .replace("{ Total int", "{ Cents int")
        .replace("c.Total }", "c.Cents }"),
        "main.go": SHOP["main.go"].replace("{Total: 1}", "{Cents: 1}"),
    }


# Each case: a request, the text before, the text after.
CASES = {
    "an interface and the types that fit it share a method": (
        "rename method `Go` to `Run`",
        """
        package a
        type Runner interface { Go(n int); Halt() }
        type A struct{}
        func (a *A) Go(n int) { a.Go(n) }
        func (a A) Halt() {}
        type B struct{ *A }
        func f(r Runner, b B, g func()) { r.Go(1); b.Go(2); x := &A{}; x.Go(3) }
        """,
        """
        package a
        type Runner interface { Run(n int); Halt() }
        type A struct{}
        func (a *A) Run(n int) { a.Run(n) }
        func (a A) Halt() {}
        type B struct{ *A }
        func f(r Runner, b B, g func()) { r.Run(1); b.Run(2); x := &A{}; x.Run(3) }
        """,
    ),
    "a result and an imported package tell what a value is": (
        "rename method `Handle` to `On`",
        """
        package a
        import "net/http"
        type Mux struct{}
        func New() *Mux { return nil }
        func (m *Mux) Handle() {}
        func f(h http.Handler) {
            m := New()
            m.Handle()
            n := http.NewServeMux()
            n.Handle()
            http.Handle("/", h)
        }
        """,
        """
        package a
        import "net/http"
        type Mux struct{}
        func New() *Mux { return nil }
        func (m *Mux) On() {}
        func f(h http.Handler) {
            m := New()
            m.On()
            n := http.NewServeMux()
            n.Handle()
            http.Handle("/", h)
        }
        """,
    ),
    "the field of an embedded type goes by its name": (
        "rename class `Base` to `Core`",
        """
        package a
        type Base struct{}
        type A struct{ *Base }
        func f(a A) { print(a.Base, A{Base: nil}) }
        """,
        """
        package a
        type Core struct{}
        type A struct{ *Core }
        func f(a A) { print(a.Core, A{Core: nil}) }
        """,
    ),
    "a key of a map is a value": (
        "rename variable `Red` to `Crimson`",
        """
        package a
        const Red = 1
        var m = map[int]int{Red: 1}
        var s = T{Red: 2}
        """,
        """
        package a
        const Crimson = 1
        var m = map[int]int{Crimson: 1}
        var s = T{Red: 2}
        """,
    ),
    "a local definition is seen only behind itself": (
        "rename function `f` to `g`",
        """
        package a
        func f() int { return 1 }
        func h(x int) {
            if f := f(); f > 1 { print(f) }
            f()
            for f := range y { print(f) }
        }
        """,
        """
        package a
        func g() int { return 1 }
        func h(x int) {
            if f := g(); f > 1 { print(f) }
            g()
            for f := range y { print(f) }
        }
        """,
    ),
}


@pytest.mark.parametrize(("request_text", "before", "after"), CASES.values(), ids=CASES)
def test_scopes_and_types_are_respected(changed, request_text, before, after):
    before, after = textwrap.dedent(before).lstrip(), textwrap.dedent(after).lstrip()
    assert changed(request_text, {"a.go": before}) == {"a.go": after}


def test_files_for_other_systems_define_one_function(changed):
    texts = {
        "a_linux.go": "package a\n\nfunc f() {}\n",
        "a_windows.go": "package a\n\nfunc f() {}\n",
    }
    assert set(changed("rename function `f` to `g`", texts)) == set(texts)


@pytest.mark.parametrize(
    ("request_text", "message"),
    [
        (
            "rename function `cart.Total` to `amount`",
            (
                "`amount` would be private to its package, but others use `cart.Total`: "
                "cart/cart_test.go, main.go"
            ),
        ),
        (
            "rename function `twice` to `Total`",
            "`Total` already means something where `twice` is used: cart/more.go:4, cart/cart.go:5",
        ),
        (
            "rename function `twice` to `range`",
            "`range` is a reserved word of go",
        ),
    ],
)
def test_what_would_not_compile_is_refused(plan_for, request_text, message):
    with pytest.raises(UserError) as caught:
        plan_for(request_text, SHOP)
    assert caught.value.message == message


def test_a_method_that_the_standard_library_calls_stays(plan_for):
    texts = {"a.go": 'package a\n\ntype A int\n\nfunc (a A) String() string { return "" }\n'}
    with pytest.raises(UserError) as caught:
        plan_for("rename method `String` to `Text`", texts)
    assert caught.value.message == "`String` belongs to an interface of Go's standard library"


def test_a_module_is_named_by_go_mod_and_by_no_file_that_ends_alike(changed):
    stray = {"cargo.mod": "module example.org/other\n"}
    assert changed("rename function Total to Whole in `cart`", SHOP | stray) == changed(
        "rename function Total to Whole in `cart`", SHOP
    )


# Each case: a request, the text, what is written in the place of what, and the lines left open.
KINDS = {
    "methods of an interface by their signatures": (
        "rename method `Saver.Save` to `Put`",
        """\
package a

type Saver interface{ Save(x int) error }
type Disk struct{}
func (Disk) Save(n int) (err error) { return nil }
type Wrap struct{ *Disk }
type Other struct{}
func (Other) Save(s string) error { return nil }
func f(w Wrap, s Saver, o Other, m map[string]*Disk, more ...Saver) {
	w.Save(1); s.Save(2); o.Save("x"); m["a"].Save(3)
	for _, each := range more { each.Save(4) }
	var any interface{} = w
	any.(Saver).Save(5)
}
""",
        [
            ("interface{ Save", "interface{ Put"),
            ("(Disk) Save", "(Disk) Put"),
            ("w.Save(1); s.Save(2)", "w.Put(1); s.Put(2)"),
            ('m["a"].Save', 'm["a"].Put'),
            ("each.Save", "each.Put"),
        ],
        [13],
    ),
    "fields of elements, and of types without a name": (
        "rename variable `Item.Price` to `Cost`",
        """\
package a

type Item struct{ Price int; Sub struct{ Price int } }
type Other struct{ Price int }
type T struct{ Items []Item; By map[string]Item }
func f(t *T, o []Other) int {
	for _, it := range t.Items { _ = it.Price }
	for k := range t.By { _ = t.By[k].Price }
	for _, one := range o { _ = one.Price }
	y := []*Item{{Price: 2}}
	return y[0].Price
}
""",
        [
            ("Item struct{ Price", "Item struct{ Cost"),
            ("it.Price", "it.Cost"),
            ("t.By[k].Price", "t.By[k].Cost"),
            ("{{Price: 2}}", "{{Cost: 2}}"),
            ("y[0].Price", "y[0].Cost"),
        ],
        [],
    ),
    "a type of another package, although ours is embedded": (
        "rename class `Writer` to `Pen`",
        """\
package a

import "io"

type Writer struct{ n int }
type Case struct{ Writer }
func f(w io.Writer, c Case) (io.Writer, int) { return w, c.Writer.n }
var x = Case{Writer: Writer{}}
""",
        [
            ("type Writer", "type Pen"),
            ("Case struct{ Writer }", "Case struct{ Pen }"),
            ("c.Writer.n", "c.Pen.n"),
            ("Case{Writer: Writer{}}", "Case{Pen: Pen{}}"),
        ],
        [],
    ),
}


@pytest.mark.parametrize(("request_", "text", "edits", "left"), KINDS.values(), ids=KINDS)
def test_a_kind_of_use_is_followed_or_named(changed, plan_for, request_, text, edits, left):
    texts = {"go.mod": "module example.org/a\n", "a.go": text}
    wanted = text
    for old, new in edits:
        assert wanted.count(old) == 1, old
        wanted = wanted.replace(old, new)
    assert changed(request_, texts) == {"a.go": wanted}
    assert [use.line for use in plan_for(request_, texts).unproven_uses] == left


def test_examples_are_called_after_what_they_show(changed):
    texts = {
        "go.mod": "module example.org/a\n",
        "a.go": "package a\n\ntype T struct{}\n\nfunc (T) Go() {}\nfunc Hi() {}\n",
        "a_test.go": (
            "package a\n\nfunc ExampleHi() {}\nfunc ExampleT_Go() {}\nfunc ExampleHi_two() {}\n"
        ),
    }
    after = changed("rename function Hi to Hello", texts)["a_test.go"]
    assert after == texts["a_test.go"].replace("ExampleHi", "ExampleHello")
    after = changed("rename method T.Go to Run", texts)["a_test.go"]
    assert after == texts["a_test.go"].replace("T_Go", "T_Run")


def test_a_test_package_outside_may_not_lose_sight_of_a_name(plan_for):
    texts = {
        "go.mod": "module example.org/box\n",
        "box.go": "package box\n\nfunc Open() int { return 1 }\n",
        "box_test.go": ('package box_test\n\nimport "example.org/box"\n\nvar x = box.Open()\n'),
    }
    with pytest.raises(UserError, match=r"others use `Open`: box_test\.go"):
        plan_for("rename function Open to open", texts)
