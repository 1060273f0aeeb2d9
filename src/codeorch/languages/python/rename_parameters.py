"""Rename of a parameter -> edits in Python files: its functions, and the calls that name it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import line, of_kind, span, words
from codeorch.analysis.proposals import (
    Evidence,
    Place,
    Proposal,
    RenameResult,
    place_of,
    propose,
    propose_text,
)
from codeorch.analysis.renaming import Rename, conflict
from codeorch.errors import UserError
from codeorch.languages.python.nodes import decorators, is_fixture
from codeorch.languages.python.parameter_functions import ParameterFunctions
from codeorch.languages.python.rename_scopes import PythonScopeRename
from codeorch.languages.python.spread_arguments import SpreadArguments
from codeorch.languages.python.value_strings import Step

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# Decorators that leave alone how a function is called.
_PLAIN: Final = words(
    """abstractmethod cache cached_property classmethod contextmanager asynccontextmanager final
    lru_cache overload override property singledispatch staticmethod total_ordering wraps"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonParameterRename:
    """The rename of a parameter of a function, and of all that must agree with it."""

    rule: Rename
    scope: PythonScopeRename  # of the parameter as a name inside of the functions
    functions: ParameterFunctions

    def rename(self, paths: Iterable[str]) -> RenameResult:
        """Work out the edits.

        Raises:
            UserError: the new name is taken, or something else looks the old one up.
        """
        self._refuse()
        held = list(paths)
        renamed = self.scope.rename(held)
        known = {(each.place.path, each.edit.start) for each in renamed.proposals}
        more = [
            each
            for path in held
            for each in (*self._keywords(path), *self._keys(path))
            if (each.place.path, each.edit.start) not in known
        ]
        spread = SpreadArguments.of_functions(self.rule, self.functions).proposals()
        known |= {(each.place.path, each.edit.start) for each in more}
        more += [e for e in spread if (e.place.path, e.edit.start) not in known]
        self._refuse_given()
        cautions = (*renamed.cautions, *self._cautions())
        return replace(renamed, proposals=(*renamed.proposals, *more), cautions=cautions)

    def looked_up(self, step: Step) -> Evidence | None:
        """Judge a name that a string looks up: a parameter is never found so."""
        del step
        return None

    def _keywords(self, path: str) -> Iterator[Proposal]:
        """Find the keyword arguments of calls that run one of the functions."""
        for each in self.scope.names.names(path, self.rule.name).occurrences:
            keyword = each.node.parent() if each.role == "key" else None
            given = keyword.parent() if keyword else None
            call = given.parent() if given and given.kind() == "argument_list" else None
            evidence = self.functions.evidence(path, call) if call is not None else None
            if evidence is not None:
                yield propose(each, self.rule.new, evidence)

    def _keys(self, path: str) -> Iterator[Proposal]:
        """Find the name as a key of what is handed over as keyword arguments."""
        text, names = self.scope.names.texts[path], (self.rule.name, self.rule.new)
        whole = re.compile(rf"\b{re.escape(self.functions.name or '-')}\b")
        if not whole.search(text):
            return
        for content in of_kind(self.scope.names.tree(path), "string_content"):
            if content.text() != self.rule.name:
                continue
            pair = next((n for n in content.ancestors()[:2] if n.kind() == "pair"), None)
            call = next((n for n in content.ancestors() if n.kind() == "call"), None)
            if pair is not None and call is not None and whole.search(call.text()):
                yield propose_text(path, text, span(content)[0], names, Evidence.UNKNOWN)

    # --------------------------------------------------------------------------- what forbids it

    def _refuse(self) -> None:
        word = re.compile(rf"(?<!\w){re.escape(self.rule.name)}(?!\w)")
        for path, node in self.functions.nodes:
            name = node.field("name")
            if is_fixture(node) or (name and name.text().startswith("test")):
                raise UserError(
                    f"pytest fills `{self.rule.name}` by its name: {path}:{line(node)}",
                    "rename the fixture; the parameters that ask for it follow",
                )
            for mark in _marks(node):
                strings = of_kind(mark, "string_content")
                if any(word.search(each.text()) for each in strings):
                    raise UserError(
                        f"a decorator looks `{self.rule.name}` up by its name: {path}:{line(mark)}",
                        "change both by hand",
                    )

    def _refuse_given(self) -> None:
        """Refuse a new name that calls hand over already, for `**more` to take."""
        parameters = (node.field("parameters") for _, node in self.functions.nodes)
        if not any("**" in each.text() for each in parameters if each is not None):
            return
        taken = [
            place_of(each)
            for path in self.scope.names.files_with(self.rule.new)
            for each in self.scope.names.names(path, self.rule.new).occurrences
            if each.role == "key"
            and (call := _call_around(each.node)) is not None
            and self.functions.evidence(path, call)
        ]
        if taken:
            raise conflict(self.rule, taken)

    def _cautions(self) -> Iterator[tuple[Place, str]]:
        for path, node in self.functions.nodes:
            others = decorators(node) - _PLAIN - {"setter", "getter", "deleter", "register"}
            own = [mark for mark in _marks(node) if not self._is_own(path, mark)]
            if others and own:
                place = Place(path=path, start=span(own[0])[0], line=line(own[0]))
                yield (
                    place,
                    f"the parameter was renamed, but {own[0].text()} may hand it over by its name",
                )

    def _is_own(self, path: str, mark: "Node") -> bool:
        """Whether a decorator is plain, or a function of this repository."""
        name = mark.text().strip("@ ").partition("(")[0].rpartition(".")[2]
        inner = mark.named_children()[0]
        function = inner.field("function") or inner
        return name in _PLAIN or any(True for _ in self.functions.types.functions(path, function))


def _marks(function: "Node") -> list["Node"]:
    outer = function.parent()
    if outer is None or outer.kind() != "decorated_definition":
        return []
    return [each for each in outer.named_children() if each.kind() == "decorator"]


def _call_around(node: "Node") -> "Node | None":
    keyword = node.parent()
    given = keyword.parent() if keyword else None
    return given.parent() if given and given.kind() == "argument_list" else None
