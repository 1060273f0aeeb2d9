"""A language that only this test knows: two values, and everything works in its files."""

import subprocess

import pytest

from codeorch import languages
from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language
from codeorch.analysis.outline import outline
from codeorch.analysis.scopes import Grammar
from codeorch.analysis.syntax_tables import SyntaxTables, binds, members_first, plays, scopes
from codeorch.domain import Snapshot
from codeorch.errors import UserError
from codeorch.languages.generic import table_family
from codeorch.refactoring import parse_rule, plan_rule
from codeorch.references import references
from codeorch.source import parse_file
from codeorch.source.syntax import strings_and_comments

CLASSES = ClassTable(
    classes={"class_declaration": "name"},
    bodies=words("class_body"),
    members={"method_declaration": ("name", "method"), "variable_declarator": ("name", "variable")},
    accesses={"method_invocation": ("object", "name"), "field_access": ("object", "field")},
    own=words("me"),
    created={"object_creation_expression": "type"},
)
FAMILY = table_family(
    "toys",
    SyntaxTables(
        classes=CLASSES,
        grammar=Grammar(
            scopes=scopes("program class_declaration method_declaration block"),
            bindings=binds("class_declaration", kind="class")
            | binds("formal_parameter variable_declarator"),
            roles=plays("member", "method_invocation.name field_access.field"),
            patterns={},
            functions=words("program method_declaration"),
            classes=words("class_declaration"),
            bare_members="everywhere",
            refine=members_first(CLASSES),
        ),
    ),
)
# The syntax is one that is at hand; all that is said of it is said here.
LANGUAGE = Language(
    name="toy",
    family=FAMILY.name,
    grammar="tree_sitter_java",
    queries=("java",),
    ast_grep="java",
    suffixes=(".toy",),
    programs=("toyrun",),
    keywords=words("forbidden"),
)
SHOP = {
    "shop/cart.toy": (
        "class Cart {\n"
        "    int total(int rate) { return rate; }\n"
        "    int twice() { return total(2) + me.total(2); }\n"
        "}\n"
    ),
    "shop/till.toy": (
        "class Till {\n"
        "    // the total of a Cart\n    int sum(Cart cart) { return cart.total(3); }\n"
        "}\n"
    ),
    "shop/Other.java": "class Other { int total(int rate) { return rate; } }\n",
}


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    """Add the language as a line in each of the two tables does."""
    monkeypatch.setitem(languages.LANGUAGES, LANGUAGE.name, LANGUAGE)
    monkeypatch.setitem(languages.FAMILIES, FAMILY.name, FAMILY)
    languages._indexes.cache_clear()
    yield
    languages._indexes.cache_clear()


def snapshot(texts):
    files = {path: parse_file(path, text.encode()) for path, text in texts.items()}
    return Snapshot(commit="0" * 40, files=files)


def test_a_file_is_known_by_its_suffix_or_its_first_line():
    assert languages.language_of("shop/cart.toy") == "toy"
    assert languages.language_of("bin/sell", "#!/usr/bin/env toyrun\n") == "toy"


def test_what_it_defines_and_uses_is_read():
    cart = parse_file("shop/cart.toy", SHOP["shop/cart.toy"].encode())
    assert [symbol.qualified for symbol in cart.symbols] == ["Cart", "Cart.total", "Cart.twice"]
    assert {(one.name, one.line) for one in cart.references} >= {("total", 3)}
    assert outline(cart).splitlines() == [
        "class Cart",
        "    int total(int rate)",
        "    int twice()",
    ]


def test_uses_that_a_change_forgot_are_found():
    renamed = SHOP["shop/cart.toy"].replace("total(", "whole(")
    after = {**SHOP, "shop/cart.toy": renamed}
    found = references(snapshot(SHOP), snapshot(after), ["shop/cart.toy"])
    assert [(gap.path, gap.line, gap.symbol) for gap in found.gaps] == [
        ("shop/till.toy", 3, "Cart.total")
    ]
    widened = SHOP["shop/cart.toy"].replace("total(int rate)", "total(int rate, int more)")
    found = references(
        snapshot(SHOP), snapshot({**SHOP, "shop/cart.toy": widened}), ["shop/cart.toy"]
    )
    assert [change.detail for change in found.changes] == [
        "`Cart.total`: required parameter `more` is new"
    ]


def test_a_method_is_renamed_in_its_files_alone(tmp_path):
    request = "rename method `Cart.total` to `whole`"
    plan = plan_rule(parse_rule(request), snapshot(SHOP), strings_and_comments)
    for path, text in SHOP.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    diff = "".join(task.answer for task in plan.tasks)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, text=True, check=True)
    after = {path: (tmp_path / path).read_text() for path in SHOP}
    assert after["shop/cart.toy"] == SHOP["shop/cart.toy"].replace("total", "whole")
    assert after["shop/till.toy"] == SHOP["shop/till.toy"].replace("cart.total", "cart.whole")
    assert after["shop/Other.java"] == SHOP["shop/Other.java"]
    assert [(each.path, each.line) for each in plan.mentions] == [("shop/till.toy", 2)]


def test_its_reserved_words_are_refused():
    rule = parse_rule("rename method `Cart.total` to `forbidden`")
    with pytest.raises(UserError, match="`forbidden` is a reserved word of toy"):
        plan_rule(rule, snapshot(SHOP), strings_and_comments)
