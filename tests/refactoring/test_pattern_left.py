"""What a pattern does not prove: it stays, and is named with its line and the reason."""

import pytest

from codeorch.errors import UserError


def left(plan):
    return [(use.line, use.why.rpartition("left: ")[2]) for use in plan.unproven_uses]


@pytest.mark.parametrize(
    ("request_text", "before", "line", "why"),
    [
        pytest.param(
            "replace `check($X)` with `assert $X`",
            "check(a)\nf = lambda: check(b)\n",
            2,
            "the rewrite cannot stand there",
            id="a statement in an expression",
        ),
        pytest.param(
            "replace `square($X)` with `$X * $X`",
            "x = square(a)\ny = square(next(a))\n",
            2,
            "`next(a)` may act, and would be run 2 times",
            id="what acts is not written twice",
        ),
        pytest.param(
            "replace `$X = $X + $Y` with `$X += $Y`",
            "a = a + 1\nb[f()] = b[f()] + 1\n",
            2,
            "`b[f()]` may act, and would be run once",
            id="what acts twice is not written once",
        ),
        pytest.param(
            "replace `$X = $X + $Y` with `$X += $Y`",
            "a = a + 1\nb = a = a + 1\n",
            2,
            "an assignment by `+=` and the like has no value",
            id="an assignment that has no value",
        ),
        pytest.param(
            "replace `$A = $B` with `$A: int = $B`",
            "a = 1\nb, c = d\n",
            2,
            "an annotation is of one name alone",
            id="an annotation of several names",
        ),
        pytest.param(
            "replace `$A = load($B)` with `$A: int = load($B)`",
            "a = load(1)\nb = c = load(2)\n",
            2,
            "an annotation is of one name alone",
            id="an annotation in a chain",
        ),
        pytest.param(
            "replace `except $E: $$$B` with `except ($E): $$$B`",
            "try: pass\nexcept A: pass\nexcept B as c: pass\n",
            3,
            "`as` would name nothing",
            id="as names what is caught",
        ),
        pytest.param(
            "replace `f($A, $B)` with `f($B, $A)`",
            "f(1, 2)\nf(1, b=2)\n",
            2,
            "`b=2` is not one argument by its place, but one by its name",
            id="named arguments keep their places",
        ),
        pytest.param(
            "replace `f($X)` with `f($X, 0)`",
            "f(1)\nf(*a)\n",
            2,
            "`*a` is not one argument by its place, but any number of arguments",
            id="a star is any number",
        ),
        pytest.param(
            "replace `f($X, timeout=$T)` with `g($X, $T)`",
            "g = 1\nf(1, timeout=2)\nf(timeout=2, x=1)\nf(**k)\n",
            4,
            "it takes an unknown number of arguments",
            id="two stars may hold the names",
        ),
        pytest.param(
            "replace `f($A, $B)` with `f($B, $A)`",
            "f(1, 2)\nf(1,  # one\n  2)\n",
            2,
            "a comment in it would be lost",
            id="comments are kept or nothing is done",
        ),
        pytest.param(
            "replace `wait($X)` with `await $X`",
            "async def f():\n    wait(a)\ndef g():\n    wait(a)\n",
            4,
            "`await` would stand outside of an async function",
            id="await needs an async function",
        ),
        pytest.param(
            "replace `f($X)` with `lambda y: $X + y`",
            "a = f(x)\nb = f(y)\n",
            2,
            "`y` would mean the rewrite's own",
            id="a captured name is not caught",
        ),
        pytest.param(
            "replace `lambda $X: $F($X)` with `$F`",
            "a = lambda x: f(x)\nb = lambda x: x(x)\n",
            2,
            "`x` would be unknown outside of its function",
            id="a captured name keeps its function",
        ),
        pytest.param(
            "replace `np.float` with `float`",
            "a = np.float(1)\nnp.float = 3\n",
            2,
            "it is assigned to",
            id="what is assigned to is no value",
        ),
        pytest.param(
            "replace `old($X)` with `d['k']`",
            "d = {}\na = old(1)\nb = f'{old(1)}'\n",
            3,
            "its quotes are those of the f-string around it",
            id="quotes in an f-string",
        ),
        pytest.param(
            "replace `f($X)` with `g($X)`",
            "g = 1\nf(1)\nx = [f(2), 3\n",
            3,
            "the grammar cannot read the code around it",
            id="broken code",
        ),
        pytest.param(
            "replace `def $F($$$A): $$$B` with `def $F(*, $$$A): $$$B`",
            "def f(a): pass\ndef g(): pass\n",
            2,
            "a parameter would have to follow the `*`",
            id="a star needs a parameter",
        ),
    ],
)
def test_one_bad_match_costs_itself_alone(plan_for, request_text, before, line, why):
    plan = plan_for(request_text, {"a.py": before})
    assert len(plan.tasks) == 1  # the others are made
    assert left(plan) == [(line, why)]


