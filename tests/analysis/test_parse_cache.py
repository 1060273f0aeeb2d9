"""Parsed texts are shared, and searched for whole names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.analysis.ast_grep import word
from codeorch.analysis.parse_cache import ParseCache, paths_with
from codeorch.languages.generic.sources import module_before
from codeorch.languages.python.facts import SCOPES


def test_a_text_is_parsed_once_for_all_paths_that_have_it():
    parses = ParseCache()
    one = parses.of("x = 1\n", "python")
    assert parses.of("x = 1\n", "python") is one
    assert parses.of("x = 1\n", "ruby") is not one


def test_occurrences_know_the_path_that_was_asked_for():
    parsed = ParseCache().of("x = 1\nprint(x)\n", "python")
    found = [parsed.names(path, "x", SCOPES).occurrences for path in ("a.py", "b.py")]
    assert [{each.path for each in one} for one in found] == [{"a.py"}, {"b.py"}]
    assert [[each.role for each in one] for one in found] == [["binding", "use"]] * 2


def test_a_kind_that_a_grammar_does_not_have_is_found_nowhere():
    parsed = ParseCache().of("class A: ...\n", "python")
    kinds = frozenset({"class_definition", "no_such_kind"})
    assert [each.kind() for each in parsed.nodes(kinds)] == ["class_definition"]
    assert parsed.nodes(frozenset({"no_such_kind"})) == []


def test_only_whole_names_are_held():
    texts = [("b", "a total"), ("a", "total()"), ("c", "subtotal totals _total"), ("d", "$total")]
    assert paths_with(texts, "total") == ("a", "b", "d")


@given(st.text("ab_ .", max_size=30), st.text("ab_", min_size=1, max_size=3))
def test_a_word_is_what_no_letters_touch(text, name):
    plain = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    found = [each.span() for each in word(name).finditer(text)]
    assert found == [each.span() for each in plain.finditer(text)]


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("use crate::cart::NAME;", "cart"),
        ("use shop::cart::{other, till::{a, b}, NAME};", "cart"),
        ("import shop.cart.NAME;", "cart"),
        ("use Shop\\Cart\\NAME;", "Cart"),
        ("a(); { b } NAME()", ""),
        ("NAME()", ""),
    ],
)
def test_the_module_in_front_of_a_name_is_found(text, module):
    assert module_before(text, text.index("NAME")) == module
