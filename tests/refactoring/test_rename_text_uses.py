"""Names in strings of Java, Go and Rust; uses that need a whole path, or the type of a field."""

import pytest

from codeorch.errors import UserError


def left(plan):
    return [(use.path, use.line) for use in plan.unproven_uses]


SHAPE = "public class Shape {\n    public int area() { return 1; }\n}\n"


@pytest.mark.parametrize(
    ("code", "changes", "is_named"),
    [
        ('Shape.class.getMethod("area")', True, False),
        ('Other.class.getMethod("area")', False, False),
        ('kind.getDeclaredMethod("area")', False, True),
        ('log("area")', False, False),
    ],
)
def test_what_reflection_looks_up_in_java(plan_for, code, changes, is_named):
    use = f"class Use {{\n    Object f(Class<?> kind) {{ return {code}; }}\n}}\n"
    plan = plan_for("rename method Shape.area to size", {"Shape.java": SHAPE, "Use.java": use})
    assert [task.path for task in plan.tasks] == ["Shape.java", *["Use.java"] * changes]
    assert left(plan) == [("Use.java", 2)] * is_named


def test_a_method_that_an_annotation_names_is_followed(changed):
    text = 'class T {\n    static int rows() { return 1; }\n    @MethodSource("rows") int t;\n}\n'
    texts = changed("rename method T.rows to lines", {"T.java": text})
    assert '@MethodSource("lines")' in texts["T.java"]


def test_what_reflection_looks_up_in_go_is_named(plan_for):
    text = (
        "package a\n\ntype Shape struct{}\n\nfunc (s Shape) Area() int { return 1 }\n\n"
        'func f(s Shape) { reflect.ValueOf(s).MethodByName("Area"); log("Area") }\n'
    )
    plan = plan_for("rename method Shape.Area to Extent", {"go.mod": "module a\n", "a.go": text})
    assert left(plan) == [("a.go", 7)]


RUST = """\
pub fn scale(value: u32, factor: u32) -> String {
    let a = format!("{factor} {factor:?} {{factor}} {{{factor}}} {value:>factor$} {}", factor);
    println!("{factor}", factor = 3);
    a
}

pub fn other(factor: u32) -> String {
    format!("{factor}")
}
"""


def test_variables_in_rusts_format_strings_are_followed(changed):
    texts = changed("rename parameter scale.factor to ratio", {"src/lib.rs": RUST})
    assert texts["src/lib.rs"] == RUST.replace(
        '"{factor} {factor:?} {{factor}} {{{factor}}} {value:>factor$} {}", factor)',
        '"{ratio} {ratio:?} {{factor}} {{{ratio}}} {value:>ratio$} {}", ratio)',
    ).replace("scale(value: u32, factor:", "scale(value: u32, ratio:")


def test_labels_in_a_macro_are_no_uses_of_a_variable(changed):
    text = (
        "pub fn show(size: u32) {\n"
        '    println!("{:?} {size}", Tile { size: size, w: 1 }, size = size);\n}\n'
    )
    texts = changed("rename parameter show.size to width", {"src/lib.rs": text})
    assert "Tile { size: width, w: 1 }, size = width" in texts["src/lib.rs"]
    assert '"{:?} {size}"' in texts["src/lib.rs"]


CRATE = {
    "Cargo.toml": '[package]\nname = "kit"\n',
    "src/lib.rs": (
        "pub mod util;\npub mod other;\n\npub fn a() -> u32 {\n"
        "    crate::util::helper() + other::helper()\n}\n"
    ),
    "src/util.rs": "pub fn helper() -> u32 { 1 }\n\npub fn more() -> u32 { self::helper() }\n",
    "src/other.rs": "pub fn helper() -> u32 { super::util::helper() + kit::util::helper() }\n",
}


