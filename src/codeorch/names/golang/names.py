"""What a name in Go stands for: a local, something of the own package, or of an imported one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codeorch.names.entities import Definition
from codeorch.names.golang.packages import Package, Packages
from codeorch.names.grammars import GO
from codeorch.names.parsed import Parsed, Parses, holding
from codeorch.names.scopes import Names, Occurrence
from codeorch.names.trees import TOP

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_VERSION: Final = re.compile(r"v\d+|.*\.v\d+")
_PACKAGE_SCOPE: Final = (0, 0, TOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoNames:
    """The names of a repository's Go files, read as they are asked for."""

    texts: Mapping[str, str]
    packages: Packages
    parses: Parses = field(default_factory=Parses)
    _held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _imports: dict[str, Mapping[str, Package | None]] = field(default_factory=dict)

    def tree(self, path: str) -> "SgNode":
        """Give the root of a file's tree."""
        return self.parsed(path).root

    def parsed(self, path: str) -> Parsed:
        """Parse a file, once."""
        return self.parses.of(self.texts[path], "go")

    def holding(self, name: str) -> tuple[str, ...]:
        """Give the paths of the files that hold a name."""
        if name not in self._held:
            self._held[name] = holding(self.texts.items(), name)
        return self._held[name]

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        if name not in self.texts[path]:
            return Names(path=path, name=name, grammar=GO, occurrences=())
        return self.parsed(path).names(path, name, GO)

    def meaning(self, each: Occurrence) -> Definition | None:
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
        if not any(True for _ in self.defined(package, name)):
            return None
        return Definition(path=f"{package.folder}#{package.name}", owner=_PACKAGE_SCOPE, name=name)

    def defined(self, package: Package, name: str) -> Iterator[Occurrence]:
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

    def is_module(self, path: str, node: "SgNode") -> bool:
        """Whether a name stands for an imported package."""
        imported = node.text() in self.imports(path)
        return imported and self.names(path, node.text()).lookup(node) is None

    def is_foreign(self, path: str, node: "SgNode") -> bool:
        """Whether a name is a package from outside of the repository."""
        return self.is_module(path, node) and self.imports(path)[node.text()] is None

    def returned(self, path: str, function: "SgNode") -> tuple[str, "SgNode"] | None:
        """Give the first declared result of a function that a package defines, and its file."""
        name = function.field("field") or function
        each = next((o for o in self.names(path, name.text()).occurrences if o.node == name), None)
        package = self.packages.of_file.get(path)
        if each is not None and each.role == "member":
            package = self.qualifier(each)
        for definition in self.defined(package, name.text()) if package else ():
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
            package = self.packages.imported("/".join(parts))
            last = parts[-2] if len(parts) > 1 and _VERSION.fullmatch(parts[-1]) else parts[-1]
            if alias is not None or package is not None:
                yield (alias.text() if alias else package.name if package else ""), package
            else:  # its name may be any part of that: `toml` of `go-toml`
                yield from ((name, None) for name in {last, *re.split(r"[-.]", last)})
