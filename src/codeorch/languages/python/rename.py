"""Rename -> edits in Python files: which definitions are meant, and who carries it out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP, line
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.proposals import RenameResult
from codeorch.analysis.renaming import Rename, is_parameter
from codeorch.analysis.scopes import DefinedKind, Definer, Definition, Entity, Names, Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.languages.python.class_families import ClassFamily, families, twin_paths
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.doctests import Doctests
from codeorch.languages.python.dynamic_names import Homes, dynamic_cautions
from codeorch.languages.python.fixtures import fixture_parameters
from codeorch.languages.python.import_order import asks_for_order, in_order
from codeorch.languages.python.imports import PythonNames, dotted_path
from codeorch.languages.python.members import member_bindings
from codeorch.languages.python.module_moves import Tree
from codeorch.languages.python.nodes import is_fixture
from codeorch.languages.python.parameter_functions import ParameterFunctions
from codeorch.languages.python.rename_members import PythonMemberRename
from codeorch.languages.python.rename_modules import PythonModuleRename, module_definers
from codeorch.languages.python.rename_parameters import PythonParameterRename
from codeorch.languages.python.rename_scopes import PythonScopeRename
from codeorch.languages.python.rename_strings import StringRename, debug_notes
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonRenamer:
    """Renames in the Python files of a repository."""

    types: Types
    configs: Mapping[str, str]  # the files that name entry points
    doctests: Doctests  # whose texts are among the names
    tree: Tree

    @classmethod
    def of(cls, files: FamilyFiles) -> "PythonRenamer":
        """Make it from the Python files, and the files that name entry points."""
        names = PythonNames.of(files)
        doctests = Doctests.of(names.texts)
        texts = {**names.texts, **doctests.texts}
        types = Types(names=replace(names, texts=texts))
        tree = Tree(paths=frozenset(files.paths), unread=frozenset(files.unread))
        return cls(types=types, configs=files.configs, doctests=doctests, tree=tree)

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name; for a class's attribute, the first one."""
        paths = (path for path in self._holding(name) if path not in self.doctests.texts)
        found = [each for path in paths for each in self._in_file(path, name)]
        return [*found, *module_definers(self.types.names, name)]

    def names_of(self, name: str) -> Iterator[Names]:
        """Give the occurrences of a name, file by file."""
        return (self.types.names.names(path, name) for path in self.types.names.files_with(name))

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one name stands for; modules are a group of their own."""
        modules: dict[str, list[Definer]] = {}
        for each in definers:
            if each.kind == "module":
                modules.setdefault(each.qualified, []).append(each)
        others = [each for each in definers if each.kind != "module"]
        return [*modules.values(), *(self._groups(others) if others else ())]

    def _groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one scope defines, twins that import each other, and overrides."""
        if _are_members(definers):
            by_class = [(_class(each), each) for each in definers]
            return [
                [each for ref, each in by_class if ref in family.refs]
                for family in families(self.types, [ref for ref, _ in by_class], _name(definers[0]))
            ]
        if definers and all(each.kind == "parameter" for each in definers):
            return self._parameter_groups(definers)
        found: list[tuple[frozenset[Entity], list[Definer]]] = []
        for each in definers:
            meaning = self.types.names.resolve_binding(each.path, each.owner, _name(each))
            meaning |= self._twins(each)
            same = [group for group in found if group[0] & meaning]
            found = [group for group in found if not group[0] & meaning]
            joined = [one for group in same for one in group[1]]
            found.append((meaning.union(*(group[0] for group in same)), [*joined, each]))
        return [group for _, group in found]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        """Work out the edits that rename one group of definitions."""
        if group[0].kind == "module":
            paths = {each.path for each in group}
            twins = {other for path in paths for other in twin_paths(self.types, path)}
            modules = PythonModuleRename(
                rule=rule, names=self.types.names, configs=self.configs,
                paths=frozenset(paths | twins), tree=self.tree,
            )  # fmt: skip
            return self._in_files(modules.rename())
        strategy = self._strategy(rule, group)
        lookups = StringRename(
            rule=rule, types=self.types, configs=self.configs, evidence=strategy.looked_up
        )
        renamed = lookups.follow(strategy.rename(self._holding(rule.name)))
        homes = self._homes(group)
        cautions = dynamic_cautions(rule, self.types, homes, strategy.looked_up)
        notes = debug_notes(self.types, renamed)
        renamed = replace(
            renamed,
            cautions=(*renamed.cautions, *cautions),
            notes=(*renamed.notes, *notes),
        )
        return self._in_files(renamed)

    def _homes(self, group: Sequence[Definer]) -> Homes:
        """Say where to look for accesses whose names are put together."""
        if _are_members(group):
            family = ClassFamily(types=self.types, refs=frozenset(map(_class, group)))
            refs = family.relatives()
            words = frozenset(self.types.name_of(ref) for ref in refs) - {""}
            return Homes(paths=frozenset(ref.path for ref in refs), words=words)
        if group[0].owner[2] != TOP:
            return Homes()
        paths = frozenset(each.path for each in group)
        words = frozenset(dotted_path(path).rpartition(".")[2] for path in paths) - {""}
        return Homes(paths=paths, words=words, are_modules=True)

    def _in_files(self, renamed: RenameResult) -> RenameResult:
        """Put what was found in examples of docstrings into the files around them."""
        moved = map(self.doctests.in_file, renamed.proposals)
        tidy = self._tidy if asks_for_order(self.configs) else renamed.tidy
        return replace(renamed, proposals=tuple(filter(None, moved)), tidy=tidy)

    def _tidy(self, path: str, edits: tuple[TextEdit, ...]) -> tuple[TextEdit, ...]:
        text = self.types.names.texts.get(path)
        return in_order(text, edits) if text is not None else edits

    def _parameter_groups(self, definers: Sequence[Definer]) -> list[list[Definer]]:
        """Put together the parameters of functions that must agree on them."""
        found: list[tuple[frozenset[Definition], list[Definer]]] = []
        for each in definers:
            targets = ParameterFunctions.of(self.types, each).targets()
            own = Definition(path=each.path, owner=each.owner, name=_name(each))
            same = next((group for known, group in found if own in known), None)
            if same is not None:
                same.append(each)
            else:
                found.append((targets | {own}, [each]))
        return [group for _, group in found]

    def _twins(self, definer: Definer) -> frozenset[Entity]:
        """Give what the stub of a module says of a name, or the module of a stub."""
        if definer.owner[2] != TOP:
            return frozenset()
        exports = (
            self.types.names.resolve_export(path, _name(definer))
            for path in twin_paths(self.types, definer.path)
        )
        return frozenset[Entity]().union(*exports)

    def _strategy(
        self, rule: Rename, group: Sequence[Definer]
    ) -> PythonScopeRename | PythonMemberRename | PythonParameterRename:
        if group[0].kind == "parameter":
            functions = ParameterFunctions.of(self.types, group[0])
            scope = PythonScopeRename(
                rule=rule, types=self.types, targets=self._own(rule, group) | functions.targets()
            )
            return PythonParameterRename(rule=rule, scope=scope, functions=functions)
        if not _are_members(group):
            fixtures = tuple(_fixtures(group))
            targets = self._own(rule, group).union(
                fixture_parameters(self.types, rule, fixtures), *map(self._twins, group)
            )
            return PythonScopeRename(
                rule=rule, types=self.types, targets=targets, fixtures=fixtures
            )
        others = [
            each
            for path in self._holding(rule.name)
            for each, _ in member_bindings(self.types, path, rule.name)
        ]
        every = families(self.types, others, rule.name)
        family = next(each for each in every if _class(group[0]) in each.refs)
        alone = family.refs >= set(others)
        return PythonMemberRename(rule=rule, types=self.types, family=family, alone=alone)

    def _own(self, rule: Rename, group: Sequence[Definer]) -> frozenset[Entity]:
        return frozenset(
            Definition(path=each.path, owner=each.owner, name=rule.name) for each in group
        )

    def _holding(self, name: str) -> Iterator[str]:
        return iter(self.types.names.files_with(name))

    def _in_file(self, path: str, name: str) -> Iterator[Definer]:
        seen: set[object] = set()
        for ref, each in member_bindings(self.types, path, name):
            if ref not in seen:
                seen.add(ref)
                yield _definer(each, ref)
        for each in self.types.names.names(path, name).bindings():
            if each.owner not in seen and each.kind != "import" and each.role == "binding":
                owner = each.owner
                assert owner is not None
                if owner[2] != "class_definition":
                    seen.add(owner)
                    yield _definer(each, ClassRef(path=path, scope=owner))


