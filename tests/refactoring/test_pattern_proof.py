"""Parentheses, places and meanings: what comes out is the tree that the rule says."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import Snapshot, SourceFile
from codeorch.refactoring import parse_rule, plan_rule

TWICE = "replace `twice($X)` with `$X * 2`"


def one(changed, request, path, before):
    return changed(request, {path: before}).get(path, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = twice(a)\n", "x = a * 2\n"),
        ("x = twice(a + b)\n", "x = (a + b) * 2\n"),
        ("x = twice(a * b)\n", "x = a * b * 2\n"),
        ("x = 12 / twice(a)\n", "x = 12 / (a * 2)\n"),
        ("x = twice(a) ** 2\n", "x = (a * 2) ** 2\n"),
        ("x = -twice(a + b)\n", "x = -((a + b) * 2)\n"),
        ("x = twice(twice(a))\n", "x = a * 2 * 2\n"),
        ("x = twice(a).real\n", "x = (a * 2).real\n"),
        ("x = [twice(a) for a in b if twice(c)]\n", "x = [a * 2 for a in b if c * 2]\n"),
        ("x = twice(lambda: a)\n", "x = (lambda: a) * 2\n"),
        ("x = twice(not a)\n", "x = (not a) * 2\n"),
        ("x = twice(a := 3)\n", "x = (a := 3) * 2\n"),
        ("x = twice(a for a in b)\n", "x = (a for a in b) * 2\n"),
        ("x = f'{twice(a):>{twice(b)}}'\n", "x = f'{a * 2:>{b * 2}}'\n"),
        ("x = twice('a'\n  'b')\n", "x = ('a'\n  'b' * 2)\n"),
    ],
)
def test_python_gets_the_parentheses_that_it_needs(changed, before, after):
    assert one(changed, TWICE, "a.py", before) == after


@pytest.mark.parametrize(
    ("request_text", "before", "after"),
    [
        (TWICE, "x = () => twice(a + b);\n", "x = () => (a + b) * 2;\n"),
        (TWICE, "x = twice(a) ** 2, y = `${twice(b)}`;\n", "x = (a * 2) ** 2, y = `${b * 2}`;\n"),
        (TWICE, "x = twice(async () => { await z });\n", "x = (async () => { await z }) * 2;\n"),
        (
            "replace `either($A, $B)` with `$A || $B`",
            "x = either(a, b) ?? c;\ny = a && either(b, c);\n",
            "x = (a || b) ?? c;\ny = a && (b || c);\n",
        ),
        (
            "replace `make($X)` with `{ a: $X }`",
            "x = () => make(1);\nf(make(2));\n",
            "x = () => ({ a: 1 });\nf({ a: 2 });\n",
        ),
        (
            "replace `go($X)` with `$X.go()`",
            "go(a?.b);\ngo(new A);\ngo(3);\n",
            "(a?.b).go();\n(new A).go();\n(3).go();\n",
        ),
    ],
)
def test_javascript_gets_the_parentheses_that_it_needs(changed, request_text, before, after):
    assert one(changed, request_text, "a.js", before) == after


@pytest.mark.parametrize(
    ("request_text", "path", "before", "after"),
    [
        ("replace `sum($A, $B)` with `$A + $B`", "a.go", "x := sum(1, 2) * 3", "x := (1 + 2) * 3"),
        ("replace `interface{}` with `any`", "a.go", "var a []interface{}", "var a []any"),
        (
            "replace `ioutil.ReadAll($X)` with `io.ReadAll($X)`",
            "a.go",
            "b, err := ioutil.ReadAll(r)",
            "b, err := io.ReadAll(r)",
        ),
    ],
)
def test_expressions_and_types_of_go_are_patterns(changed, request_text, path, before, after):
    code = "package a\n\nfunc f() {{\n\t{}\n}}\n"
    assert one(changed, request_text, path, code.format(before)) == code.format(after)


@pytest.mark.parametrize(
    ("request_text", "before", "after"),
    [
        (
            "replace `$A.size() == 0` with `$A.isEmpty()`",
            "boolean a = !(b.size() == 0), c = ((List<String>) d).size() == 0;",
            "boolean a = !(b.isEmpty()), c = ((List<String>) d).isEmpty();",
        ),
        (
            "replace `add($A, $B)` with `$A + $B`",
            "int a = add(1, 2) * 3, b = (int) add(c, d = 3);",
            "int a = (1 + 2) * 3, b = (int) (c + (d = 3));",
        ),
        (
            "replace `new Integer($X)` with `Integer.valueOf($X)`",
            "Integer a = new Integer(b ? 1 : 2);",
            "Integer a = Integer.valueOf(b ? 1 : 2);",
        ),
    ],
)
def test_expressions_of_java_are_patterns(changed, request_text, before, after):
    code = "class A {{\n  {}\n}}\n"
    assert one(changed, request_text, "A.java", code.format(before)) == code.format(after)


@pytest.mark.parametrize(
    ("request_text", "before", "after"),
    [
        ("replace `$A.unwrap()` with `$A?`", "let a = b.c().unwrap().d;", "let a = b.c()?.d;"),
        (
            "replace `attempt!($X)` with `$X?`",
            "let a = attempt!(b(c) + 1);",
            "let a = (b(c) + 1)?;",
        ),
        (
            "replace `assert_eq!($A, $B)` with `assert!($A == $B)`",
            "assert_eq!(a, b); assert_eq!(a, b == c);",
            "assert!(a == b); assert!(a == (b == c));",
        ),
    ],
)
def test_expressions_and_macros_of_rust_are_patterns(changed, request_text, before, after):
    code = "fn f() {{ {} }}\n"
    assert one(changed, request_text, "a.rs", code.format(before)) == code.format(after)


# --------------------------------------------------------------------------- against Python itself

NAMES = st.sampled_from("abc").map(lambda name: ast.Name(name, ast.Load()))


def _grown(inner):
    pair = st.tuples(inner, inner)
    signs = st.sampled_from([ast.Add(), ast.Mult(), ast.Pow(), ast.BitOr(), ast.Sub()])
    return st.one_of(
        st.builds(lambda both, sign: ast.BinOp(both[0], sign, both[1]), pair, signs),
        st.builds(lambda both: ast.Compare(both[0], [ast.Lt()], [both[1]]), pair),
        st.builds(lambda both: ast.BoolOp(ast.Or(), list(both)), pair),
        st.builds(lambda x: ast.UnaryOp(ast.Not(), x), inner),
        st.builds(lambda x: ast.UnaryOp(ast.USub(), x), inner),
        st.builds(lambda both, x: ast.IfExp(both[0], x, both[1]), pair, inner),
        st.builds(lambda x: ast.Lambda(ast.arguments([], [], None, [], [], None, []), x), inner),
        st.builds(lambda x: ast.Attribute(x, "real", ast.Load()), inner),
        st.builds(lambda x: ast.Call(ast.Name("f", ast.Load()), [x], []), inner),
        st.builds(lambda x: ast.Starred(x, ast.Load()), inner).map(
            lambda x: ast.Call(ast.Name("g", ast.Load()), [x], [])
        ),
    )


class _Replace(ast.NodeTransformer):
    """What the rule means, on Python's own trees."""

    def __init__(self, make):
        self._make = make

    def visit_Call(self, node):
        self.generic_visit(node)
        return self._make(node.args[0]) if node.func.id == "f" else node


