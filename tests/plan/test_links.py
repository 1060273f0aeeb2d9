import pytest

from codeorch.plan.links import code_words, files_of, links, named, users

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


def test_code_words_are_quoted_called_or_marked_inside():
    text = "Let `total` use round_up and sumUp(), in class HouseOfCards; leave area alone"
    assert code_words(text) == {"total", "round_up", "sumUp", "HouseOfCards"}


def test_what_a_request_names_is_found(snapshot_of):
    found = named("In docs/use.md and `Room.size`, say metres", snapshot_of())
    assert found.files == ("docs/use.md",)
    assert found.symbols == {"Room": ("calc/room.py",), "size": ("calc/room.py",)}
    assert not found.vague


def test_a_name_of_several_files_is_vague(snapshot_of):
    snapshot = snapshot_of({"a/io.py": "def load(): pass\n", "b/io.py": "def load(): pass\n"})
    assert named("mend io.py", snapshot).vague
    assert named("mend `load`", snapshot).vague
    assert not named("mend a/io.py", snapshot).vague


def test_links_follow_the_uses_of_names(snapshot_of):
    snapshot = snapshot_of()
    assert links(snapshot, tuple(snapshot.files)) == {
        ("calc/room.py", "calc/core.py"): ("area",),
        ("calc/house.py", "calc/room.py"): ("Room", "size"),
        ("tests/test_core.py", "calc/core.py"): ("area",),
    }


def test_a_common_method_name_alone_is_no_link(snapshot_of):
    snapshot = snapshot_of(
        {"a.py": "class A:\n    def get(self): pass\n", "b.py": "def f(d):\n    return d.get(1)\n"}
    )
    assert links(snapshot, ("a.py", "b.py")) == {}


def test_users_are_found_in_the_whole_repository(snapshot_of):
    assert users(snapshot_of(), "calc/core.py") == {
        "calc/room.py": ("area",),
        "tests/test_core.py": ("area",),
    }
