"""Import statement -> file, by the layout of paths; name -> what it stands for across files.

Scopes and imports are followed exactly; the type of a value is inferred only where the text says
it: `self`, annotations, and what a class's constructor gives.
"""

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import commonpath, dirname
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import TOP, Key, is_child
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.parse_cache import ParseCache, ParsedText, paths_with
from codeorch.analysis.scopes import (
    FOREIGN,
    Definition,
    Entity,
    Folder,
    Foreign,
    Module,
    Names,
    Occurrence,
)
from codeorch.languages.python.facts import LANGUAGE, SCOPES

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonModules:
    """The Python modules of a repository, by every dotted name that could import them."""

    paths: frozenset[str]
    by_name: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Iterable[str]) -> "PythonModules":
        """Index the modules that lie at these paths."""
        known = frozenset(paths)
        by_name: dict[str, list[str]] = defaultdict(list)
        for path in sorted(known):
            parts = dotted_path(path).split(".")
            for start in range(len(parts)):
                root = "/".join(path.split("/")[:start])
                # A folder that is a package itself is no place to import from.
                if not start or f"{root}/__init__.py" not in known:
                    by_name[".".join(parts[start:])].append(path)
        return cls(paths=known, by_name=dict(by_name))

    def find(self, dotted: str, importer: str) -> str | None:
        """Find the file of a module; of several, the one nearest to the importing file."""
        if dotted.startswith("."):
            return self._relative(dotted, importer)
        found = self.by_name.get(dotted, [])
        return min(found, key=lambda path: _distance(path, importer), default=None)

    def holds(self, dotted: str) -> bool:
        """Whether modules lie in a folder of this dotted name."""
        return any(name.startswith(f"{dotted}.") for name in self.by_name)

    def is_there(self, dotted: str, importer: str) -> bool:
        """Whether an import of this name finds a module, or a folder that holds modules."""
        if self.find(dotted, importer) is not None:
            return True
        if not dotted.startswith("."):
            return self.holds(dotted)
        folder = self._stem(dotted, importer)
        return any(path.startswith(f"{folder}/") for path in self.paths) or not folder

    def inside(self, package: str, name: str) -> str | None:
        """Find the module called `name` in the package whose `__init__` file is given."""
        if not package.endswith(("__init__.py", "__init__.pyi")):
            return None
        return self._at(f"{dirname(package)}/{name}", package)

    def _relative(self, dotted: str, importer: str) -> str | None:
        return self._at(self._stem(dotted, importer), importer)

    def _stem(self, dotted: str, importer: str) -> str:
        rest = dotted.lstrip(".")
        folder = importer
        for _ in range(len(dotted) - len(rest)):
            folder = dirname(folder)
        return "/".join(part for part in (folder, *rest.split(".")) if part)

    def _at(self, stem: str, importer: str) -> str | None:
        stem = stem.lstrip("/")
        ends = (".py", "/__init__.py", ".pyi", "/__init__.pyi")
        if importer.endswith(".pyi"):  # a stub speaks of what other stubs declare
            ends = (*ends[2:], *ends[:2])
        return next((stem + end for end in ends if stem + end in self.paths), None)


def is_module(path: str) -> bool:
    """Whether a path is one that an import may find."""
    return path.endswith((".py", ".pyi"))


def dotted_path(path: str) -> str:
    """Write a path as a dotted name: `src/shop/__init__.py` as `src.shop`."""
    stem = path.removesuffix(".pyi").removesuffix(".py").removesuffix("/__init__")
    return stem.replace("/", ".")


def _distance(path: str, importer: str) -> tuple[int, bool, int, str]:
    common = (
        commonpath([dirname(path) or ".", dirname(importer) or "."]) if path and importer else ""
    )
    other_kind = path.endswith(".pyi") != importer.endswith(".pyi")
    return -len(common), other_kind, len(path), path