REWRITES = {
    "$X * 2": lambda x: ast.BinOp(x, ast.Mult(), ast.Constant(2)),
    "2 ** $X": lambda x: ast.BinOp(ast.Constant(2), ast.Pow(), x),
    "not $X": lambda x: ast.UnaryOp(ast.Not(), x),
    "$X or z": lambda x: ast.BoolOp(ast.Or(), [x, ast.Name("z", ast.Load())]),
    "$X < 3": lambda x: ast.Compare(x, [ast.Lt()], [ast.Constant(3)]),
    "$X if z else 1": lambda x: ast.IfExp(ast.Name("z", ast.Load()), x, ast.Constant(1)),
    "$X.go()": lambda x: ast.Call(ast.Attribute(x, "go", ast.Load()), [], []),
    "h(0, $X)": lambda x: ast.Call(ast.Name("h", ast.Load()), [ast.Constant(0), x], []),
}


class _Flat(ast.NodeTransformer):
    """`(a or b) or c` is `a or b or c`, in two trees."""

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        first = node.values[0]
        if isinstance(first, ast.BoolOp) and type(first.op) is type(node.op):
            node.values[:1] = first.values
        return node


def _plain(tree):
    """Write a tree without what it does not say."""
    read = ast.parse(ast.unparse(ast.fix_missing_locations(tree)))
    return ast.dump(_Flat().visit(read))


