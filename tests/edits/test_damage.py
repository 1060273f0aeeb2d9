"""Damage that a benchmark of fresh repositories showed; each was a wrong edit or a refusal."""

import pytest

from codeorch.edits import Refusal, apply, apply_answer

IMPORTS = """\
package demo;

import static org.library.core.Matchers.any;
import static org.library.core.Matchers.containsString;
import static org.library.core.Matchers.is;
import static org.library.core.Matchers.not;
import static org.library.core.Matchers.sameInstance;
import static org.library.Assert.assertThat;

class Uses {}
"""


def test_a_deletion_that_is_done_takes_no_like_line():
    done = """\
@@
 package demo;

-import static org.library.core.Matchers.allOf;
 import static org.library.core.Matchers.any;
 import static org.library.core.Matchers.containsString;
-import static org.library.core.Matchers.equalTo;
 import static org.library.core.Matchers.is;
 import static org.library.core.Matchers.not;
 import static org.library.core.Matchers.sameInstance;
"""
    with pytest.raises(Refusal):
        apply_answer(IMPORTS, done, "Uses.java")


def test_a_change_of_brackets_that_is_done_is_not_done_again():
    base = (
        "module = {\n  get one() {\n    return {\n"
        "      method: this.method,\n      url: this.url,\n"
        "      header: this.header\n    };\n  }\n};\n"
    )
    done = (
        "@@\n       method: this.method,\n       url: this.url,\n       header: this.header\n"
        "-    }\n+    };\n   }\n };\n"
    )
    with pytest.raises(Refusal):
        apply_answer(base, done, "m.js")


def test_an_insertion_that_is_done_is_not_made_twice():
    base = (
        "def test_a():\n    assert first\n\n\ndef test_b():\n    point = Point(1)\n"
        "    assert field.output(point) == 4\n\n\n"
        "def test_c():\n    point = Point(2)\n    assert point.x == 2\n\n\n##### More #####\n"
    )
    done = (
        "@@\n     assert first\n \n+\n def test_b():\n     point = Point(1)\n"
        "@@\n     assert field.output(point) == 4\n \n \n+def test_c():\n+    point = Point(2)\n"
        "+    assert point.x == 2\n+\n+\n ##### More #####\n"
    )
    with pytest.raises(Refusal):
        apply_answer(base, done, "m.py")


def test_hunks_that_indent_one_after_another_keep_their_own_indentation():
    base = "x = [\n    'one',\n    'two',\n]\n"
    answer = (
        "@@\n x = [\n-    'one',\n-    'two',\n+  'one',\n+  'two',\n ]\n"
        "@@\n x = [\n   'one',\n-  'two',\n+  'three',\n ]\n"
    )
    assert apply_answer(base, answer, "m.py") == "x = [\n  'one',\n  'three',\n]\n"


def test_a_mark_before_outdented_lines_is_no_indentation():
    base = "/**\n * One.\n * Two.\n * <pre>\n */\n"
    answer = "@@\n * One.\n * Two.\n+* Three.\n * <pre>\n"
    assert "\n * Three.\n" in apply_answer(base, answer, "A.java")


def test_a_lost_mark_before_lines_of_one_space_is_seen():
    base = "/**\n * One.\n * Two.\n * <pre>\n */\n"
    answer = "@@\n * One.\n * Two.\n+ * Three.\n * <pre>\n"
    assert "\n * Three.\n" in apply_answer(base, answer, "A.java")


@pytest.mark.parametrize("pad", ["", "    ", "# "])
def test_a_continued_example_stands_for_no_code(pad):
    lines = ("Text.", ">>> for n in (1, 2):", "...     print(n)", "...", "1")
    base = "Head\n" + pad + "Text.\n\nTail\n"
    answer = "@@\n Head\n-" + pad + "Text.\n" + "".join(f"+{pad}{line}\n" for line in lines)
    wanted = "Head\n" + "".join(pad + line + "\n" for line in lines) + "\nTail\n"
    assert apply_answer(base, answer + " \n Tail\n", "m.txt") == wanted


def test_dots_without_an_example_still_stand_for_code():
    base = "def f():\n" + "".join(f"    step({n})\n" for n in range(9))
    answer = "@@\n def f():\n" + "".join(f"-    step({n})\n" for n in range(9)) + "+    ...\n"
    with pytest.raises(Refusal) as refusal:
        apply_answer(base, answer, "m.py")
    assert refusal.value.code == "placeholder"


def test_an_attribute_of_rust_is_code():
    base = "pub struct Opts {\n    pub owner: Owner,\n}\n"
    answer = (
        "@@\n     pub owner: Owner,\n+    /// Print this string:\n"
        "+    ///   '{}': path (of the current file)\n"
        "+    #[arg(\n+        long\n+    )]\n+    pub format: String,\n }\n"
    )
    assert "#[arg(\n        long\n    )]" in apply(base, answer, "src/cli.rs").text


def test_a_deletion_is_not_done_where_its_lines_are_there():
    row = "#### {0} template\n\n<table>\n  <td>depends on {0}</td>\n  </tr>\n</table>\n\n"
    base = "# Templates\n\n" + "".join(row.format(name) for name in ("Sass", "Less", "Liquid"))
    lines = row.format("Less").splitlines()
    stale = [line.replace("depends on Less", "quite another thing") for line in lines]
    answer = (
        "@@\n   </tr>\n </table>\n \n"
        + "".join(f"-{line}\n" for line in stale)
        + " #### Liquid template\n \n <table>\n"
    )
    with pytest.raises(Refusal):
        apply_answer(base, answer, "README.md")


def test_other_white_space_is_a_change_that_is_not_done():
    base = "class A {\n  int one;\n\n  void before() { \n    run();\n  }\n}\n"
    answer = "@@\n   int one;\n \n-  void befor() { \n+  void before() {\n     run();\n   }\n"
    assert apply_answer(base, answer, "A.java") == base.replace("{ \n    run", "{\n    run")


def test_hunks_that_change_the_same_lines_otherwise_contradict_each_other():
    base = "one\ntwo\nthree\n"
    answer = "@@\n one\n-two\n+two\n+2\n three\n@@\n one\n-two\n+two x\n three\n"
    with pytest.raises(Refusal) as refusal:
        apply_answer(base, answer, "m.txt")
    assert refusal.value.code == "contradiction"
