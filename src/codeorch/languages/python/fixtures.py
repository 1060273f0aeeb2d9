"""Fixture of pytest -> the parameters of tests and fixtures that ask for it by its name."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import key, of_kind, span
from codeorch.analysis.proposals import Proposal, propose_text
from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import Definition
from codeorch.languages.python.nodes import asks_for_fixture, function_around
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_BY_NAME = ("usefixtures", "getfixturevalue")


def fixture_parameters(
    types: Types, rule: Rename, fixtures: Iterable["Node"]
) -> Iterator[Definition]:
    """Give the scopes in which a parameter is filled by one of some fixtures."""
    known = list(fixtures)
    for path in types.names.files_with(rule.name) if known else ():
        for each in types.names.names(path, rule.name).bindings():
            function = function_around(each.node)
            if function is None or function in known or not asks_for_fixture(each.node):
                continue
            found = types.fixture(path, rule.name)
            if found is not None and found[1] in known:
                yield Definition(path=path, owner=key(function), name=rule.name)


def fixture_strings(types: Types, rule: Rename, fixtures: Iterable["Node"]) -> Iterator[Proposal]:
    """Give the strings that ask for one of some fixtures."""
    known = list(fixtures)
    names = (rule.name, rule.new)
    for path in types.names.files_with(rule.name) if known else ():
        text = types.names.texts[path]
        if not any(word in text for word in _BY_NAME):
            continue
        found = types.fixture(path, rule.name)
        if found is None or found[1] not in known:
            continue
        for content in of_kind(types.names.tree(path), "string_content"):
            call = next((n for n in content.ancestors()[:3] if n.kind() == "call"), None)
            function = call.field("function") if call else None
            asked = function is not None and function.text().endswith(_BY_NAME)
            if content.text() == rule.name and asked:
                yield propose_text(path, text, span(content)[0], names)
