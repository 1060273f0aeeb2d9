import pytest

from codeorch.errors import UserError

SCALE = {
    "scale.py": (
        "class Base:\n"
        "    def grow(self, size, factor=2): return size * factor\n"
        "class Derived(Base):\n"
        "    def grow(self, size, factor=2): return super().grow(size, factor=factor)\n"
        "def scale(value, factor=2):\n"
        "    def inner(factor): return factor\n"
        "    return inner(value) * factor\n"
        "class Big:\n"
        "    def __init__(self, factor): self.factor = factor\n"
        "class Bigger(Big):\n"
        "    def __init__(self, other): super().__init__(factor=other)\n"
        "class Biggest(Big): ...\n"
    ),
    "use.py": (
        "from functools import partial\n"
        "from scale import Base, Big, Biggest, Derived, scale\n"
        "scale(1, factor=3)\n"
        "half = partial(scale, factor=4)\n"
        "Derived().grow(1, factor=5)\n"
        "def any_of(x): return x.grow(1, factor=6)\n"
        "Big(factor=7)\n"
        "Biggest(factor=8)\n"
        "scale(**{'factor': 9})\n"
    ),
}


def edited(**edits):
    texts = dict(SCALE)
    for name, pairs in edits.items():
        path = f"{name}.py"
        for old, new in pairs:
            assert old in texts[path], old
            texts[path] = texts[path].replace(old, new)
    return {path: text for path, text in texts.items() if text != SCALE[path]}


CASES = {
    "a function": (
        "rename parameter `scale.scale.factor` to `ratio`",
        edited(
            scale=[
                ("scale(value, factor=2)", "scale(value, ratio=2)"),
                ("inner(value) * factor", "inner(value) * ratio"),
            ],
            use=[("scale(1, factor=3)", "scale(1, ratio=3)"), ("scale, factor", "scale, ratio")],
        ),
        ["use.py:9"],
    ),
    "a method with its overrides": (
        "rename parameter `Base.grow.factor` to `ratio`",
        edited(
            scale=[
                ("size, factor=2", "size, ratio=2"),
                ("size * factor", "size * ratio"),
                ("size, factor=factor", "size, ratio=ratio"),
            ],
            use=[("grow(1, factor=5)", "grow(1, ratio=5)")],
        ),
        ["use.py:6"],
    ),
    "what makes a value": (
        "rename argument `Big.__init__.factor` to `ratio`",
        edited(
            scale=[
                ("(self, factor): self.factor = factor", "(self, ratio): self.factor = ratio"),
                ("__init__(factor=other)", "__init__(ratio=other)"),
            ],
            use=[("Big(factor=7)", "Big(ratio=7)"), ("Biggest(factor=8)", "Biggest(ratio=8)")],
        ),
        [],
    ),
}


@pytest.mark.parametrize(("request_", "after", "left"), CASES.values(), ids=CASES)
def test_calls_that_name_a_parameter_follow(changed, plan_for, request_, after, left):
    assert changed(request_, SCALE) == after
    uses = plan_for(request_, SCALE).unproven_uses
    assert [f"{use.path}:{use.line}" for use in uses] == left


@pytest.mark.parametrize(
    ("request_", "text", "message"),
    [
        (
            "rename parameter `f.a` to `b`",
            "def f(a, b): ...\n",
            "`b` already means something where `f.a` is used: a.py:1",
        ),
        (
            "rename parameter `f.a` to `b`",
            "def f(a, **more): ...\nf(1, b=2)\n",
            "`b` already means something where `f.a` is used: a.py:2",
        ),
        (
            "rename parameter `test_it.shop` to `store`",
            "def test_it(shop): ...\n",
            "pytest fills `shop` by its name: a.py:1",
        ),
        (
            "rename parameter `main.count` to `many`",
            'import cli\n@cli.option("--count")\ndef main(count): ...\n',
            "a decorator looks `count` up by its name: a.py:2",
        ),
    ],
)
def test_a_parameter_that_something_looks_up_stays(plan_for, request_, text, message):
    with pytest.raises(UserError) as caught:
        plan_for(request_, {"a.py": text})
    assert caught.value.message == message


def test_a_decorator_that_is_not_here_is_to_be_looked_at(plan_for):
    text = (
        "import lib\nimport functools\n@lib.task\ndef f(a): ...\n@functools.cache\ndef g(b): ...\n"
    )
    assert [
        u.line for u in plan_for("rename parameter f.a to c", {"a.py": text}).unproven_uses
    ] == [3]
    assert not plan_for("rename parameter g.b to c", {"a.py": text}).unproven_uses


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.ts", "function f(a: A) { return { a } }\n", "function f(c: A) { return { a: c } }\n"),
        ("a.go", "package x\n\nfunc f(a int) { g(a) }\n", "package x\n\nfunc f(c int) { g(c) }\n"),
        ("a.rs", "fn f(a: u8) -> u8 { a }\n", "fn f(c: u8) -> u8 { c }\n"),
    ],
)  # fmt: skip
def test_a_parameter_of_another_language_is_one_of_its_function(changed, path, before, after):
    assert changed("rename parameter `f.a` to `c`", {path: before}) == {path: after}
