"""Links to code in comments: followed where it is certain where they lead, else named."""

import pytest


def left(plan):
    return [(use.path, use.line) for use in plan.unproven_uses]


GATE = """\
/** A gate, see {@link Gate#open()}. */
public class Gate {
    /** @see #open() */
    public void close() { }

    // open is no link here, nor is {@link Gate#open} in a plain comment
    public void open() { }
}
"""


def test_links_of_javadoc_are_followed_by_class(changed):
    texts = changed("rename method Gate.open to unlock", {"Gate.java": GATE})
    assert texts["Gate.java"] == (
        GATE.replace("Gate#open()", "Gate#unlock()")
        .replace("@see #open", "@see #unlock")
        .replace("void open", "void unlock")
    )


def test_a_link_to_a_class_is_followed_with_its_members(changed):
    texts = {
        "Gate.java": "public class Gate {\n    void open() { }\n}\n",
        "Use.java": "/** {@link Gate#open}, {@linkplain Gate}. */\nclass Use {\n    Gate g;\n}\n",
    }
    after = changed("rename class Gate to Door in `Gate.java`", {**texts})
    assert after["Use.java"].startswith("/** {@link Door#open}, {@linkplain Door}. */")


SPHINX = '''\
"""See :func:`shop.core.load` and :func:`the loader <shop.core.load>`, not :func:`json.load`."""
from shop.core import load


def again():
    """Call :func:`load` again; load is plain text here."""
    return load()
'''


def test_roles_in_docstrings_are_followed(changed):
    texts = {
        "shop/__init__.py": "",
        "shop/core.py": "def load():\n    return 1\n",
        "shop/use.py": SPHINX,
    }
    after = changed("rename function load to fetch", texts)
    assert after["shop/use.py"] == (
        SPHINX.replace("core.load", "core.fetch")
        .replace("import load", "import fetch")
        .replace("`load`", "`fetch`")
        .replace("return load()", "return fetch()")
    )


@pytest.mark.parametrize(
    ("request_text", "path", "before", "after"),
    [
        pytest.param(
            "rename function load to read",
            "a.ts",
            "/** As {@link load}. */\nexport function twice() { return load(); }\n"
            "export function load() { return 1; }\n",
            "/** As {@link read}. */",
            id="typescript",
        ),
        pytest.param(
            "rename method Tile.area to surface",
            "src/lib.rs",
            "/// [`Tile::area`], [`Self::area()`], [it](Tile::area), [Wall::area].\n"
            "pub struct Tile;\nimpl Tile {\n    pub fn area(&self) -> u32 { 1 }\n}\n",
            "/// [`Tile::surface`], [`Self::surface()`], [it](Tile::surface), [Wall::area].",
            id="rust",
        ),
        pytest.param(
            "rename function Open to Dial",
            "a/a.go",
            "// Twice is [Open] twice, or [a.Open]; [os.Open] is not.\npackage a\n\n"
            "func Open() int { return 1 }\n",
            "// Twice is [Dial] twice, or [a.Dial]; [os.Open] is not.",
            id="go",
        ),
        pytest.param(
            "rename method Gate.Open to Unlock",
            "Gate.cs",
            '/// <see cref="Gate.Open"/>\nclass Gate {\n    public void Open() { }\n}\n',
            '/// <see cref="Gate.Unlock"/>',
            id="csharp",
        ),
    ],
)
def test_links_of_each_language_are_followed(changed, request_text, path, before, after):
    assert changed(request_text, {path: before})[path].splitlines()[0] == after


def test_a_link_that_may_lead_elsewhere_is_named(plan_for):
    texts = {
        "a/Gate.java": "package a;\npublic class Gate {\n    public void open() { }\n}\n",
        "b/Use.java": "package b;\nimport x.Gate;\n/** {@link Gate#open} */\nclass Use { }\n",
    }
    plan = plan_for("rename method Gate.open to unlock", texts)
    assert left(plan) == [("b/Use.java", 3)]


def test_a_bare_link_to_what_has_two_meanings_in_its_file_is_named(plan_for):
    text = (
        "/** As {@link load}. */\nexport function load() { return 1; }\n"
        "export function other(load: number) { return load; }\n"
    )
    plan = plan_for("rename function load to read", {"a.ts": text})
    assert left(plan) == [("a.ts", 1)]


def test_a_link_to_another_class_is_left_in_silence(plan_for):
    text = GATE.replace("Gate#open", "Door#open")
    plan = plan_for("rename method Gate.open to unlock", {"Gate.java": text})
    assert left(plan) == []
