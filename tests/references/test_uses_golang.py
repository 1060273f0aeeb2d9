import pytest

SHOP = {
    "go.mod": "module example.org/shop\n",
    "cart/cart.go": (
        "package cart\n"
        "\n"
        "type Sizer interface {\n"
        "\tMeasure(unit int) int\n"
        "\tLabel() string\n"
        "}\n"
        "\n"
        "type Cart struct {\n"
        "\tSum int\n"
        "}\n"
        "\n"
        "func Make(sum int) *Cart { return &Cart{Sum: sum} }\n"
    ),
    "cart/size.go": (
        "package cart\n"
        "\n"
        "func (c *Cart) Measure(unit int) int { return c.Sum * unit }\n"
        "\n"
        'func (c *Cart) Label() string { return "cart" }\n'
        "\n"
        "func twice() int { return Make(2).Measure(1) }\n"
    ),
    "main.go": (
        "package main\n"
        "\n"
        'import "example.org/shop/cart"\n'
        "\n"
        "func run(all []any, Make int) {\n"
        "\tc := cart.Make(Make)\n"
        "\tprintln(c.Measure(2), cart.Cart{Sum: 1}.Sum)\n"
        "\tvar s cart.Sizer = c\n"
        "\tprintln(s.Measure(3))\n"
        "}\n"
    ),
}


def edited(path, *replacements):
    text = SHOP[path]
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return {path: text}


STAYS = {
    "a function moved within its package": {
        **edited("cart/size.go", ("func twice() int { return Make(2).Measure(1) }\n", "")),
        "cart/more.go": "package cart\n\nfunc twice() int { return Make(2).Measure(1) }\n",
    },
    "a parameter's name": edited(
        "cart/cart.go", ("sum int) ", "all int) "), ("Sum: sum", "Sum: all")
    ),
    "a name of the language and of a library": edited(
        "main.go",
        ("println(s.", "copy(nil, nil)\n\tfmt.Println(s."),
        ("import ", 'import "fmt"\nimport '),
    ),
}  # fmt: skip


@pytest.mark.parametrize("changed", STAYS.values(), ids=STAYS.keys())
def test_a_change_that_needs_no_other_leaves_no_gap(gaps, changed):
    assert gaps(SHOP, changed) == []


LEFT = {
    "a function renamed": (
        edited("cart/cart.go", ("func Make", "func Build")),
        ["cart/size.go:7 sure", "main.go:6 sure"],
    ),
    "a method renamed": (
        edited("cart/size.go", (") Measure(", ") Weigh(")),
        ["cart/cart.go:4 likely", "cart/size.go:7 likely", "main.go:7 likely"],
    ),
    "a method of an interface renamed": (
        edited("cart/cart.go", ("\tMeasure(", "\tWeigh(")),
        ["cart/size.go:3 likely", "main.go:9 likely"],
    ),
    "a field renamed": (
        edited("cart/cart.go", ("\tSum int", "\tTotal int")),
        ["cart/cart.go:12 likely", "cart/size.go:3 likely", "main.go:7 likely"],
    ),
    "a new parameter": (
        edited("cart/cart.go", ("Make(sum int)", "Make(sum int, name string)")),
        ["cart/size.go:7 sure", "main.go:6 sure"],
    ),
    "a new parameter of a method": (
        edited("cart/size.go", ("Measure(unit int)", "Measure(unit int, by string)")),
        ["cart/cart.go:4 likely", "cart/size.go:7 sure", "main.go:7 sure"],
    ),
    "a package moved": (
        {
            "cart/cart.go": None,
            "cart/size.go": None,
            "bag/cart.go": SHOP["cart/cart.go"],
            "bag/size.go": SHOP["cart/size.go"],
        },
        ["main.go:3 sure"],
    ),
}


@pytest.mark.parametrize(("changed", "places"), LEFT.values(), ids=LEFT.keys())
def test_what_a_change_leaves_behind_is_found(gaps, changed, places):
    assert gaps(SHOP, changed) == places