_NOTHING: frozenset[Entity] = frozenset()
_DEPTH = 20  # of imports that lead to imports; a longer way is a circle


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonNames:
    """The names of a repository's Python files, read as they are asked for."""

    texts: Mapping[str, str]
    modules: PythonModules
    parses: ParseCache = field(default_factory=ParseCache)
    _paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _stars: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: FamilyFiles) -> "PythonNames":
        """Make them from the Python files, with what others have parsed of them."""
        texts = files.plain()
        return cls(texts=texts, modules=PythonModules.of(texts), parses=files.parses)

    def tree(self, path: str) -> "Node":
        """Give the root of a file's tree."""
        return self.parse(path).root

    def parse(self, path: str) -> ParsedText:
        """Parse a file, once."""
        return self.parses.of(self.texts[path], LANGUAGE.ast_grep)

    def files_with(self, name: str) -> tuple[str, ...]:
        """Give the paths of the files that hold a name."""
        if name not in self._paths:
            self._paths[name] = paths_with(self.texts.items(), name)
        return self._paths[name]

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        if name not in self.texts[path]:
            return Names(path=path, name=name, grammar=SCOPES, occurrences=())
        return self.parse(path).names(path, name, SCOPES)

    # --------------------------------------------------------------------------- what it is

    def resolve_binding(
        self, path: str, owner: Key | None, name: str, depth: int = 0
    ) -> frozenset[Entity]:
        """Say what a name means that a scope of a file binds; without a scope, by star imports."""
        if depth > _DEPTH:
            return _NOTHING
        if owner is None:
            return self._by_star(path, name, depth)
        found: set[Entity] = set()
        for each in self.names(path, name).bindings():
            if each.owner == owner:
                found |= self._binding(each, owner, name, depth)
        return frozenset(found)

    def resolve_export(self, path: str, name: str, depth: int = 0) -> frozenset[Entity]:
        """Say what a module gives for a name."""
        if depth > _DEPTH:
            return _NOTHING
        names = self.names(path, name)
        top = next((each.owner for each in names.bindings() if _is_top(each.owner)), None)
        found = self.resolve_binding(path, top, name, depth + 1)
        if not found and (module := self.modules.inside(path, name)):
            return frozenset({Module(path=module)})
        return found

    def resolve_import(self, occurrence: Occurrence, depth: int = 0) -> frozenset[Entity]:
        """Say what the name in an import statement means."""
        return frozenset(self._import(occurrence, depth))

    def resolve(self, path: str, node: "Node") -> frozenset[Entity]:
        """Say what a name, dotted or not, means as an expression."""
        if node.kind() == "identifier":
            names = self.names(path, node.text())
            return self.resolve_binding(path, names.lookup(node), node.text())
        if node.kind() != "attribute":
            return _NOTHING
        value, name = node.field("object"), node.field("attribute")
        assert value is not None
        assert name is not None
        return self.attribute(self.resolve(path, value), name.text(), path)

    def attribute(self, owners: Iterable[Entity], name: str, importer: str) -> frozenset[Entity]:
        """Say what an attribute of modules and packages means."""
        found: set[Entity] = set()
        for entity in owners:
            if isinstance(entity, Module):
                found |= self.resolve_export(entity.path, name)
            elif isinstance(entity, Folder):
                found |= self._module(f"{entity.dotted}.{name}", importer)
            elif isinstance(entity, Foreign):
                found.add(FOREIGN)
        return frozenset(found)

    # --------------------------------------------------------------------------- how

    def _binding(self, each: Occurrence, owner: Key, name: str, depth: int) -> frozenset[Entity]:
        """Say what one place binds a name to: a module may give one of several things for it."""
        if each.kind == "import":
            return self._import(each, depth) or _foreign()
        return frozenset({Definition(path=each.path, owner=owner, name=name)})

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
            given = self.resolve_export(package, name, depth + 1) if package else _NOTHING
            return given or (frozenset({Module(path=sibling)}) if sibling else _foreign())
        path = self.modules.find(dotted, occurrence.path)
        if path is None:
            return self._module(f"{dotted}.{name}", occurrence.path)
        return self.resolve_export(path, name, depth + 1)

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
                found |= self.resolve_export(module, name, depth + 1)
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


def _statement(node: "Node") -> "Node | None":
    kinds = ("import_statement", "import_from_statement")
    return next((each for each in node.ancestors() if each.kind() in kinds), None)


def _original(node: "Node") -> str:
    """Give the name that an import of `node` takes from the other module."""
    parent = node.parent()
    if parent is not None and parent.kind() == "aliased_import" and is_child(parent, "alias", node):
        name = parent.field("name")
        return name.text() if name else node.text()
    return node.text()


# ------------------------------------------------------------------------------- import roots


def import_roots(paths: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return the folders from which absolute imports find packages, in the order of search.

    Each is given with the names that imports from it may begin with. A package is a folder with an
    `__init__` file; the folder around the outermost one is a root, and so are `src` and the top.
    An inner root is searched before those around it, so that a file goes by the name that others
    import it by; it comes last when another root has a name of its own, and is none when it would
    hide a module of the standard library.
    """
    packages = {dirname(path) for path in paths if dotted_path(path) == _dotted(dirname(path))}
    roots = {dirname(each) for each in packages if each and dirname(each) not in packages}
    roots |= {"src" for path in paths if path.startswith("src/")} - packages
    names = {root: _names_in(root, paths) for root in roots | {""}}
    first, last, taken = [""], list[str](), set(names[""])
    for root in sorted(roots - {""}, key=lambda root: (root.count("/"), root))[:_MAX_ROOTS]:
        if names[root] & sys.stdlib_module_names:
            continue
        if names[root] & taken:
            last.append(root)
        else:
            first.insert(0, root)
        taken |= names[root]
    return {root: names[root] for root in (*first, *last)}


def _names_in(root: str, paths: Iterable[str]) -> frozenset[str]:
    start = len(root) + 1 if root else 0
    inside = (path for path in paths if not root or path.startswith(f"{root}/"))
    return frozenset(dotted_path(path[start:]).split(".")[0] for path in inside)


def _dotted(folder: str) -> str:
    return folder.replace("/", ".")


_MAX_ROOTS = 40  # each import is tried in each of them
