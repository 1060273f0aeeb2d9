"""Code that no grammar here reads stays as it is, and each place with the name is named."""

import pytest

from codeorch.errors import UserError


def left(plan):
    return [(use.path, use.line) for use in plan.unproven_uses]


def changed_paths(plan):
    return [task.path for task in plan.tasks]


BROKEN_PYTHON = """\
def pour(amount):
    first = amount + 1
    return = amount ** amount
"""


def test_a_parameter_is_not_edited_where_the_text_does_not_parse(plan_for):
    plan = plan_for("rename parameter pour.amount to litres", {"jug.py": BROKEN_PYTHON})
    (task,) = plan.tasks
    assert "+    first = litres + 1" in task.answer
    assert "litres ** litres" not in task.answer
    assert left(plan) == [("jug.py", 3)] * 2


def test_what_an_import_proves_is_not_edited_where_the_text_does_not_parse(plan_for):
    texts = {
        "jug.py": "def pour():\n    return 1\n",
        "use.py": "from jug import pour\n\nfirst = pour()\nlater = pour( + 2 = 3\n",
    }
    plan = plan_for("rename function pour to fill", texts)
    assert left(plan) == [("use.py", 4)]
    assert "+first = fill()" in plan.tasks[-1].answer


def test_a_definition_that_does_not_parse_is_not_renamed(plan_for):
    with pytest.raises(UserError, match="cannot read the code around the definition"):
        plan_for("rename function pour to fill", {"jug.py": "def pour(:\n    return 1\n"})


def test_broken_code_is_looked_through_in_all_languages_of_a_family(plan_for):
    texts = {
        "jug.ts": "export function pour(): number { return 1; }\n",
        "old.js": "const { a = pour( = 2;\n",
        "page.tsx": "const page = <div>{pour(<}</div>;\n",
    }
    plan = plan_for("rename function pour to fill", texts)
    assert left(plan) == [("old.js", 1), ("page.tsx", 1)]


@pytest.mark.parametrize(
    ("code", "companion"), [("jug.py", "tries.ipynb"), ("jug.ts", "page.astro")]
)
def test_files_that_hold_such_code_among_other_things_are_named(plan_for, code, companion):
    texts = {
        "jug.py": "def pour():\n    return 1\n",
        "jug.ts": "export function pour() { return 1; }\n",
    }
    plan = plan_for("rename function pour to fill", {code: texts[code], companion: "pour()\n"})
    assert left(plan) == [(companion, 1)]


VUE = "<script>\nimport { pour, fill } from './jug';\npour(2);\npourMore(2);\n</script>\n"


def test_a_replacement_names_what_it_may_concern_in_files_that_are_not_read(plan_for):
    texts = {
        "a.ts": "import { pour, fill } from './jug';\npour(1);\n",
        "page.vue": VUE,
        "other.svelte": "<p>pour</p>\n",
    }
    plan = plan_for("replace `pour($X)` with `fill($X)`", texts)
    assert changed_paths(plan) == ["a.ts"]
    assert left(plan) == [("page.vue", 3)]


def test_a_replacement_names_nothing_outside_of_its_globs(plan_for):
    texts = {"src/a.ts": "const fill = 1;\npour(1);\n", "web/page.vue": VUE}
    assert left(plan_for("replace `pour($X)` with `fill($X)` in `src/**`", texts)) == []


def test_a_replacement_is_refused_with_the_place_where_only_unread_files_match(plan_for):
    texts = {"a.ts": "const x = 1;\n", "page.vue": VUE}
    with pytest.raises(UserError, match=r"page\.vue:3"):
        plan_for("replace `pour($X)` with `fill($X)`", texts)