@pytest.mark.parametrize(
    ("request_text", "path", "before", "line", "why"),
    [
        pytest.param(
            "replace `$A.f($X)` with `h($A, $X)`",
            "a.js",
            "h = 1;\na.f(1);\na?.b.f(1);\n",
            3,
            "what stands behind `?.` would not be left out with it any more",
            id="an optional chain ends early",
        ),
        pytest.param(
            "replace `function ($$$P) { $$$B }` with `($$$P) => { $$$B }`",
            "a.js",
            "a = function (x) { return x };\nb = function () { return this.x };\n",
            2,
            "`this` or `arguments` would be those of another function",
            id="an arrow has no this",
        ),
        pytest.param(
            "replace `twice($X)` with `$X * 2`",
            "a.js",
            "x = twice(1);\nfoo()\ntwice(a + b)\n",
            3,
            "the rewrite cannot stand there",
            id="a line that would go on with the one before",
        ),
        pytest.param(
            "replace `sum($A, $B)` with `$A + $B`",
            "a.go",
            "package a\n\nfunc f() {\n\tx := sum(1, 2)\n\tgo sum(1, x)\n}\n",
            5,
            "`go` takes a call alone",
            id="go takes a call",
        ),
        pytest.param(
            "replace `log($A, $$$B)` with `logf($$$B, $A)`",
            "a.go",
            "package a\n\nfunc logf(b ...int)\nfunc f(x []int) {\n\tlog(1, 2)\n\tlog(1, x...)\n}\n",
            6,
            "`x...` can only be the last argument",
            id="a spread slice is the last argument",
        ),
        pytest.param(
            "replace `add($A, $B)` with `$A + $B`",
            "A.java",
            "class A {\n  int a = add(1, 2);\n  void f() { add(1, 2); }\n}\n",
            3,
            "the value would not be used",
            id="a sum is no statement",
        ),
        pytest.param(
            "replace `old($X)` with `$X * 2`",
            "a.rs",
            'fn f() {\n  old(1);\n  println!("{}", old(4));\n}\n',
            3,
            "it stands in a macro, whose arguments are no tree",
            id="words in a macro",
        ),
        pytest.param(
            "replace `twice($X)` with `$X * 2`",
            "a.c",
            "int f(int a) { return twice(a); }\n#define M(x) twice(x)\n",
            2,
            "it stands in a macro, whose arguments are no tree",
            id="words of a macro",
        ),
    ],
)
def test_other_languages_say_why_too(plan_for, request_text, path, before, line, why):
    plan = plan_for(request_text, {path: before})
    assert len(plan.tasks) == 1
    assert left(plan) == [(line, why)]


@pytest.mark.parametrize(
    ("request_text", "path", "before", "note"),
    [
        (
            "replace `raise ValueError($E)` with `raise TypeError($E)`",
            "a.py",
            "raise ValueError(1)\nraise ValueError(2) from e\n",
            "what has more than the pattern says stays as it is: a.py:2",
        ),
        (
            "replace `$A == None` with `$A is None`",
            "a.py",
            "a = b == None\na = b == None == c\n",
            "what has more than the pattern says stays as it is: a.py:2",
        ),
        (
            "replace `if ($C) { $S }` with `if (!$C) { $S }`",
            "a.js",
            "if (a) { b(); }\nif (a) { b(); } else { c(); }\nif (a) { b(); c(); }\n",
            "what has more than the pattern says stays as it is: a.js:2, a.js:3",
        ),
        (
            "replace `const $A = $B` with `let $A = $B`",
            "a.ts",
            "const a = 1;\nconst b = 2, c = 3;\n",
            "what has more than the pattern says stays as it is: a.ts:2",
        ),
        (
            "replace `f($X)` with `f($X, 0)`",
            "a.py",
            "f(1)\na.f(1)\n",
            "`.f` of an object is not `f`, write `$X.f`: a.py:2",
        ),
        (
            "replace `f($X)` with `f($X, 0)`",
            "a.py",
            "f(1)\nf()\n",
            "calls with other arguments stay as they are: a.py:2",
        ),
        (
            "replace `f($X)` with `f($X, 0)`",
            "a.py",
            "f(1)\nmap(f, b)\n",
            "`f` stays where it is not called: a.py:2",
        ),
    ],
)
def test_what_only_looks_alike_is_told(plan_for, request_text, path, before, note):
    plan = plan_for(request_text, {path: before})
    assert len(plan.tasks) == 1
    assert not plan.unproven_uses
    assert plan.notes == (note,)


