"""The engine for JavaScript and TypeScript."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from codeorch.names.classes import Heritage
from codeorch.names.ecmascript.classes import CLASSES, STANDARD
from codeorch.names.ecmascript.modules import Modules
from codeorch.names.ecmascript.names import ScriptNames
from codeorch.names.entities import DefinedKind, Definer, Definition, Entity
from codeorch.names.receivers import member_definers
from codeorch.names.scopes import Occurrence
from codeorch.names.trees import line, words
from codeorch.plan.codemods.ecmascript.scoped import Scoped
from codeorch.plan.codemods.members import Members
from codeorch.plan.codemods.renaming import Rename, Renamed

LANGUAGES: Final = frozenset({"javascript", "typescript", "tsx"})
_FUNCTIONS: Final = words("arrow_function function_expression generator_function")
_NAMED: Final = words(
    """function_declaration class_declaration abstract_class_declaration interface_declaration
    internal_module method_definition generator_function_declaration"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptEngine:
    """Renames in the script files of a repository."""

    names: ScriptNames

    @classmethod
    def of(cls, texts: Mapping[str, tuple[str, str]], configs: Mapping[str, str]) -> "ScriptEngine":
        """Make it from the language and text of each file, and from the configuration files."""
        modules = Modules.of(texts, configs)
        return cls(names=ScriptNames(texts=texts, modules=modules))

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name."""
        found = [each for path in self.names.holding(name) for each in self._in_file(path, name)]
        return [*found, *member_definers(self.names, CLASSES, name)]

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one scope defines, and members of classes that derive."""
        members = [each for each in definers if each.parent]
        scoped: dict[tuple[str, object], list[Definer]] = {}
        for each in definers:
            if not each.parent:
                scoped.setdefault((each.path, each.owner), []).append(each)
        found = self._members().groups(members) if members else []
        return [*scoped.values(), *found]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> Renamed:
        """Work out the edits that rename one group of definitions."""
        if group[0].parent:
            return self._members().rename(rule, group)
        targets: frozenset[Entity] = frozenset(
            Definition(path=each.path, owner=each.owner, name=rule.name) for each in group
        )
        scoped = Scoped(rule=rule, names=self.names, targets=targets)
        return scoped.rename(self.names.holding(rule.name))

    def _members(self) -> Members:
        word = re.compile(r"\b(?:class|interface|type|enum)\b")
        texts = self.names.texts
        roots = [self.names.tree(path) for path in sorted(texts) if word.search(texts[path][1])]
        heritage = Heritage.of(roots, CLASSES)
        return Members(
            sources=self.names, table=CLASSES, heritage=heritage, standard=STANDARD, unit=str
        )

    def _in_file(self, path: str, name: str) -> Iterator[Definer]:
        for each in self.names.names(path, name).bindings():
            if each.role != "binding" or each.kind == "import":
                continue
            around = [node for node in each.node.ancestors() if node.kind() in _NAMED]
            if around and around[0].field("name") == each.node:
                around = around[1:]
            names = [part.text() for node in reversed(around) if (part := node.field("name"))]
            assert each.owner is not None
            yield Definer(
                path=path,
                line=line(each.node),
                kind=_kind(each),
                qualified=".".join([path.rpartition(".")[0].replace("/", "."), *names, name]),
                owner=each.owner,
                local=any(
                    node.kind() in _LOCAL
                    for node in each.node.ancestors()
                    if node != each.node.parent()
                ),
                node=each.node,
            )


def _kind(each: Occurrence) -> DefinedKind:
    holder = each.node.parent()
    value = holder.field("value") if holder and holder.kind() == "variable_declarator" else None
    if value is not None and value.kind() in _FUNCTIONS:
        return "function"
    if value is not None and value.kind() == "class":
        return "class"
    return "variable" if each.kind == "import" else each.kind


_LOCAL: Final = words(
    """function_declaration function_expression arrow_function method_definition function_type
    generator_function generator_function_declaration method_signature function_signature
    abstract_method_signature class_static_block call_signature construct_signature"""
)
