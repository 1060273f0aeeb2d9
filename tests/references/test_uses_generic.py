"""Languages that have only a table: what is gone under its name, and calls that fit nothing."""

import pytest

CASES = {
    "java": (
        {
            "A.java": "class A {\n  int weigh(int unit) { return 1; }\n}\n",
            "B.java": (
                "class B {\n  int weight = 2;\n  int go(A a, Object weigh) {\n"
                "    return a.weigh(1) + new A().weigh(2);\n  }\n}\n"
            ),
        },
        ("A.java", "weigh(int unit", "measure(int unit"),
        ["B.java:4 likely"],
    ),
    "java, a parameter": (
        {
            "A.java": "class A {\n  static int weigh(int unit) { return 1; }\n}\n",
            "B.java": "class B {\n  int go() {\n    return A.weigh(1);\n  }\n}\n",
        },
        ("A.java", "(int unit", "(int unit, int more"),
        ["B.java:3 likely"],
    ),
    "rust": (
        {
            "src/a.rs": "pub fn weigh(unit: i32) -> i32 { unit }\n",
            "src/b.rs": "use crate::a::weigh;\nfn go(other: i32) -> i32 { weigh(1) + other }\n",
        },
        ("src/a.rs", "fn weigh", "fn measure"),
        ["src/b.rs:1 likely", "src/b.rs:2 likely"],
    ),
    "rust, a method's parameter": (
        {
            "src/a.rs": "struct A;\nimpl A {\n  fn weigh(&self, unit: i32) -> i32 { unit }\n}\n",
            "src/b.rs": "fn go(a: A) -> i32 { a.weigh(1) }\n",
        },
        ("src/a.rs", "unit: i32)", "unit: i32, more: i32)"),
        ["src/b.rs:1 likely"],
    ),
    "c, in a macro as well": (
        {
            "a.h": "int weigh(int unit);\n",
            "a.c": '#include "a.h"\nint weigh(int unit) { return unit; }\n',
            "b.c": '#include "a.h"\n#define HEAVY weigh(9)\nint go(void) { return weigh(1); }\n',
        },
        ("a.c", "int weigh", "int measure"),
        ["a.h:1 likely", "b.c:2 maybe", "b.c:3 maybe"],  # the header still has the name
    ),
    "c, a declaration that takes more": (
        {
            "a.h": "int weigh(int unit);\n",
            "a.c": '#include "a.h"\nint weigh(int unit) { return unit; }\n',
            "b.c": "static int weigh(int unit) { return unit; }\n",
        },
        ("a.h", "int unit", "int unit, int more"),
        ["a.c:2 likely"],
    ),
    "c++, a method's declaration": (
        {
            "a.hpp": "class A {\n  int weigh(int unit);\n};\n",
            "a.cpp": '#include "a.hpp"\nint A::weigh(int unit) { return unit; }\n',
        },
        ("a.hpp", "int unit", "int unit, int more"),
        ["a.cpp:2 likely"],
    ),
    "java, a parameter of a method that a local class has": (
        {
            "A.java": "class A {\n  int weigh(int unit) { return 1; }\n}\n",
            "B.java": (
                "class B {\n  int weigh(int unit) { return 1; }\n"
                "  int go(A a, B b) {\n    return a.weigh(1) + b.weigh(2);\n  }\n}\n"
            ),
        },
        ("A.java", "int unit", "int unit, int more"),
        ["B.java:4 likely"],
    ),
    "c, all of it": (
        {
            "a.c": "int weigh(int unit) { return unit; }\n",
            "b.c": "#define HEAVY weigh(9)\nint go(void) { return weigh(1); }\n",
        },
        ("a.c", "int weigh", "int measure"),
        ["b.c:1 likely", "b.c:2 likely"],
    ),
    "ruby": (
        {
            "a.rb": "class A\n  def weigh(unit)\n    unit\n  end\nend\n",
            "b.rb": "def go(a)\n  weigh = 2\n  a.weigh(1) + weigh\nend\n",
        },
        ("a.rb", "def weigh", "def measure"),
        ["b.rb:3 likely"],
    ),
    "csharp": (
        {
            "A.cs": "class A { public int Weigh(int unit) { return unit; } }\n",
            "B.cs": "class B {\n  int Go(A a) { return a.Weigh(1); }\n}\n",
        },
        ("A.cs", "Weigh(int unit", "Measure(int unit"),
        ["B.cs:2 likely"],
    ),
    "kotlin": (
        {
            "A.kt": "fun weigh(unit: Int) = unit\n",
            "B.kt": "fun go(): Int {\n  return weigh(1)\n}\n",
        },
        ("A.kt", "unit: Int", "unit: Int, more: Int"),
        ["B.kt:2 likely"],
    ),
    "php": (
        {
            "a.php": "<?php\nfunction weigh($unit) { return $unit; }\n",
            "b.php": "<?php\n$weigh = 1;\necho weigh($weigh);\n",
        },
        ("a.php", "function weigh", "function measure"),
        ["b.php:3 likely"],
    ),
    "scala": (
        {
            "A.scala": "object A {\n  def weigh(unit: Int) = unit\n}\n",
            "B.scala": "object B {\n  def go = A.weigh(1)\n}\n",
        },
        ("A.scala", "def weigh", "def measure"),
        ["B.scala:2 likely"],
    ),
    "bash": (
        {"a.sh": "weigh() {\n  echo 1\n}\n", "b.sh": ". ./a.sh\nweigh 2\necho weigh\n"},
        ("a.sh", "weigh()", "measure()"),
        ["b.sh:2 likely"],
    ),
}


