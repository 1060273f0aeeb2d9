"""What a reviewer may ask: each rule with what it finds, and what it must not."""

import pytest

CLI = (
    "import argparse\n\nparser = argparse.ArgumentParser()\n"
    'parser.add_argument("--colour")\nparser.add_argument("--size")\n'
)
DOCS = "# Options\n\n`--colour` and `--size`.\n"
TEST = "from shop.report import report\n\n\ndef test_it():\n    assert report(1)\n"


@pytest.fixture
def on_main(shop, write, run_git):
    """Commit files on main, before the branch leaves it."""

    def commit(changes, count=1):
        for number in range(count):
            write({p: t if count == 1 else f"{t}# {number}\n" for p, t in changes.items()})
            run_git(shop.root, "add", "-A")
            run_git(shop.root, "commit", "-q", "-m", "more")

    return commit


# ------------------------------------------------------------------------------- leftovers


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/new.py", "def f():\n    breakpoint()\n"),
        ("shop/new.py", "import pdb\n"),
        ("shop/new.py", "def f():\n    import pdb; pdb.set_trace()\n"),
        ("shop/new.py", "x = 1  # TODO: make it right\n"),
        ("web/new.js", "function f() {\n  debugger;\n}\n"),
        ("web/a.test.js", "it.only('adds', () => {});\n"),
        ("src/new.rs", "fn f() {\n    let x = dbg!(1);\n}\n"),
        ("spec/a_spec.rb", "fit 'adds' do\nend\n"),
        ("shop/tax.py.orig", "old\n"),
    ],
)
def test_a_leftover_is_a_note(branch, findings, path, text):
    branch({path: text})
    assert [(rule, level, at) for rule, level, at, _ in findings()] == [("CO401", "note", path)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/new.py", "x = 1  # TODO(ada): make it right\n"),
        ("shop/new.py", "x = 1  # TODO make it right, see #12\n"),
        ("shop/new.py", "x = 1  # FIXME PROJ-12\n"),
        ("shop/new.py", "print('a command prints')\n"),
        ("shop/new.py", "breakpoints = 2\n"),
        ("docs/new.md", "Write `breakpoint()` where it stops.\n\nTitle\n=======\n"),
        ("web/a.test.js", "it('fits', () => {});\n"),
        ("vendor/x.js", "debugger;\n"),
    ],
)
def test_what_is_meant_is_no_leftover(branch, findings, path, text):
    branch({path: text})
    assert findings() == []


def test_the_first_print_of_a_module_is_a_leftover_and_another_is_not(branch, findings, on_main):
    on_main({"shop/show.py": "def show():\n    print(1)\n"})
    branch({
        "shop/show.py": ("print(1)", "print(1)\n    print(2)"),
        "shop/tax.py": ("    return rate", "    print(amount)\n    return rate"),
    })  # fmt: skip
    assert findings() == [("CO401", "note", "shop/tax.py", 5)]


def test_a_merge_conflict_is_sure_and_what_was_there_is_none(branch, findings, on_main):
    conflict = "<<<<<<< ours\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n"
    on_main({"shop/old.cfg": conflict})
    branch({"shop/new.cfg": f"[a]\n{conflict}", "shop/old.cfg": f"[a]\n{conflict}"})
    assert findings() == [("CO401", "sure", "shop/new.cfg", 2)]


def test_what_was_indented_anew_was_not_added(branch, findings, on_main):
    on_main({"shop/new.py": "def f():\n    breakpoint()\n"})
    branch({"shop/new.py": "def f():\n    if f:\n        breakpoint()\n"})
    assert findings() == []


# ------------------------------------------------------------------------------- tests


def test_a_changed_definition_whose_tests_stayed_is_a_note(branch, findings, on_main):
    on_main({"tests/test_tax.py": TEST})
    branch({"shop/report.py": ("return prices", "return 2 * prices")})
    assert findings() == []  # for who asks for it
    assert findings("--select", "CO201") == [("CO201", "note", "shop/report.py", 4)]


def test_a_test_that_was_touched_is_enough(branch, findings, on_main):
    on_main({"tests/test_tax.py": TEST})
    branch({
        "shop/report.py": ("return prices", "return 2 * prices"),
        "tests/test_tax.py": ("report(1)", "report(2)"),
    })  # fmt: skip
    assert findings("--select", "CO201") == []


# ------------------------------------------------------------------------------- options


def test_an_option_that_no_document_names_is_a_note(branch, findings, on_main):
    on_main({"shop/cli.py": CLI, "docs/options.md": DOCS})
    branch({"shop/cli.py": f'{CLI}parser.add_argument("--shape")\n'})
    assert findings("--select", "CO202") == [("CO202", "note", "shop/cli.py", 6)]


def test_an_option_that_is_gone_and_still_documented_is_a_note(branch, findings, on_main):
    on_main({"shop/cli.py": CLI, "docs/options.md": DOCS})
    branch({"shop/cli.py": ('parser.add_argument("--size")\n', "")})
    assert findings("--select", "CO202") == [("CO202", "note", "docs/options.md", 3)]


def test_documents_that_name_no_options_lack_none(branch, findings, on_main):
    on_main({"shop/cli.py": CLI})
    branch({"shop/cli.py": f'{CLI}parser.add_argument("--shape")\n'})
    assert findings("--select", "CO202") == []


# ------------------------------------------------------------------------------- changelog


def test_a_habit_of_nearly_all_changes_is_one(branch, findings, on_main):
    on_main({"CHANGES.md": "# Changes\n", "shop/more.py": "x = 1\n"}, 20)
    on_main({"docs/guide.md": "no source\n"})
    branch({"shop/tax.py": ("return 2", "return 3")})
    assert findings() == [("CO203", "note", "shop/tax.py", 10)]
    branch({"CHANGES.md": "# Changes\n\n- more\n"}, "")
    assert findings() == []


def test_a_habit_of_some_changes_is_none(branch, findings, on_main):
    on_main({"CHANGES.md": "# Changes\n", "shop/more.py": "x = 1\n"}, 18)
    on_main({"shop/more.py": "x = 2\n"}, 6)
    branch({"shop/tax.py": ("return 2", "return 3")})
    assert findings() == []