def test_whole_paths_of_rust_say_which_of_two_is_meant(plan_for, changed):
    request = "rename function helper to assist in `src/util.rs`"
    assert left(plan_for(request, CRATE)) == []
    texts = changed(request, CRATE)
    assert "crate::util::assist() + other::helper()" in texts["src/lib.rs"]
    assert "self::assist()" in texts["src/util.rs"]
    assert texts["src/other.rs"] == CRATE["src/other.rs"].replace("util::helper", "util::assist")


TASK = "public interface Task { int run(int x); }\n"
USE = """\
public class Use {
    Task first = new Task() {
        @Override
        public int run(int x) { return x; }
    };
    Runnable second = new Runnable() {
        @Override
        public void run() { }
    };

    int go() { second.run(); return first.run(2); }
}
"""


def test_a_class_without_a_name_is_no_second_definition(plan_for, changed):
    texts = {"Task.java": TASK, "Use.java": USE}
    assert left(plan_for("rename method Task.run to work", texts)) == []
    assert changed("rename method Task.run to work", texts)["Use.java"] == (
        USE.replace("int run(int x)", "int work(int x)").replace("first.run", "first.work")
    )


STACK = """\
package a

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }

func fill(s *Stack[int]) { s.Push(1) }
"""


def test_a_method_of_go_is_the_librarys_only_with_its_signature(changed, plan_for):
    texts = changed("rename method Stack.Push to Add", {"a.go": STACK})
    assert "s.Add(1)" in texts["a.go"]
    heap = STACK.replace("Push(x T)", "Push(x any)")
    with pytest.raises(UserError, match="standard library"):
        plan_for("rename method Stack.Push to Add", {"a.go": heap})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("t.ts", "class Tank {\n  get level(): number { return 1; }\n}\n"),
        ("t.py", "class Tank:\n    @property\n    def level(self):\n        return 1\n"),
    ],
)
def test_a_property_may_be_called_a_method_or_a_variable(changed, path, text):
    for kind in ("method", "variable"):
        texts = changed(f"rename {kind} Tank.level to depth", {path: text})
        assert texts[path] == text.replace("level", "depth")


def test_a_field_may_be_called_a_method_only_by_its_class(plan_for):
    with pytest.raises(UserError, match="no method is called `limit`, but a variable"):
        plan_for("rename method limit to ceiling", {"m.py": "limit = 1\n"})


CONF = """\
public class Conf {
    private String name;
    void open() { name = "a"; }
    class Inner { void f() { open(); name = ""; } }
    static class Own { String name; void open() { name = ""; } void f() { open(); } }
    Runnable first = new Runnable() {
        public void run() { open(); name = ""; }
    };
    Runnable second = () -> open();
}
class Other { void f() { open(); } }
"""


@pytest.mark.parametrize(
    ("request_text", "old", "new"),
    [
        ("rename method Conf.open to unlock", "open()", "unlock()"),
        ("rename variable Conf.name to title", "name", "title"),
    ],
)
def test_a_bare_name_in_an_inner_class_may_be_the_outer_ones(changed, request_text, old, new):
    after = changed(request_text, {"Conf.java": CONF})["Conf.java"]
    expected = [
        line if line.startswith(("    static class Own", "class Other")) else line.replace(old, new)
        for line in CONF.splitlines()
    ]
    assert after.splitlines() == expected


def test_a_bare_name_in_a_class_of_a_library_is_named(plan_for):
    text = (
        "public class Conf {\n    void open() { }\n"
        "    class Inner extends Lib { void f() { open(); } }\n"
        "    Thread t = new Thread() { public void run() { open(); } };\n}\n"
    )
    plan = plan_for("rename method Conf.open to unlock", {"Conf.java": text})
    assert left(plan) == [("Conf.java", 3), ("Conf.java", 4)]


def test_what_a_channel_of_go_gives_is_followed(changed):
    text = (
        "package a\n\ntype Conf struct {\n\tName string\n}\n\n"
        "func f(in chan Conf) string {\n\tc := <-in\n\treturn c.Name\n}\n"
    )
    texts = changed("rename variable Conf.Name to Title", {"a.go": text})
    assert texts["a.go"] == text.replace("Name", "Title")
