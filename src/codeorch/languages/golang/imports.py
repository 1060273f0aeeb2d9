"""Import path -> package of the repository; name in Go -> what it stands for across files."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.parse_cache import ParseCache, ParsedText, paths_with
from codeorch.analysis.scopes import Definition, Names, Occurrence
from codeorch.languages.golang.facts import LANGUAGE, SCOPES

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


_CLAUSE: Final = re.compile(r"(?m)^package\s+(\w+)")
_MODULE: Final = re.compile(r"(?m)^module\s+\"?([^\s\"]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package: the files of a folder with the same package clause."""

    folder: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """The packages of a repository."""

    of_file: Mapping[str, Package]
    files: Mapping[Package, tuple[str, ...]]
    modules: Mapping[str, str]  # module path -> folder of its go.mod

    @classmethod
    def of(cls, texts: Mapping[str, str], go_mods: Mapping[str, str]) -> "Packages":
        """Index Go files by folder and package clause, with the text of the go.mod files."""
        of_file = {
            path: Package(folder=dirname(path), name=found[1])
            for path, text in texts.items()
            if (found := _CLAUSE.search(text))
        }
        files: dict[Package, list[str]] = defaultdict(list)
        for path, package in sorted(of_file.items()):
            files[package].append(path)
        modules = {
            found[1]: dirname(path)
            for path, text in go_mods.items()
            if (found := _MODULE.search(text))
        }
        return cls(
            of_file=of_file,
            files={package: tuple(paths) for package, paths in files.items()},
            modules=modules,
        )

    def find(self, path: str) -> Package | None:
        """Find the package that an import path means; None when it is not in this repository."""
        for module in sorted(self.modules, key=len, reverse=True):
            if path == module or path.startswith(f"{module}/"):
                folder = normpath(join(self.modules[module], path[len(module) :].lstrip("/")))
                return self._in("" if folder == "." else folder)
        if self.modules:
            return None
        folders = {package.folder for package in self.files}
        fitting = [each for each in folders if each and path.endswith(f"/{each}")]
        return self._in(max(fitting, key=len)) if fitting else None

    def _in(self, folder: str) -> Package | None:
        found = [each for each in self.files if each.folder == folder]
        plain = [each for each in found if not each.name.endswith("_test")]
        return _first(plain or found)


def _first(packages: Iterable[Package]) -> Package | None:
    return next(iter(packages), None)


_VERSION: Final = re.compile(r"v\d+|.*\.v\d+")
_PACKAGE_SCOPE: Final = (0, 0, TOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoNames:
    """The names of a repository's Go files, read as they are asked for."""

    texts: Mapping[str, str]
    packages: Packages
    parses: ParseCache = field(default_factory=ParseCache)
    _paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _imports: dict[str, Mapping[str, Package | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: FamilyFiles) -> "GoNames":
        """Make them from the Go files, and the go.mod files."""
        texts = files.plain()
        packages = Packages.of(texts, files.configs)
        return cls(texts=texts, packages=packages, parses=files.parses)

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

    def resolve(self, each: Occurrence) -> Definition | None:
        """Say what an occurrence means; None when this repository does not define it."""
        name = each.node.text()
        if each.role == "member":
            package = self.qualifier(each)
            return self.of_package(package, name) if package else None
        if each.role not in ("binding", "use"):
            return None
        owner = self.names(each.path, name).owner(each)
        if owner is not None and owner[2] != TOP:
            return Definition(path=each.path, owner=owner, name=name)
        package = self.packages.of_file.get(each.path)
        own = self.of_package(package, name) if package else None
        dotted = self.imports(each.path).get(".")
        return own or (self.of_package(dotted, name) if dotted else None)

    def of_package(self, package: Package, name: str) -> Definition | None:
        """Find a name that a package defines."""
        if not any(True for _ in self.definitions(package, name)):
            return None
        return Definition(path=f"{package.folder}#{package.name}", owner=_PACKAGE_SCOPE, name=name)

    def definitions(self, package: Package, name: str) -> Iterator[Occurrence]:
        """Give the places where a package defines a name."""
        for path in self.packages.files.get(package, ()):
            for each in self.names(path, name).bindings():
                if each.owner is not None and each.owner[2] == TOP:
                    yield each

    def qualifier(self, each: Occurrence) -> Package | None:
        """Find the package in front of a qualified name: `pkg.Name`."""
        parent = each.node.parent()
        value = (parent.field("operand") or parent.field("package")) if parent else None
        if value is None or value.kind() not in ("identifier", "package_identifier"):
            return None
        if not self.is_module(each.path, value):
            return None
        return self.imports(each.path)[value.text()]

    def is_module(self, path: str, node: "Node") -> bool:
        """Whether a name stands for an imported package."""
        imported = node.text() in self.imports(path)
        return imported and self.names(path, node.text()).lookup(node) is None

    def is_foreign(self, path: str, node: "Node") -> bool:
        """Whether a name is a package from outside of the repository."""
        return self.is_module(path, node) and self.imports(path)[node.text()] is None

    def return_type(self, path: str, function: "Node") -> tuple[str, "Node"] | None:
        """Give the first declared result of a function that a package defines, and its file."""
        name = function.field("field") or function
        each = next((o for o in self.names(path, name.text()).occurrences if o.node == name), None)
        package = self.packages.of_file.get(path)
        if each is not None and each.role == "member":
            package = self.qualifier(each)
        for definition in self.definitions(package, name.text()) if package else ():
            holder = definition.node.parent()
            result = holder.field("result") if holder else None
            if result is not None and result.kind() == "parameter_list":
                result = next((part.field("type") for part in result.named_children()), None)
            if result is not None:
                return definition.path, result
        return None

    def imports(self, path: str) -> Mapping[str, Package | None]:
        """Read a file's imports, by the name they go by in it; None = not in this repository."""
        if path not in self._imports:
            self._imports[path] = dict(self._read_imports(path))
        return self._imports[path]

    def _read_imports(self, path: str) -> Iterator[tuple[str, Package | None]]:
        for spec in self.tree(path).find_all(kind="import_spec"):
            source, alias = spec.field("path"), spec.field("name")
            if source is None:
                continue
            parts = source.text().strip('"`').split("/")
            package = self.packages.find("/".join(parts))
            last = parts[-2] if len(parts) > 1 and _VERSION.fullmatch(parts[-1]) else parts[-1]
            if alias is not None or package is not None:
                yield (alias.text() if alias else package.name if package else ""), package
            else:  # its name may be any part of that: `toml` of `go-toml`
                yield from ((name, None) for name in {last, *re.split(r"[-.]", last)})