@given(tree=st.recursive(NAMES, _grown, max_leaves=8), rewrite=st.sampled_from(sorted(REWRITES)))
def test_what_comes_out_is_what_python_reads(tree, rewrite):
    text = f"z = h = x = {ast.unparse(ast.fix_missing_locations(tree))}\n"
    if "f(" not in text:
        return
    file = SourceFile(path="a.py", text=text, language="python")
    rule = parse_rule(f"replace `f($X)` with `{rewrite}`")
    plan = plan_rule(rule, Snapshot(commit="0" * 40, files={"a.py": file}), lambda *_: ())
    assert not plan.unproven_uses
    added = [line[1:] for line in plan.tasks[0].answer.split("\n") if line.startswith("+")]
    wanted = _Replace(REWRITES[rewrite]).visit(ast.parse(text))
    assert _plain(ast.parse(added[-1])) == _plain(wanted)


@pytest.mark.parametrize(
    ("request_text", "path", "before", "after"),
    [
        (
            "replace `cast($X)` with `$X as any`",
            "a.ts",
            "cast(a).b();\nx = cast(d) < 3;\ny = cast(e)[0];\nz = cast(f) && g;\nh(cast(i));\n",
            (
                "(a as any).b();\nx = (d as any) < 3;\ny = (e as any)[0];\nz = f as any && g;\n"
                "h(i as any);\n"
            ),
        ),
        (
            "replace `byte($X)` with `$X as u8`",
            "a.rs",
            "fn f() { let a = byte(b) < c; let d = byte(e).pow(2); let g = byte(h) + 1; }\n",
            "fn f() { let a = (b as u8) < c; let d = (e as u8).pow(2); let g = h as u8 + 1; }\n",
        ),
        (
            "replace `check($X)` with `$X?`",
            "a.rs",
            "fn f() { check(h as u8); check(i); }\n",
            "fn f() { (h as u8)?; i?; }\n",
        ),
        (
            "replace `$A > $B` with `$A < $B`",
            "a.rs",
            "fn f() { g(a as u8 > b); }\n",
            "fn f() { g((a as u8) < b); }\n",
        ),
    ],
)
def test_a_cast_is_parenthesized_where_its_type_would_read_on(
    changed, request_text, path, before, after
):
    assert one(changed, request_text, path, before) == after


@pytest.mark.parametrize(
    ("rewrite", "before", "after"),
    [
        ("{ v: $X }", "box(b);\n", "({ v: b });\n"),
        ("v = { a: $X }", "box(b);\n", "v = { a: b };\n"),
        ("v = () => { $X; }", "box(b);\n", "v = () => { b; };\n"),
        ("if ($X) { go(); }", "box(b);\n", "if (b) { go(); }\n"),
    ],
)
def test_only_a_statement_with_a_body_takes_the_semicolon(changed, rewrite, before, after):
    assert one(changed, f"replace `box($X)` with `{rewrite}`", "a.js", before) == after


@pytest.mark.parametrize(
    ("request_text", "path", "before", "after"),
    [
        (
            "replace `$A.concat($B)` with `$A + $B`",
            "A.java",
            (
                "class A {\n  String a = b.concat(c).trim();\n  String d = b.concat(1 + 2);\n"
                "  String e = b.concat(c).concat(d);\n  String f = 1 + b.concat(c ? d : e);\n}\n"
            ),
            (
                "class A {\n  String a = (b + c).trim();\n  String d = b + (1 + 2);\n"
                "  String e = b + c + d;\n  String f = 1 + (b + (c ? d : e));\n}\n"
            ),
        ),
        ("replace `!$A` with `no($A)`", "a.js", "y = !!a;\n", "y = no(no(a));\n"),
        (
            "replace `$A ? $B : $C` with `pick($A, $B, $C)`",
            "a.js",
            "y = a ? b : c ? d : e;\n",
            "y = pick(a, b, pick(c, d, e));\n",
        ),
    ],
)
def test_no_parentheses_because_another_match_needs_them(
    changed, request_text, path, before, after
):
    assert one(changed, request_text, path, before) == after


def test_a_capture_of_two_places_stays_where_the_rewrite_has_it(changed):
    request = "replace `is_a($A, $B) or is_a($A, $C)` with `is_a($A, ($B, $C))`"
    before = "x = is_a(a.b, B) or is_a(a.b, C)\n"
    assert one(changed, request, "a.py", before) == "x = is_a(a.b, (B, C))\n"