FORGOTTEN = {
    "a function under a new name": (
        edited("main.go", ("cart.Make(", "cart.Build(")),
        ["main.go:6 sure"],
    ),
    "a method under a new name": (
        edited("main.go", ("c.Measure", "c.Weigh")), ["main.go:7 likely"]
    ),
    "an argument that is not taken": (
        edited("main.go", ("cart.Make(Make)", "cart.Make(Make, 2)")),
        ["main.go:6 sure"],
    ),
    "a package that nobody made": (
        edited("main.go", ("shop/cart", "shop/bag")), ["main.go:3 sure"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "places"), FORGOTTEN.values(), ids=FORGOTTEN.keys())
def test_a_definition_that_was_not_changed_is_missed_where_it_is_used(gaps, changed, places):
    found = gaps(SHOP, changed)
    assert found[: len(places)] == places


def test_a_call_that_hands_on_what_another_gives_is_counted_by_what_it_fitted(gaps):
    files = {
        "go.mod": "module example.com/shop\n",
        "a.go": "package shop\n\nfunc weigh(unit int) {}\n",
        "b.go": "package shop\n\nfunc run(x X) {\n\tweigh(x.unit())\n}\n",
    }
    after = {"a.go": "package shop\n\nfunc weigh(unit int, more int) {}\n"}
    assert gaps(files, after) == ["b.go:4 sure"]


def test_what_is_embedded_goes_by_the_name_of_its_type(gaps):
    files = {
        "go.mod": "module example.com/shop\n",
        "a.go": "package shop\n\ntype User struct{}\ntype Payload struct{ *User }\n",
        "b.go": "package shop\n",
    }
    after = (
        "package shop\n\nfunc run(u *User) *Payload {\n\tp := Payload{User: u}\n"
        "\tp.User = u\n\treturn &p\n}\n"
    )
    assert gaps(files, {"b.go": after}) == []


def test_a_package_from_elsewhere_may_go_by_a_part_of_its_path(gaps):
    text = 'package shop\n\nimport "github.com/pelletier/go-toml{}"\n\nvar x = toml.Marshal(1)\n'
    files = {"go.mod": "module example.com/shop\n", "a.go": text.format("")}
    assert gaps(files, {"a.go": text.format("/v2") + "var y = toml.Marshal(2)\n"}) == []


def test_a_bare_name_is_of_its_own_package(gaps):
    files = {
        "go.mod": "module example.com/shop\n",
        "render/a.go": "package render\n\ntype Pack struct{}\n",
        "binding/a.go": (
            "package binding\n\ntype pack struct{}\n\nfunc (pack) Bind() {}\n\nvar Pack = pack{}\n"
        ),
        "binding/b.go": "package binding\n",
    }
    after = {"binding/b.go": "package binding\n\nfunc run() {\n\tPack.Bind()\n}\n"}
    assert gaps(files, after) == []


def test_what_a_call_gives_is_not_of_the_class_that_is_called_like_it(gaps):
    files = {
        "go.mod": "module example.com/shop\n",
        "a.go": "package shop\n\ntype Context struct{}\n\nfunc (c *Context) Done() {}\n",
        "b.go": "package shop\n\nfunc run(r *http.Request) {\n\tr.Context().Done()\n}\n",
    }
    found = gaps(files, {"a.go": "package shop\n\ntype Context struct{}\n"})
    assert [each for each in found if "maybe" not in each] == []


def test_where_arguments_are_given_by_place_names_do_not_matter(gaps):
    files = {
        "go.mod": "module example.com/shop\n",
        "a.go": "package shop\n\nfunc mount(path string, handlers ...int) {}\n",
        "b.go": 'package shop\n\nfunc run() {\n\tmount("/", 1)\n}\n',
    }
    after = {"a.go": "package shop\n\nfunc mount(pattern string, handler int) {}\n"}
    assert gaps(files, after) == []


def test_a_struct_has_the_members_of_a_generic_type_that_it_embeds(gaps):
    """`Base[Item]` lends the members of Base, and none of Item."""
    files = {
        "go.mod": "module example.com/shop\n",
        "base.go": (
            "package shop\n"
            "\n"
            "type Item struct{ Price int }\n"
            "\n"
            "type Base[T any] struct{ Sum int }\n"
            "\n"
            "func (b *Base[T]) Total() int { return b.Sum }\n"
        ),
        "cart.go": (
            "package shop\n"
            "\n"
            "type Cart struct{ Base[Item] }\n"
            "\n"
            "func sum(c *Cart) int { return c.Total() }\n"
        ),
    }
    changed = files["base.go"].replace(") Total(", ") Whole(")
    assert gaps(files, {"base.go": changed}) == ["cart.go:5 likely"]
    priced = files["base.go"].replace("Price int", "Cost int")
    assert gaps(files, {"base.go": priced}) == []


def test_a_key_of_a_named_map_is_a_value(gaps):
    files = {
        "go.mod": "module example.com/shop\n",
        "map.go": "package shop\n\ntype Prices map[string]int\n\ntype Item struct{ Cost int }\n",
        "use.go": "package shop\n\nfunc f() Prices { return Prices{} }\n",
    }
    text = 'package shop\n\nfunc f() Prices {\n\tlabel := "tea"\n\treturn Prices{label: 1}\n}\n'
    assert gaps(files, {"use.go": text}) == []
