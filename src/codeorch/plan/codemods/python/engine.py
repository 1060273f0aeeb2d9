"""The Python engine: finds definitions, puts together what must agree, renames."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codeorch.names.entities import DefinedKind, Definer, Definition, Entity
from codeorch.names.python.members import member_bindings
from codeorch.names.python.modules import dotted_path
from codeorch.names.python.names import PythonNames
from codeorch.names.python.types import ClassRef, Types
from codeorch.names.scopes import Occurrence
from codeorch.names.trees import line
from codeorch.plan.codemods.python.lookups import Lookups
from codeorch.plan.codemods.python.members import Members, families
from codeorch.plan.codemods.python.scoped import Scoped
from codeorch.plan.codemods.renaming import Rename, Renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonEngine:
    """Renames in the Python files of a repository."""

    types: Types
    configs: Mapping[str, str]  # the files that name entry points

    @classmethod
    def of(cls, texts: Mapping[str, str], configs: Mapping[str, str]) -> "PythonEngine":
        """Make it from the text of each Python file, and of the configuration files."""
        return cls(types=Types(names=PythonNames.of(texts)), configs=configs)

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name; for a class's attribute, the first one."""
        return [each for path in self._holding(name) for each in self._in_file(path, name)]

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put together what one scope defines, twins that import each other, and overrides."""
        if _are_members(definers):
            by_class = [(_class(each), each) for each in definers]
            return [
                [each for ref, each in by_class if ref in family]
                for family in families(self.types, [ref for ref, _ in by_class])
            ]
        found: list[tuple[frozenset[Entity], list[Definer]]] = []
        for each in definers:
            meaning = self.types.names.bound(each.path, each.owner, _name(each))
            same = [group for group in found if group[0] & meaning]
            found = [group for group in found if not group[0] & meaning]
            joined = [one for group in same for one in group[1]]
            found.append((meaning.union(*(group[0] for group in same)), [*joined, each]))
        return [group for _, group in found]

    def rename(self, rule: Rename, group: Sequence[Definer]) -> Renamed:
        """Work out the edits that rename one group of definitions."""
        strategy = self._strategy(rule, group)
        lookups = Lookups(
            rule=rule, types=self.types, configs=self.configs, is_ours=strategy.is_looked_up
        )
        return lookups.follow(strategy.rename(self._holding(rule.name)))

    def _strategy(self, rule: Rename, group: Sequence[Definer]) -> Scoped | Members:
        if not _are_members(group):
            targets = frozenset(
                Definition(path=each.path, owner=each.owner, name=rule.name) for each in group
            )
            return Scoped(rule=rule, types=self.types, targets=targets)
        others = [
            each
            for path in self._holding(rule.name)
            for each, _ in member_bindings(self.types, path, rule.name)
        ]
        family = next(each for each in families(self.types, others) if _class(group[0]) in each)
        alone = family >= set(others)
        return Members(rule=rule, types=self.types, family=family, alone=alone)

    def _holding(self, name: str) -> Iterator[str]:
        return iter(self.types.names.holding(name))

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


def _kind(each: Occurrence) -> DefinedKind:
    return "variable" if each.kind == "import" else each.kind


def _are_members(definers: Sequence[Definer]) -> bool:
    return all(each.owner[2] == "class_definition" for each in definers)


def _class(definer: Definer) -> ClassRef:
    return ClassRef(path=definer.path, scope=definer.owner)


def _name(definer: Definer) -> str:
    return definer.node.text()


_NAMED = frozenset({"function_definition", "class_definition"})
