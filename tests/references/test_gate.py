"""What holds for every language: how much is read, and that parts that agree leave no gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.domain import Files, Snapshot
from codeorch.references import references
from codeorch.source import decode_file, parse_file


class Guarded(Files):
    """Files that may be looked at, but of which only some may be parsed."""

    def __init__(self, texts, parsable):
        self.texts, self.parsable = texts, parsable

    def __getitem__(self, path):
        assert path in self.parsable, f"{path} was parsed"
        return parse_file(path, self.texts[path].encode())

    def bare(self, path):
        return decode_file(path, self.texts[path].encode())

    def __contains__(self, path):
        return path in self.texts

    def __iter__(self):
        return iter(self.texts)

    def __len__(self):
        return len(self.texts)


def test_only_changed_files_are_parsed_for_their_definitions():
    texts = {f"pkg/m{n}.py": f"def f{n}():\n    return {n}\n" for n in range(300)}
    texts["use.py"] = "from pkg.m7 import f7\n\nprint(f7())\n"
    before = Snapshot(commit="0" * 40, files=Guarded(texts, {"pkg/m7.py"}))
    changed = parse_file("pkg/m7.py", b"def g7():\n    return 7\n")
    found = references(before, before.with_files({"pkg/m7.py": changed}), ["pkg/m7.py"])
    assert [(gap.path, gap.line) for gap in found.gaps] == [("use.py", 1)]


def test_a_binary_and_an_unknown_language_are_passed_over(gate):
    before = {"a.bin": "total", "b.weird": "def total(): pass", "c.md": "total"}
    found = gate(before, {"b.weird": "def whole(): pass", "a.bin": None})
    assert (found.changes, found.gaps) == ((), ())


NAMES = ["alpha_one", "beta_two", "gamma_three", "delta_four"]
ENDINGS = {
    "py": ("def {0}(a):\n    return a\n", "from m{1} import {0}\n\n{0}(1)\n"),
    "ts": (
        "export function {0}(a: number) {{ return a }}\n",
        "import {{ {0} }} from './m{1}'\n{0}(1)\n",
    ),
}


@given(data=st.data())
def test_a_whole_rename_leaves_no_gap_and_each_part_that_is_missing_does(data):
    ending = data.draw(st.sampled_from(sorted(ENDINGS)))
    define, use = ENDINGS[ending]
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    texts = {f"m{n}.{ending}": define.format(name, n) for n, name in enumerate(names)}
    for n, name in enumerate(names):
        for user in range(data.draw(st.integers(1, 3))):
            texts[f"u{n}_{user}.{ending}"] = use.format(name, n)
    old = data.draw(st.sampled_from(names))
    after = {path: text.replace(old, "omega_last") for path, text in texts.items()}
    changed = sorted(path for path in texts if texts[path] != after[path])

    def snapshot(parts):
        files = {path: parse_file(path, text.encode()) for path, text in parts.items()}
        return Snapshot(commit="0" * 40, files=files)

    before = snapshot(texts)
    assert references(before, snapshot(after), changed).gaps == ()
    dropped = data.draw(st.sampled_from(changed))
    rest = [path for path in changed if path != dropped]
    left = references(before, snapshot({**after, dropped: texts[dropped]}), rest)
    assert left.open


CART = "class Cart:\n    def insert_one(self, item):\n        return item\n"
USE = "def run(cart):\n    cart.insert_one(1)\n"


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({}, "likely"),
        ({"b.py": CART.replace("Cart", "Till")}, "likely"),
        ({"b.py": CART}, "maybe"),
    ],
    ids=["no other class", "a class of another name", "a class of the same name"],
)
def test_a_value_called_like_a_class_may_be_of_another_class_of_this_name(gaps, others, told):
    before = {"a.py": CART, "app.py": USE, **others}
    assert gaps(before, {"a.py": "class Cart:\n    pass\n"}) == [f"app.py:2 {told}"]


@pytest.mark.parametrize(
    ("was", "bases", "name", "told"),
    [
        ("", "(Box)", "insert_one", "likely"),
        ("", "(Mapping)", "insert_one", "maybe"),
        ("(Mapping)", "(Mapping)", "insert_one", "likely"),
        ("(Mapping)", "(Mapping)", "get", "maybe"),
    ],
    ids=["a base of ours", "a base that is new", "a base that was there", "a common name"],
)
def test_a_class_may_get_a_method_from_what_it_derives_from(gaps, was, bases, name, told):
    outer = "from collections.abc import Mapping\n\n\nclass Box:\n    pass\n\n\n"
    cart = CART.replace("Cart", f"Cart{was}").replace("insert_one", name)
    before = {"a.py": outer + cart, "app.py": USE.replace("insert_one", name)}
    after = {"a.py": f"{outer}class Cart{bases}:\n    pass\n"}
    assert gaps(before, after) == [f"app.py:2 {told}"]
