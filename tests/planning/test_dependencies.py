import pytest

from codeorch.planning.dependencies import files_of, named, used, users

PATHS = ("shop/prices.py", "shop/__init__.py", "docs/use.md", "a/io.py", "b/io.py", "README.md")


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("shop/prices.py", ["shop/prices.py"]),
        ("prices.py", ["shop/prices.py"]),
        ("shop.prices", ["shop/prices.py"]),
        ("shop.prices.total", ["shop/prices.py"]),
        ("io.py", ["a/io.py", "b/io.py"]),
        ("rices.py", []),
        ("prices", []),
        ("use.txt", []),
        ("README.md", ["README.md"]),
    ],
)
def test_a_word_means_the_files_whose_path_ends_with_it(word, found):
    assert list(files_of(word, PATHS)) == found


def test_what_a_request_names_is_found(findings_of):
    findings = findings_of()
    found = named("In docs/use.md and `Room.size`, say metres", findings.snapshot, findings.names)
    assert found.files == ("docs/use.md",)
    assert found.symbols == {"Room": ("calc/room.py",), "size": ("calc/room.py",)}
    assert not found.vague


def test_a_name_of_several_files_is_vague(findings_of):
    findings = findings_of(files={"a/io.py": "def load(): pass\n", "b/io.py": "def load(): pass\n"})
    assert named("mend io.py", findings.snapshot, findings.names).vague
    assert named("mend `load`", findings.snapshot, findings.names).vague
    assert not named("mend a/io.py", findings.snapshot, findings.names).vague


def test_users_are_found_in_the_whole_repository(findings_of):
    findings = findings_of()
    assert users(findings.snapshot, "calc/core.py", findings.names) == {
        "calc/room.py": ("area",),
        "tests/test_core.py": ("area",),
    }
    assert users(findings.snapshot, "calc/house.py", findings.names) == {}


def test_methods_add_to_what_is_used(snapshot_of):
    assert used(snapshot_of(), "calc/house.py", "calc/room.py") == ("Room", "size")


@pytest.mark.parametrize(
    ("user", "linked"),
    [
        ("from lib import tool\n\ntool.run_it()\n", True),
        ("from lib.tool import run_it\n\nrun_it()\n", True),
        ("from lib import run_it\n\nrun_it()\n", True),
        ("import lib.tool as t\n\nt.run_it()\n", True),
        ("from other import run_it\n\nrun_it()\n", False),
        ("def f(x):\n    x.run_it()\n", False),
        ("from lib import tool\n\ndef run_it():\n    run_it()\n", False),
    ],
)
def test_where_imports_are_needed_a_name_alone_is_no_link(snapshot_of, user, linked):
    snapshot = snapshot_of({"lib/tool.py": "def run_it():\n    pass\n", "app.py": user})
    assert bool(used(snapshot, "app.py", "lib/tool.py")) is linked


def test_where_a_folder_needs_no_imports_names_are_enough(findings_of):
    findings = findings_of(
        files={
            "a.go": "package a\n\nfunc RunIt() {}\n",
            "b.go": "package a\n\nfunc Go() { RunIt() }\n",
            "c.py": "RunIt()\n",
        }
    )
    assert users(findings.snapshot, "a.go", findings.names) == {"b.go": ("RunIt",)}


def test_a_common_method_name_alone_is_no_link(snapshot_of):
    snapshot = snapshot_of(
        {"a.py": "class A:\n    def get(self): pass\n", "b.py": "import a\n\nprint({}.get(1))\n"}
    )
    assert used(snapshot, "b.py", "a.py") == ()
