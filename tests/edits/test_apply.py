"""Answers as models write them, each with the text it becomes or the reason it is refused."""
# ruff: noqa: E501 - a row of a table is one line

import pytest

from codeorch.domain import Symbol
from codeorch.edits import Refusal, apply, apply_answer, check_not_emptied

BASE = """\
import os


class Cart:
    def __init__(self, items):
        self.items = items

    def total(self):
        # add up
        return sum(item.price for item in self.items)

    def empty(self):
        return not self.items


def main():
    cart = Cart([])
    print(cart.total())
"""
WANTED = BASE.replace("return not self.items", "return len(self.items) == 0")
EDIT = "-        return not self.items\n+        return len(self.items) == 0\n"
HUNK = f"     def empty(self):\n{EDIT} \n \n def main():\n"

BECOMES = {
    "numbers right": f"--- a/cart.py\n+++ b/cart.py\n@@ -12,5 +12,5 @@\n{HUNK}",
    "numbers wrong": f"--- a/cart.py\n+++ b/cart.py\n@@ -99,1 +3,70 @@\n{HUNK}",
    "bare header": f"--- a/cart.py\n+++ b/cart.py\n@@\n{HUNK}",
    "dots as header": f"--- cart.py\n+++ cart.py\n@@ ... @@\n{HUNK}",
    "section as header": f"--- cart.py\n+++ cart.py\n@@ class Cart:\n{HUNK}",
    "no hunk header": f"--- a/cart.py\n+++ b/cart.py\n{HUNK}",
    "no file header": f"@@ -12,5 +12,5 @@\n{HUNK}",
    "only git's header": f"diff --git a/cart.py b/cart.py\n@@ -12 +12 @@\n{HUNK}",
    "base name only": f"--- a/x/cart.py\n+++ b/x/cart.py\n@@\n{HUNK}",
    "in a fence": f"Sure:\n\n```diff\n--- a/cart.py\n+++ b/cart.py\n@@\n{HUNK}```\nDone.",
    "fence glued to prose": f"Sure: ```diff\n@@\n{HUNK}```\n",
    "fence in a list": "1. this\n   ```diff\n" + "".join(f"   {x}\n" for x in f"@@\n{HUNK}".splitlines()) + "   ```",
    "two fences": f"```sh\nmake\n```\n```diff\n@@\n{HUNK}```\n",
    "prose around": f"Here it is:\n\n--- a/cart.py\n+++ b/cart.py\n@@\n{HUNK}\nNow run the tests.\n- No more to do.\n",
    "only a hunk": HUNK,
    "carriage returns": f"@@\n{HUNK}".replace("\n", "\r\n"),
    "empty lines stripped": f"@@\n{HUNK}".replace("\n \n", "\n\n"),
    "empty lines dropped": f"@@\n{HUNK}".replace("\n \n", "\n"),
    "no leading space": f"@@\n    def empty(self):\n{EDIT}\n\ndef main():\n",
    "outdented": f"@@\n def empty(self):\n{EDIT.replace('        ', '    ')}",
    "tabs": f"@@\n{HUNK.replace('    ', chr(9))}",
    "no context": f"@@\n{EDIT}",
    "a typo around": f"@@\n{HUNK.replace('def main', 'def mian')}",
    "a comment forgotten": "@@\n     def total(self):\n         return sum(item.price for item in self.items)\n \n" + f"@@\n{HUNK}",
    "an invented line": f"@@\n{HUNK.replace(' def main', ' # run it' + chr(10) + ' def main')}",
    "a gap": f"@@\n class Cart:\n     ...\n{HUNK}",
    "numbered lines": "@@\n " + "12\t    def empty(self):\n-13\t        return not self.items\n+13\t        return len(self.items) == 0\n 14\t\n 15\t\n 16\tdef main():\n",
    "twice the same hunk": f"@@\n{HUNK}@@\n{HUNK}",
    "typographic quotes": f"@@\n{HUNK}".replace("(self)", "(self\u200b)", 1),
    "v4a": f"*** Begin Patch\n*** Update File: cart.py\n@@ class Cart:\n{HUNK}*** End Patch\n",
    "search and replace": "cart.py\n<<<<<<< SEARCH\n        return not self.items\n=======\n        return len(self.items) == 0\n>>>>>>> REPLACE\n",
    "search and replace in a fence": "```python\n<<<<<<< SEARCH\n    def empty(self):\n        return not self.items\n=======\n    def empty(self):\n        return len(self.items) == 0\n>>>>>>> REPLACE\n```",
    "whole file": f"```python\n{WANTED}```\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BECOMES)
def test_an_answer_becomes_the_edit_it_means(name):
    assert apply_answer(BASE, BECOMES[name], "cart.py") == WANTED


REFUSED = {
    "prose": ("empty", "I would change the method."),
    "nothing": ("empty", ""),
    "another file": ("path", f"--- a/shop.py\n+++ b/shop.py\n@@\n{HUNK}"),
    "a way out": ("path", f"--- a/../cart.py\n+++ b/../cart.py\n@@\n{HUNK}"),
    "one file of two": ("path", f"--- a/cart.py\n+++ b/cart.py\n@@\n{HUNK}--- a/b.py\n+++ b/b.py\n@@\n-x\n+y\n"),
    "open fence": ("truncated", f"```diff\n@@\n{HUNK}"),
    "header without lines": ("truncated", f"@@\n{HUNK}@@ -30,2 +30,2 @@\n"),
    "cut within a change": ("truncated", f"@@ -12,5 +12,9 @@\n     def empty(self):\n{EDIT}+        ret"),
    "open block": ("truncated", "<<<<<<< SEARCH\nimport os\n=======\nimport sys\n"),
    "no end of patch": ("truncated", f"*** Begin Patch\n*** Update File: cart.py\n@@\n{HUNK}"),
    "absent": ("not_found", "@@\n def pay(self):\n-    charge(self.card)\n+    pass\n"),
    "a deleted line invented": ("not_found", f"@@\n{HUNK.replace('-', '-        log(1)' + chr(10) + '-', 1)}"),
    "one hunk absent": ("not_found", f"@@\n{HUNK}@@\n-charge(card)\n+pass\n"),
    "ambiguous": ("ambiguous", "@@\n \n+    # here\n     def\n".replace("     def\n", "") + " \n"),
    "no anchor": ("no_anchor", "@@\n+import sys\n"),
    "creates an existing file": ("contradiction", "--- /dev/null\n+++ b/cart.py\n@@ -0,0 +1 @@\n+x\n"),
    "contradiction": ("contradiction", f"@@\n{EDIT}@@\n{EDIT.replace('== 0', '< 1')}"),
    "no change": ("no_change", "@@\n import os\n"),
    "already there": ("no_change", "@@\n-def start():\n+def main():\n     cart = Cart([])\n"),
    "placeholder": ("placeholder", f"@@\n{HUNK.replace('+        return len(self.items) == 0', '+        # ... existing code ...')}"),
    "code swallowed by any comment": ("placeholder", "@@\n" + "".join(f"-{x}\n" for x in BASE.splitlines()[3:13]) + "+class Cart:\n+    # as it ever was\n+        return not self.items\n"),
    "dots for deleted lines": ("placeholder", "@@\n-class Cart:\n-    ...\n-        return not self.items\n+x = 1\n"),
    "most of the file missing": ("not_found", "```python\nimport os\nimport sys\n```"),
    "binary": ("binary", "diff --git a/cart.py b/cart.py\nGIT binary patch\nliteral 3\n"),
    "mode": ("mode", f"diff --git a/cart.py b/cart.py\nold mode 100644\nnew mode 100755\n@@\n{HUNK}"),
    "symlink": ("mode", "diff --git a/cart.py b/cart.py\nnew file mode 120000\n--- /dev/null\n+++ b/cart.py\n@@\n+x\n"),
    "part of a deletion": ("truncated", "--- a/cart.py\n+++ /dev/null\n@@\n-import os\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_doubtful_answer_is_refused_with_its_reason(name):
    code, answer = REFUSED[name]
    with pytest.raises(Refusal) as refused:
        apply_answer(BASE, answer, "cart.py")
    assert refused.value.code == code


def test_a_refusal_shows_the_model_the_first_line_that_differs():
    with pytest.raises(Refusal) as refused:
        apply_answer(
            BASE, "@@\n     def empty(self):\n-        return True\n+        return 1\n", "cart.py"
        )
    assert refused.value.hunk == 1
    assert "line 13 differs" in refused.value.brief
    assert "13:         return not self.items" in str(refused.value)
    assert "\n" not in refused.value.brief


def test_a_report_says_where_each_hunk_landed_and_what_was_mended():
    applied = apply(BASE, BECOMES["tabs"], "cart.py")
    assert applied.dialect == "unified"
    assert [(hunk.line, hunk.tier) for hunk in applied.hunks] == [(12, "indentation")]
    assert applied.repairs == ("hunk 1: placed by indentation at line 12",)
    assert apply(BASE, BECOMES["numbers right"], "cart.py").repairs == ()


def test_kept_lines_stay_the_files_own():
    base = "a  \n\tb\nold\nc \n"
    assert apply_answer(base, "@@\n a\n     b\n-old\n+new\n c\n", "a.txt") == "a  \n\tb\nnew\nc \n"


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        ("a\r\nold\r\nb\r\n", "a\r\nnew\r\nmore\r\nb\r\n"),
        ("a\nold\r\nb\n", "a\nnew\r\nmore\r\nb\n"),
        ("a\rold\rb\r", "a\rnew\rmore\rb\r"),
        ("a\nold\nb", "a\nnew\nmore\nb"),
        ("a\r\nold\r\nb", "a\r\nnew\r\nmore\r\nb"),
        ("\ufeffa\nold\nb\n", "\ufeffa\nnew\nmore\nb\n"),
        ("a\x0c\nold\nb\u2028b\n", "a\x0c\nnew\nmore\nb\u2028b\n"),
    ],
)
def test_line_ends_and_the_final_newline_stay_as_they_are(base, wanted):
    tail = " b\u2028b\n" if "\u2028" in base else " b\n"
    assert apply_answer(base, f"@@\n a\n-old\n+new\n+more\n{tail}", "a.txt") == wanted


@pytest.mark.parametrize(
    ("base", "answer", "wanted"),
    [
        ("a\nb", "@@\n a\n-b\n\\ No newline at end of file\n+c\n", "a\nc\n"),
        ("a\nb\n", "@@\n a\n-b\n+c\n\\ No newline at end of file\n", "a\nc"),
        ("a\nb", "@@\n a\n-b\n+c\n", "a\nc"),
        ("a\nb\nc\n", "@@\n-a\n+x\n b\n\\ No newline at end of file\n", "x\nb\nc\n"),
    ],
)
def test_a_note_about_the_final_newline_counts_only_at_the_end(base, answer, wanted):
    assert apply_answer(base, answer, "a.txt") == wanted


def test_hunks_may_speak_of_what_the_ones_before_leave():
    answer = "@@\n-a\n+b\n c\n@@\n-b\n+z\n c\n"
    assert apply_answer("a\nc\n", answer, "x.py") == "z\nc\n"


def test_a_number_tells_equal_places_apart_only_when_it_is_right():
    base = "x = 1\ny\n" * 20
    edit = "-x = 1\n+x = 2\n y\n"
    wanted = base.split("\n")
    wanted[10] = "x = 2"
    assert apply_answer(base, f"@@ -11,2 +11,2 @@\n{edit}", "a.py") == "\n".join(wanted)
    with pytest.raises(Refusal, match="occur 20 times"):
        apply_answer(base, f"@@ -12,2 +12,2 @@\n{edit}", "a.py")


def test_a_section_tells_equal_places_apart():
    base = "def a():\n    return 1\n\n\ndef b():\n    return 1\n"
    answer = "@@ def b():\n-    return 1\n+    return 2\n"
    assert (
        apply_answer(base, answer, "a.py") == "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
    )


def test_a_search_block_may_hold_the_divider_when_the_file_does():
    base = "Title\n=======\n\nold\n"
    answer = (
        "<<<<<<< SEARCH\nTitle\n=======\n\nold\n=======\nTitle\n=======\n\nnew\n>>>>>>> REPLACE\n"
    )
    assert apply_answer(base, answer, "a.rst") == "Title\n=======\n\nnew\n"


# ------------------------------------------------------------------------------- other actions


def test_a_file_is_created_from_a_diff_or_a_fence():
    diff = "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    assert apply("", diff, "n.py", action="create").text == "a\nb\n"
    assert apply("", "```python\na\nb\n```", "n.py", action="create").text == "a\nb\n"
    with pytest.raises(Refusal, match="stands for code"):
        apply("", "```python\na\n# rest of the code here\n```", "n.py", action="create")


def test_a_deleted_file_is_empty():
    diff = "--- a/n.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
    assert apply_answer("a\nb\n", diff, "n.py") == ""
    assert apply("a\n", "", "n.py", action="delete").text == ""


def test_a_rename_needs_no_edit_and_may_carry_one():
    assert apply("a\n", "", "new.py", action="rename").text == "a\n"
    head = "diff --git a/old.py b/new.py\nrename from old.py\nrename to new.py\n"
    assert apply("a\n", head, "new.py", action="rename").text == "a\n"
    edit = head + "--- a/old.py\n+++ b/new.py\n@@ -1 +1 @@\n-a\n+b\n"
    assert apply("a\n", edit, "new.py", action="rename").text == "b\n"


# ------------------------------------------------------------------------------- definitions


def symbol(name, first, last, parent=""):
    lines = BASE.splitlines(keepends=True)
    start = sum(len(line) for line in lines[: first - 1])
    end = sum(len(line) for line in lines[:last])
    return Symbol(
        name=name, kind="function", signature="", start=start, end=end,
        name_start=BASE.index(name, start), line=first, end_line=last, parent=parent,
    )  # fmt: skip


SYMBOLS = (
    symbol("Cart", 4, 13), symbol("__init__", 5, 6, "Cart"), symbol("total", 8, 10, "Cart"),
    symbol("empty", 12, 13, "Cart"), symbol("main", 16, 18),
)  # fmt: skip


def test_a_named_definition_is_replaced_whole_at_its_own_indentation():
    answer = "```python\ndef empty(self):\n    return len(self.items) == 0\n```"
    applied = apply(BASE, answer, "cart.py", symbols=SYMBOLS)
    assert applied.text == WANTED
    assert applied.dialect == "definition"


def test_several_definitions_in_one_fence_each_take_their_place():
    answer = (
        "```python\n    def empty(self):\n        return len(self.items) == 0\n\n"
        "    def total(self):\n        # add up\n        return 0\n```"
    )
    wanted = WANTED.replace("sum(item.price for item in self.items)", "0")
    assert apply(BASE, answer, "cart.py", symbols=SYMBOLS).text == wanted


TOP = (
    '"""Carts."""\n\n\ndef empty(cart):\n    return not cart\n\n\n'
    "def total(cart):\n    return sum(item.price for item in cart)\n\n\n"
    "def names(cart):\n    return [item.name for item in cart]\n"
)
NEW = "def empty(cart):\n    return len(cart) == 0\n"
TOPS = [symbol("empty", 4, 5), symbol("total", 8, 9)]
REST = "\n\n# ... rest of the file unchanged ...\n"


def test_what_stands_apart_above_a_definition_is_not_put_there_twice():
    for above in ('"""Carts."""\n\n\n', ""):
        answer = f"```python\n{above}{NEW}{REST}```"
        wanted = TOP.replace("not cart", "len(cart) == 0")
        assert apply(TOP, answer, "cart.py", symbols=TOPS).text == wanted


@pytest.mark.parametrize("above", ['"""Carts, anew."""', "# Nobody has said this.", "# ..."])
def test_what_stands_apart_and_is_not_in_the_file_is_refused(above):
    with pytest.raises(Refusal):
        apply(TOP, f"```python\n{above}\n\n{NEW}{REST}```", "cart.py", symbols=TOPS)


@pytest.mark.parametrize("head", ["def unknown(self):", "class empty:"])
def test_an_unknown_definition_is_refused(head):
    with pytest.raises(Refusal) as refused:
        apply(BASE, f"```python\n{head}\n    return 1\n```", "cart.py", symbols=SYMBOLS)
    assert refused.value.code == "not_found"


# ------------------------------------------------------------------------------- a worker's task

OTHERS = {
    "two files": "--- a/src/x.py\n+++ b/src/cart.py\n",
    "another file first": "--- a/src/cart.py\n+++ b/lib/y.py\n",
    "a rename": "diff --git a/src/cart.py b/lib/cart.py\nrename from src/cart.py\nrename to lib/cart.py\n",
    "a move in V4A": "*** Begin Patch\n*** Update File: src/cart.py\n*** Move to: lib/z.py\n",
}
OURS = {
    "plain": "--- a/src/cart.py\n+++ b/src/cart.py\n",
    "no sides": "--- src/cart.py\n+++ src/cart.py\n",
    "the name alone": "--- cart.py\n+++ cart.py\n",
    "a copy kept": "--- src/cart.py.orig\n+++ src/cart.py\n",
    "backslashes": "--- a\\src\\cart.py\n+++ b\\src\\cart.py\n",
    "doubled": "--- ./src//cart.py\n+++ ./src//cart.py\n",
    "none": "",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_task_is_not_done_by_an_edit_that_names_a_second_file(name):
    with pytest.raises(Refusal) as refused:
        apply(BASE, f"{OTHERS[name]}@@\n{HUNK}", "src/cart.py", task_names=("src/cart.py",))
    assert refused.value.code in ("path", "truncated")


@pytest.mark.parametrize("name", OURS)
def test_a_task_takes_its_own_name_as_models_write_it(name):
    answer = f"{OURS[name]}@@\n{HUNK}"
    assert apply(BASE, answer, "src/cart.py", task_names=("src/cart.py",)).text == WANTED


def test_a_move_may_name_both_paths():
    names = ("new/cart.py", "src/cart.py")
    answer = f"--- a/src/cart.py\n+++ b/new/cart.py\n@@\n{HUNK}"
    assert apply(BASE, answer, names[0], action="rename", task_names=names).text == WANTED


@pytest.mark.parametrize("after", ["", "\n", "  \n\t\n"])
def test_an_edit_leaves_something_of_its_file(after):
    with pytest.raises(Refusal, match=r"nothing of cart\.py is left"):
        check_not_emptied(BASE, after, "cart.py")
    check_not_emptied(after, after, "cart.py")