def _definer(each: Occurrence, ref: ClassRef) -> Definer:
    scopes = [node for node in each.node.ancestors() if node.kind() in _NAMED]
    own = scopes[:1] if scopes and scopes[0].field("name") == each.node else []
    around = [node for node in scopes if node not in own]
    if each.role == "member":  # `self.x = ...` belongs to the class, not to the method
        around = [node for node in around if node.kind() == "class_definition"]
    names = [node.field("name") for node in reversed(around)]
    dotted = [dotted_path(each.path), *(node.text() for node in names if node)]
    return Definer(
        path=each.path,
        line=line(each.node),
        kind=_kind(each),
        qualified=".".join([*dotted, each.node.text()]),
        owner=ref.scope,
        local=any(node.kind() == "function_definition" for node in around),
        node=each.node,
    )


def _fixtures(group: Sequence[Definer]) -> Iterator["Node"]:
    """Give the functions of a group that are fixtures by their own name."""
    for each in group:
        function = each.node.parent()
        outer = function.parent() if function and each.kind == "function" else None
        if function is None or outer is None or not is_fixture(function):
            continue
        if "name=" not in outer.text().partition("def ")[0]:
            yield function


def _kind(each: Occurrence) -> DefinedKind:
    if each.kind == "variable" and is_parameter(each.node):
        return "parameter"
    return "variable" if each.kind == "import" else each.kind


def _are_members(definers: Sequence[Definer]) -> bool:
    return all(each.owner[2] == "class_definition" for each in definers)


def _class(definer: Definer) -> ClassRef:
    return ClassRef(path=definer.path, scope=definer.owner)


def _name(definer: Definer) -> str:
    return definer.node.text()


_NAMED: Final = frozenset({"function_definition", "class_definition"})
