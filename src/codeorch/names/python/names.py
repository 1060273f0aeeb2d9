"""What a name or an expression in Python code stands for, across the files of a repository.

Scopes and imports are followed exactly; the type of a value is inferred only where the text says
it: `self`, annotations, and what a class's constructor gives.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codeorch.names.entities import FOREIGN, Definition, Entity, Folder, Foreign, Module
from codeorch.names.grammars import PYTHON
from codeorch.names.parsed import Parsed, Parses, holding
from codeorch.names.python.modules import Modules
from codeorch.names.scopes import Names, Occurrence
from codeorch.names.trees import TOP, Key, is_child

if TYPE_CHECKING:
    from ast_grep_py import SgNode


_NOTHING: frozenset[Entity] = frozenset()
_DEPTH = 20  # of imports that lead to imports; a longer way is a circle


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonNames:
    """The names of a repository's Python files, read as they are asked for."""

    texts: Mapping[str, str]
    modules: Modules
    parses: Parses = field(default_factory=Parses)
    _held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _stars: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, str], parses: Parses | None = None) -> "PythonNames":
        """Make them from the text of each file, with what others have parsed of them."""
        return cls(texts=texts, modules=Modules.of(texts), parses=parses or Parses())

    def tree(self, path: str) -> "SgNode":
        """Give the root of a file's tree."""
        return self.parsed(path).root

    def parsed(self, path: str) -> Parsed:
        """Parse a file, once."""
        return self.parses.of(self.texts[path], "python")

    def holding(self, name: str) -> tuple[str, ...]:
        """Give the paths of the files that hold a name."""
        if name not in self._held:
            self._held[name] = holding(self.texts.items(), name)
        return self._held[name]

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        if name not in self.texts[path]:
            return Names(path=path, name=name, grammar=PYTHON, occurrences=())
        return self.parsed(path).names(path, name, PYTHON)

    # --------------------------------------------------------------------------- what it is

    def bound(self, path: str, owner: Key | None, name: str, depth: int = 0) -> frozenset[Entity]:
        """Say what a name means that a scope of a file binds; without a scope, by star imports."""
        if depth > _DEPTH:
            return _NOTHING
        if owner is None:
            return self._by_star(path, name, depth)
        found: set[Entity] = set()
        for each in self.names(path, name).bindings():
            if each.owner == owner:
                found.add(self._binding(each, owner, name, depth))
        return frozenset(found)

    def exported(self, path: str, name: str, depth: int = 0) -> frozenset[Entity]:
        """Say what a module gives for a name."""
        if depth > _DEPTH:
            return _NOTHING
        names = self.names(path, name)
        top = next((each.owner for each in names.bindings() if _is_top(each.owner)), None)
        found = self.bound(path, top, name, depth + 1)
        if not found and (module := self.modules.inside(path, name)):
            return frozenset({Module(path=module)})
        return found

    def imported(self, occurrence: Occurrence, depth: int = 0) -> frozenset[Entity]:
        """Say what the name in an import statement means."""
        return frozenset(self._import(occurrence, depth))

    def meaning(self, path: str, node: "SgNode") -> frozenset[Entity]:
        """Say what a name, dotted or not, means as an expression."""
        if node.kind() == "identifier":
            names = self.names(path, node.text())
            return self.bound(path, names.lookup(node), node.text())
        if node.kind() != "attribute":
            return _NOTHING
        value, name = node.field("object"), node.field("attribute")
        assert value is not None
        assert name is not None
        found: set[Entity] = set()
        for entity in self.meaning(path, value):
            if isinstance(entity, Module):
                found |= self.exported(entity.path, name.text())
            elif isinstance(entity, Folder):
                found |= self._module(f"{entity.dotted}.{name.text()}", path)
            elif isinstance(entity, Foreign):
                found.add(FOREIGN)
        return frozenset(found)

    def star_importers(self) -> Iterator[str]:
        """Give the files that import everything of some module."""
        return (path for path, text in self.texts.items() if "import *" in text)

    # --------------------------------------------------------------------------- how

    def _binding(self, each: Occurrence, owner: Key, name: str, depth: int) -> Entity:
        if each.kind == "import":
            return next(iter(self._import(each, depth)), FOREIGN)
        return Definition(path=each.path, owner=owner, name=name)

    def _import(self, occurrence: Occurrence, depth: int) -> frozenset[Entity]:
        statement = _statement(occurrence.node)
        if statement is None:
            return _NOTHING
        if statement.kind() == "import_statement":
            return self._plain_import(occurrence)
        module_name = statement.field("module_name")
        assert module_name is not None
        dotted = module_name.text().replace(" ", "")
        name = _original(occurrence.node)
        if dotted.strip(".") == "":
            package = self.modules.find(dotted, occurrence.path)
            sibling = self.modules.find(f"{dotted}{name}", occurrence.path)
            given = self.exported(package, name, depth + 1) if package else _NOTHING
            return given or (frozenset({Module(path=sibling)}) if sibling else _foreign())
        path = self.modules.find(dotted, occurrence.path)
        if path is None:
            return self._module(f"{dotted}.{name}", occurrence.path)
        return self.exported(path, name, depth + 1)

    def _plain_import(self, occurrence: Occurrence) -> frozenset[Entity]:
        parent = occurrence.node.parent()
        assert parent is not None
        dotted = occurrence.node.text()
        if parent.kind() == "aliased_import":
            original = parent.field("name")
            dotted = original.text() if original else dotted
        return self._module(dotted, occurrence.path)

    def _module(self, dotted: str, importer: str) -> frozenset[Entity]:
        path = self.modules.find(dotted, importer)
        if path is None and self.modules.holds(dotted):
            return frozenset({Folder(dotted=dotted)})
        return frozenset({Module(path=path)}) if path else _foreign()

    def _by_star(self, path: str, name: str, depth: int) -> frozenset[Entity]:
        if path not in self._stars:
            self._stars[path] = tuple(self._star_modules(path))
        found: set[Entity] = set()
        for module in self._stars[path]:
            if module != path:
                found |= self.exported(module, name, depth + 1)
        return frozenset(found)

    def _star_modules(self, path: str) -> Iterator[str]:
        if "*" not in self.texts[path] or "import" not in self.texts[path]:
            return
        for star in self.tree(path).find_all(kind="wildcard_import"):
            statement = star.parent()
            module_name = statement.field("module_name") if statement else None
            found = self.modules.find(module_name.text(), path) if module_name else None
            if found:
                yield found


def _foreign() -> frozenset[Entity]:
    return frozenset({FOREIGN})


def _is_top(owner: Key | None) -> bool:
    return owner is not None and owner[2] == TOP


def _statement(node: "SgNode") -> "SgNode | None":
    kinds = ("import_statement", "import_from_statement")
    return next((each for each in node.ancestors() if each.kind() in kinds), None)


def _original(node: "SgNode") -> str:
    """Give the name that an import of `node` takes from the other module."""
    parent = node.parent()
    if parent is not None and parent.kind() == "aliased_import" and is_child(parent, "alias", node):
        name = parent.field("name")
        return name.text() if name else node.text()
    return node.text()