def test_a_method_is_no_function_and_the_refusal_says_how_to_write_it(plan_for):
    with pytest.raises(UserError) as caught:
        plan_for(
            "replace `assertEquals($A, $B)` with `assertEqual($A, $B)`",
            {"a.py": "class T:\n    def t(self):\n        self.assertEquals(1, 2)\n"},
        )
    assert caught.value.message == (
        "nothing matches `assertEquals($A, $B)`; `.assertEquals` of an object is not "
        "`assertEquals`, write `$X.assertEquals`: a.py:3"
    )


@pytest.mark.parametrize(
    ("path", "before", "name"),
    [
        ("a.py", "f(1)\n", "log"),
        ("a.js", "f(1);\n", "log"),
        ("A.java", "class A { int a = f(1); }\n", "Log"),
        ("a.rs", "fn g() { f(1); }\n", "Log"),
    ],
)
def test_a_name_that_has_to_be_imported_is_named(plan_for, path, before, name):
    plan = plan_for(f"replace `f($X)` with `{name}.put($X)`", {path: before})
    assert [use.why for use in plan.unproven_uses] == [f"`{name}` is not known here: import it"]


def test_an_import_that_nothing_uses_any_more_is_named_where_it_breaks_the_build(plan_for):
    code = 'package a\n\nimport (\n\t"errors"\n\t"fmt"\n)\n\nvar E = errors.New(fmt.Sprint(1))\n'
    rule = "replace `errors.New(fmt.Sprint($X))` with `fmt.Errorf($X)`"
    plan = plan_for(rule, {"a.go": code, "b.go": code + "\nvar F = errors.New\n"})
    assert [(use.path, use.line, use.why) for use in plan.unproven_uses] == [
        ("a.go", 4, "`errors` is not used here any more: its import has to go")
    ]


def test_lines_are_those_of_the_result(plan_for):
    plan = plan_for(
        "replace `check($X)` with `if $X:\n    raise E`",
        {"a.py": "E = 1\ncheck(a)\nf = check(b)\n"},
    )
    assert [(use.line, use.text) for use in plan.unproven_uses] == [(4, "f = check(b)")]


@pytest.mark.parametrize(
    ("path", "before", "after", "lines"),
    [
        ("a.js", "x = [log(1)];\nf(log(2));\nlog(3);\n", "x = [log(1)];\nf(log(2));\n", [1, 2]),
        ("a.py", "log(3)\ny = log(4)\n", "y = log(4)\n", [1]),
        ("a.rs", "fn f() -> i32 {\n    log(1);\n    log(2)\n}\n",
         "fn f() -> i32 {\n    log(2)\n}\n", [2]),
        ("b.py", "if x:\n    log(2)\nlog(1)\n", "if x:\n    log(2)\n", [2]),
        ("c.py", "class A:\n    log(1)\n    log(2)\nlog(3)\n",
         "class A:\n    log(1)\n    log(2)\n", [2, 3]),
    ],
)  # fmt: skip
def test_only_a_statement_that_is_not_the_last_goes(plan_for, changed, path, before, after, lines):
    request = "replace `log($X)` with ``"
    assert changed(request, {path: before}) == {path: after}
    assert [line for line, _ in left(plan_for(request, {path: before}))] == lines


def test_code_that_is_nested_too_deeply_costs_its_own_file_alone(plan_for):
    deep = "x = " + "+".join("f(1)" for _ in range(900)) + "\n"
    files = {"a.py": deep, "b.py": "def g(x): return x\n\n\nf(2)\n"}
    plan = plan_for("replace `f($X)` with `g($X)`", files)
    assert [task.path for task in plan.tasks] == ["b.py"]
    (use,) = plan.unproven_uses
    assert (use.path, use.line) == ("a.py", 1)
    assert "nested too deeply" in use.why
