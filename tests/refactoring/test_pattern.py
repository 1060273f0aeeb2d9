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
    ("request_text", "message"),
    [
        ("replace `absent($X)` with `b`", "nothing matches `absent($X)`"),
        ("replace `f($X)` with `b` in docs", "nothing in docs matches `f($X)`"),
        ("replace `f($X)` with `g($Y)`", "the rewrite uses $Y, unknown to the pattern"),
        ("replace `f((` with `g`", "`f((` is no code in any language of these files"),
    ],
)
def test_what_cannot_be_done_is_refused(plan_for, request_text, message):
    with pytest.raises(UserError) as caught:
        plan_for(request_text, {"a.py": "f(1)\n", "b.txt": "f(1)"})
    assert caught.value.message == message
