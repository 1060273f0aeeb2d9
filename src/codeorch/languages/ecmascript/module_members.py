"""Uses of a module's export that are no accesses: `const { load } = api`, `spyOn(api, "load")`.

And the places where its name is put together, or given anew by the mock of a module.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP, is_child, line, of_kind, span, words
from codeorch.analysis.proposals import Evidence, Place, Proposal, propose, propose_text
from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import Definition, Entity, Module, Occurrence
from codeorch.languages.ecmascript.dynamic_names import subscripts
from codeorch.languages.ecmascript.imports import ScriptNames
from codeorch.languages.ecmascript.member_strings import BY_NAME

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# Functions that take the name of a module, and what stands in its place in tests.
_MOCKS: Final = words(
    """jest.mock jest.doMock jest.setMock jest.unstable_mockModule vi.mock vi.doMock mock.module"""
)
_BETWEEN: Final = words(
    """parenthesized_expression arrow_function function_expression return_statement statement_block
    as_expression satisfies_expression await_expression"""
)
_WHOLE: Final = re.compile(r"\*\s+as\b|\brequire\(|\bimport\(")  # takes a module as a whole
_PATTERNS: Final = words("object_pattern pair_pattern object_assignment_pattern")
_TAKING: Final = words("variable_declarator assignment_expression")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleMembers:
    """The uses of an export through its module as a whole."""

    rule: Rename
    names: ScriptNames
    targets: frozenset[Entity]

    def proposals(self, path: str) -> Iterator[Proposal]:
        """Propose the uses of a file that no scope and no import shows."""
        for each in self.names.names(path, self.rule.name).occurrences:
            if self._is_taken(each) or self._is_mocked(each):
                is_short = each.node.kind().startswith("shorthand")
                text = f"{self.rule.new}: {self.rule.name}" if is_short else self.rule.new
                yield propose(each, text, Evidence.IMPORT)
        yield from self._strings(path)

    def cautions(self) -> Iterator[tuple[Place, str]]:
        """Give the places where the name of an export may be put together."""
        if not any(isinstance(each, Definition) and each.owner[2] == TOP for each in self.targets):
            return
        why = f"a name is put together here, which may be `{self.rule.name}`"
        for path, (_, text) in sorted(self.names.texts.items()):
            if not _WHOLE.search(text):
                continue
            blind: list[Place] = []
            for each in subscripts(self.names, path, self.rule.name):
                if self._gives(path, each.value):
                    place = Place(path=path, start=span(each.node)[0], line=line(each.node))
                    if each.is_blind:
                        blind.append(place)
                    else:
                        yield place, why
            yield from ((place, why) for place in blind[:1])

    def _is_taken(self, each: Occurrence) -> bool:
        """Whether a pattern takes the export out of its module: `const { load: x } = api`."""
        node, around = each.node, each.node.ancestors()
        if not (node.kind() == "shorthand_property_identifier_pattern" or each.role == "key"):
            return False
        outer = next((one for one in around if one.kind() not in _PATTERNS), None)
        inside = [one for one in around[:4] if one.kind() in _PATTERNS]
        if outer is None or [one.kind() for one in inside].count("object_pattern") != 1:
            return False
        pattern = inside[-1]
        value = outer.field("value") or outer.field("right")
        if value is None or value == pattern or outer.kind() not in _TAKING:
            return False
        return self._gives(each.path, value)

    def _is_mocked(self, each: Occurrence) -> bool:
        """Whether it is a key of what stands for the module in a test."""
        is_short = each.node.kind() == "shorthand_property_identifier"
        if each.role != "key" and not is_short:
            return False
        objects = [one for one in each.node.ancestors()[:2] if one.kind() == "object"]
        outer = objects[0].parent() if objects else None
        while outer is not None and outer.kind() in _BETWEEN:
            outer = outer.parent()
        call = outer.parent() if outer is not None and outer.kind() == "arguments" else None
        function = call.field("function") if call else None
        if outer is None or function is None or function.text() not in _MOCKS:
            return False
        source = outer.named_children()[0].text().strip("'\"`")
        home = self.names.modules.find(source, each.path)
        return home is not None and self._is_export(home)

    def _strings(self, path: str) -> Iterator[Proposal]:
        """Find `api["load"]`, `"load" in api` and `spyOn(api, "load")`."""
        text, names = self.names.texts[path][1], (self.rule.name, self.rule.new)
        for content in of_kind(self.names.tree(path), "string_fragment"):
            value = _looked_up_in(content) if content.text() == self.rule.name else None
            if value is not None and self._gives(path, value):
                yield propose_text(path, text, span(content)[0], names)

    def _gives(self, path: str, value: "Node") -> bool:
        """Whether an expression is a module that gives the renamed export."""
        modules = (one for one in self.names.resolve(path, value) if isinstance(one, Module))
        return any(self._is_export(one.path) for one in modules)

    def _is_export(self, home: str) -> bool:
        return bool(self.targets & self.names.resolve_export(home, self.rule.name))


def _looked_up_in(content: "Node") -> "Node | None":
    """Return the object in which a string names a member, where it does."""
    string = content.parent()
    outer = string.parent() if string else None
    if string is None or outer is None:
        return None
    if outer.kind() == "subscript_expression" and is_child(outer, "index", string):
        return outer.field("object")
    if outer.kind() == "binary_expression" and is_child(outer, "left", string):
        sign = outer.field("operator")
        return outer.field("right") if sign is not None and sign.text() == "in" else None
    call = outer.parent() if outer.kind() == "arguments" else None
    function = call.field("function") if call else None
    given = outer.named_children()
    by_name = function is not None and function.text() in BY_NAME and given[1:2] == [string]
    return given[0] if by_name else None
