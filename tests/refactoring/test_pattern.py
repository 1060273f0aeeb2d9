import pytest

from codeorch.errors import UserError


def test_metavariables_are_filled_and_commas_kept(changed):
    texts = {"a.py": "x = old(1, b=2)\ny = old()\nz = other(1)\n"}
    assert changed("replace `old($$$ARGS)` with `new($$$ARGS)`", texts) == {
        "a.py": "x = new(1, b=2)\ny = new()\nz = other(1)\n"
    }


def test_strings_and_comments_do_not_match(changed):
    texts = {"a.py": 'print(x)  # print(x)\nb = "print(x)"\n'}
    assert changed("replace `print($X)` with `log($X)`", texts) == {
        "a.py": 'log(x)  # print(x)\nb = "print(x)"\n'
    }


def test_only_languages_that_read_the_pattern_are_tried(changed):
    texts = {"a.py": "f(lambda: 1)\n", "b.go": "package b\nvar x = f(1)\n"}
    assert changed("replace `f(lambda: $X)` with `$X`", texts) == {"a.py": "1\n"}


def test_globs_limit_the_files(changed):
    texts = {"src/a.py": "f(1)\n", "tests/b.py": "f(1)\n"}
    assert changed("replace `f($X)` with `g($X)` in src/", texts) == {"src/a.py": "g(1)\n"}


def test_a_match_inside_a_match_is_rewritten_too(changed):
    assert changed("replace `f($X)` with `g($X, 0)`", {"a.py": "f(1 + f(2))\nf(f(3))\n"}) == {
        "a.py": "g(1 + g(2, 0), 0)\ng(g(3, 0), 0)\n"
    }


def test_a_rewrite_of_several_lines_is_indented_like_the_place(changed):
    texts = {"a.py": "def f():\n    check(x)\n"}
    assert changed("replace `check($X)` with `if not $X:\n    raise E`", texts) == {
        "a.py": "def f():\n    if not x:\n        raise E\n"
    }


def test_characters_beyond_ascii_and_carriage_returns_stay(changed):
    texts = {"a.py": "é = 'ü😀'; f(é)\r\nf('ß')"}
    assert changed("replace `f($X)` with `g($X)`", texts) == {"a.py": "é = 'ü😀'; g(é)\r\ng('ß')"}


@pytest.mark.parametrize(
    ("request_text", "path", "before", "after"),
    [
        pytest.param(
            "replace `send($$$A, last=0, $$$B)` with `send($$$A, last=1, $$$B)`",
            "a.py",
            "send(last=0)\nsend(1, last=0)\nsend(last=0, b=2)\nsend(1, 2, last=0, b=2)\n",
            "send(last=1)\nsend(1, last=1)\nsend(last=1, b=2)\nsend(1, 2, last=1, b=2)\n",
            id="commas of empty captures go",
        ),
        pytest.param(
            "replace `tup($$$A)` with `($$$A,)`",
            "a.py",
            "tup(1)\ntup()\ntup(1, 2,)\ntup(\n    1,\n    2,  # two\n)\n",
            "(1,)\n()\n(1, 2,)\n(\n    1,\n    2,  # two\n)\n",
            id="a last comma is not written twice",
        ),
        pytest.param(
            "replace `old($$$A)` with `new($$$A, x=1)`",
            "a.py",
            "new = 1\nold(\n    a,  # one\n    b,  # two\n)\n",
            "new = 1\nnew(\n    a,  # one\n    b, x=1,  # two\n)\n",
            id="lines and comments stay",
        ),
        pytest.param(
            "replace `@old($X)` with `@new($X)`",
            "a.py",
            "new = 1\n@old(1)\n@old\ndef f(): old(2)\n",
            "new = 1\n@new(1)\n@old\ndef f(): old(2)\n",
            id="a decorator",
        ),
        pytest.param(
            "replace `except $E as $N: $$$B` with `except ($E, OSError) as $N: $$$B`",
            "a.py",
            "try: pass\nexcept A as e:\n    a\n    b  # c\nexcept B: pass\n",
            "try: pass\nexcept (A, OSError) as e:\n    a\n    b  # c\nexcept B: pass\n",
            id="an except clause",
        ),
        pytest.param(
            "replace `with open($F) as $N: $$$B` with `with $F.open() as $N: $$$B`",
            "a.py",
            'with open(a) as f:\n    x = """\n raw"""\nwith open(a) as f, b: pass\n',
            'with a.open() as f:\n    x = """\n raw"""\nwith open(a) as f, b: pass\n',
            id="a with statement",
        ),
        pytest.param(
            "replace `log($$$A)` with ``",
            "a.py",
            "def f():\n    log(1)\n    log(\n        2\n    )\n    log(3)  # why\n    return 1\n",
            "def f():\n    # why\n    return 1\n",
            id="a statement goes with its line",
        ),
        pytest.param(
            "replace `check($X)` with `a = $X\nb(a)`",
            "a.py",
            "b = 1\nif c:\n\tcheck(d)\n",
            "b = 1\nif c:\n\ta = d\n\tb(a)\n",
            id="two statements for one, in tabs",
        ),
        pytest.param(
            "replace `require('$X')` with `load('$X')`",
            "a.js",
            "load; require('a'); require(\"b\"); require(`c`)\n",
            "load; load('a'); load(\"b\"); require(`c`)\n",
            id="quotes stay as they are",
        ),
        pytest.param(
            "replace `f($X)` with `throw $X`",
            "a.js",
            "if (a) f(1); else f(2)\n",
            "if (a) throw 1; else throw 2\n",
            id="semicolons stay as they are",
        ),
        pytest.param(
            'replace `<Old $$$P />` with `<New kind="x" $$$P />`',
            "a.tsx",
            "New; x = <Old a={1} {...b} />; y = <Old />;\n",
            'New; x = <New kind="x" a={1} {...b} />; y = <New kind="x" />;\n',
            id="attributes",
        ),
    ],
)
def test_as_much_as_can_stay_does(changed, request_text, path, before, after):
    assert changed(request_text, {path: before}) == {path: after}


@pytest.mark.parametrize(
    ("request_text", "message"),
    [
        ("replace `absent($X)` with `b`", "nothing matches `absent($X)`"),
        ("replace `f($X)` with `b` in docs", "nothing in docs matches `f($X)`"),
        ("replace `f($X)` with `g($Y)`", "the rewrite uses $Y, unknown to the pattern"),
        ("replace `f((` with `g`", "`f((` is no code in any language of these files"),
        (
            "replace `f($X)` with `g((`",
            "the rewrite `g((` is no code in any language where the pattern is",
        ),
        ("replace `f` with `g`", "`f` is a mere name, and no piece of code"),
        ("replace `$X` with `g($X)`", "`$X` is every piece of code"),
        ("replace `f(1); g(2)` with `h`", "`f(1); g(2)` is more than one piece of code"),
    ],
)
def test_what_cannot_be_done_is_refused(plan_for, request_text, message):
    with pytest.raises(UserError) as caught:
        plan_for(request_text, {"a.py": "f(1)\n", "b.txt": "f(1)"})
    assert caught.value.message == message