@pytest.mark.parametrize(("before", "edit", "places"), CASES.values(), ids=CASES.keys())
def test_what_a_change_leaves_behind_is_likely(gaps, before, edit, places):
    path, old, new = edit
    assert old in before[path]
    assert gaps(before, {path: before[path].replace(old, new)}) == places


def test_a_name_that_others_define_too_is_only_maybe(gaps):
    before = {
        "A.java": "class A {\n  int weigh() { return 1; }\n}\n",
        "B.java": "class B {\n  int weigh() { return 2; }\n}\n",
        "C.java": "class C {\n  int go(Object o) { return o.get(A).weigh(); }\n}\n",
    }
    assert gaps(before, {"A.java": before["A.java"].replace("weigh", "measure")}) == [
        "C.java:2 maybe"
    ]


MOVED = {
    "src/cart.rs": "pub fn weigh(unit: i32) -> i32 { unit }\npub fn other() {}\n",
    "src/till.rs": "pub fn open() {}\n",
    "src/a.rs": "use crate::cart::weigh;\nfn go() -> i32 { weigh(1) }\n",
    "src/b.rs": "use shop::cart::{other, weigh};\nfn go() -> i32 { weigh(1) }\n",
    "src/c.rs": "fn go() -> i32 { crate::cart::weigh(1) }\n",
    "src/d.rs": "use crate::till::weigh;\nfn go() -> i32 { weigh(1) }\n",
}


def test_what_moved_is_missed_where_its_old_module_is_named(gaps):
    after = {
        "src/cart.rs": "pub fn other() {}\n",
        "src/till.rs": "pub fn open() {}\npub fn weigh(unit: i32) -> i32 { unit }\n",
    }
    assert gaps(MOVED, after) == [
        "src/a.rs:1 likely",
        "src/a.rs:2 likely",
        "src/b.rs:1 likely",
        "src/b.rs:2 likely",
        "src/c.rs:1 likely",
    ]


def test_a_new_use_of_a_member_that_no_class_of_ours_has_may_be_a_librarys(gaps):
    before = {
        "src/out.rs": "pub enum Sink { File, Pipe }\n",
        "src/run.rs": "use crate::out::Sink;\nfn go(sink: &Sink) -> bool { true }\n",
    }
    changed = before["src/run.rs"].replace("true", "sink.is_none()")
    found = gaps(before, {"src/run.rs": changed})
    assert found in ([], ["src/run.rs:2 maybe"])
