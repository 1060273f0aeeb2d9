"""Arguments that Python code hands over by `**` -> where a parameter's name may be among them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, key, line, of_kind, span
from codeorch.analysis.proposals import Evidence, Proposal, propose, propose_text
from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import Definer, Definition
from codeorch.languages.python.imports import PythonNames
from codeorch.languages.python.nodes import function_around, parameter_name
from codeorch.languages.python.parameter_functions import ParameterFunctions
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# Judges a call by its path and its node; None = it goes elsewhere.
Judge = Callable[[str, "Node"], Evidence | None]
_DICTS: Final = ("dict", "update", "setdefault")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadArguments:
    """The keys of mappings that calls of a function spread, and what is handed on to it so.

    None of them is proven: a mapping may be spread elsewhere, too.
    """

    rule: Rename
    types: Types
    words: frozenset[str]  # by which calls of it name it
    takes: Judge  # says whether a call goes to what takes the renamed name
    _seen: set[tuple[str, tuple[int, int, str]]] = field(
        default_factory=set
    )  # functions that hand on

    @classmethod
    def of_functions(cls, rule: Rename, functions: ParameterFunctions) -> "SpreadArguments":
        """Make it for the functions whose parameter is renamed."""
        words = _words(functions)
        return cls(rule=rule, types=functions.types, words=words, takes=functions.evidence)

    @property
    def _names(self) -> PythonNames:
        return self.types.names

    def proposals(self) -> Iterator[Proposal]:
        """Propose each place where the name may be that of an argument."""
        yield from self._of(self.words, self.takes)

    def _of(self, words: frozenset[str], takes: Judge) -> Iterator[Proposal]:
        for path, call in self._calls(words, takes):
            given = call.field("arguments")
            for each in given.named_children() if given else ():
                if each.kind() == "dictionary_splat":
                    yield from self._of_spread(path, each.named_children()[0])

    def _calls(self, words: frozenset[str], takes: Judge) -> Iterator[tuple[str, "Node"]]:
        """Give the calls of a function that spread something, with their paths."""
        spoken = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\b")
        for path, text in sorted(self._names.texts.items()):
            if words and "**" in text and spoken.search(text):
                for call in of_kind(self._names.tree(path), "call"):
                    if "**" in call.text() and takes(path, call):
                        yield path, call

    def _of_spread(self, path: str, value: "Node") -> Iterator[Proposal]:
        """Follow what is spread: the parameter `**more` of a function, or a mapping."""
        function = function_around(value)
        taken = self._parameter(function, value.text()) if function else None
        if function is not None and taken is not None:
            yield from self._handed_on(path, function, taken)
            return
        homes = {path}
        if value.kind() == "identifier":
            entities = self._names.resolve(path, value)
            homes |= {each.path for each in entities if isinstance(each, Definition)}
        for home in sorted(homes):
            yield from self._keys(home)

    @staticmethod
    def _parameter(function: "Node", name: str) -> "Node | None":
        """Return the name of a function's parameter `**name`."""
        parameters = function.field("parameters")
        for each in parameters.named_children() if parameters else ():
            inner = each.child(0) if each.kind() == "typed_parameter" else each
            if inner is not None and inner.kind() == "dictionary_splat_pattern":
                names = inner.named_children()
                return names[0] if names and names[0].text() == name else None
        return None

    def _handed_on(self, path: str, function: "Node", taken: "Node") -> Iterator[Proposal]:
        """Find the keyword in calls of a function that hands on what it gets."""
        if (path, key(function)) in self._seen or self._takes(function):
            return
        self._seen.add((path, key(function)))
        definer = Definer(
            path=path, line=line(taken), kind="parameter", qualified="", owner=key(function),
            local=True, node=taken,
        )  # fmt: skip
        functions = ParameterFunctions.of(self.types, definer)
        why = f"`**{taken.text()}` hands it on to what takes the renamed parameter"
        for home in self._names.files_with(self.rule.name):
            for each in self._names.names(home, self.rule.name).occurrences:
                keyword = each.node.parent() if each.role == "key" else None
                given = keyword.parent() if keyword else None
                call = given.parent() if given and given.kind() == "argument_list" else None
                if call is not None and functions.evidence(home, call):
                    yield propose(each, self.rule.new, Evidence.UNKNOWN, why)
        yield from self._of(_words(functions), functions.evidence)

    def _takes(self, function: "Node") -> bool:
        parameters = function.field("parameters")
        names = map(parameter_name, parameters.named_children() if parameters else ())
        return self.rule.name in names

    def _keys(self, path: str) -> Iterator[Proposal]:
        """Find the name as a key of mappings in a file."""
        text, names = self._names.texts[path], (self.rule.name, self.rule.new)
        for content in of_kind(self._names.tree(path), "string_content"):
            if content.text() == self.rule.name and _is_key(content):
                yield propose_text(path, text, span(content)[0], names, Evidence.UNKNOWN)
        for each in self._names.names(path, self.rule.name).occurrences:
            outer = each.node.ancestors()[:3] if each.role == "key" else []
            function = outer[2].field("function") if len(outer) > 2 else None
            if function is not None and function.text().rpartition(".")[2] in _DICTS:
                yield propose(each, self.rule.new, Evidence.UNKNOWN)


def _words(functions: ParameterFunctions) -> frozenset[str]:
    classes = (functions.types.name_of(ref) for ref in functions.refs)
    return frozenset({functions.name, *classes}) - {"", "__init__", "__new__"}


def _is_key(content: "Node") -> bool:
    """Whether a string is a key of a mapping: `{"key": 1}`, `options["key"]`."""
    string = content.parent()
    outer = string.parent() if string else None
    if string is None or outer is None:
        return False
    kind = outer.kind()
    return (kind == "pair" and is_child(outer, "key", string)) or kind == "subscript"
