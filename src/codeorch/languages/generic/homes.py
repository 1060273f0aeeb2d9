"""Definition of a table language -> the path that leads to it; path of a use -> whose it is."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from posixpath import basename
from typing import TYPE_CHECKING, Final, Literal, Protocol

from codeorch.analysis.ast_grep import of_kinds, words
from codeorch.analysis.syntax_tables import SyntaxTables
from codeorch.languages.generic.import_paths import FileImports, Path, in_import

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node
    from codeorch.analysis.scopes import Definer

Origin = Literal["ours", "other", "unknown"]
_PACKAGES: Final = words("package_declaration package_header package_clause")
_NAMED: Final = words(
    """mod_item namespace_definition namespace_declaration class_declaration interface_declaration
    enum_declaration record_declaration annotation_type_declaration object_definition
    class_definition object_declaration class_specifier struct_specifier"""
)
_RELATIVE: Final = words("crate self super Self")
_LIBRARIES: Final = words("std core alloc proc_macro")
_CRATE: Final = re.compile(r'(?m)^name\s*=\s*"([\w-]+)"')
_FILES: Final = words("lib main mod")


class PathSources(Protocol):
    """Files of one family, and what their imports and paths are read by."""

    @property
    def texts(self) -> Mapping[str, tuple[str, str]]:
        """The name of its grammar and the text of each file, by path."""
        ...

    @property
    def tables(self) -> SyntaxTables:
        """How the family writes scopes, classes and paths."""
        ...

    @property
    def crates(self) -> frozenset[str]:
        """The names of the repository's own packages."""
        ...

    @property
    def modules(self) -> frozenset[str]:
        """The names of the repository's own modules."""
        ...

    def tree(self, path: str) -> "Node":
        """Give the root of a file's tree."""
        ...

    def imports(self, path: str) -> FileImports:
        """Read what a file imports."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Says whether a path leads to one of some definitions of one name."""

    sources: PathSources
    homes: Collection[Path]  # what stands in front of the name, seen from outside
    alone: bool  # whether nothing else in the repository is called so
    others: Collection[Path] = ()  # the same of other definitions of the name

    @classmethod
    def of(
        cls,
        sources: PathSources,
        definers: Iterable["Definer"],
        *,
        alone: bool,
        others: Iterable["Definer"] = (),
    ) -> "Homes":
        """Make it of the places that define the name, and of those that define another one."""
        homes = {_home(sources, each) for each in definers}
        rest = {_home(sources, each) for each in others if not each.local} - homes
        return cls(sources=sources, homes=homes, alone=alone, others=rest)

    def origin(self, path: str, node: "Node") -> Origin:
        """Judge a use that no scope of its own file binds."""
        before = self.sources.imports(path).path_before(node)
        if before is None:
            return "other"
        if not before:
            return self._of_bare(path, node)
        match self.sources.tables.paths:
            case "packages":
                return self._by_package(before)
            case "modules":
                return self._by_whole_path(path, node, before) or self.by_module(before)
            case _:
                fits = any(home[-len(before) :] == before for home in self.homes)
                return "ours" if fits or self.alone else "unknown"

    def _by_package(self, before: Path) -> Origin:
        fits = any(home == before or home[-len(before) :] == before for home in self.homes)
        return "ours" if fits else "other"

    def _by_whole_path(self, path: str, node: "Node", before: Path) -> Origin | None:
        """Judge a path of Rust from where it stands; None where it leads to no definition here.

        See https://doc.rust-lang.org/reference/paths.html#path-qualifiers
        """
        here = (*package_of(self.sources, path), *_around(node))
        ups = before.count("super")
        rest = tuple(part for part in before if part not in ("self", "super"))
        if before[0] == "crate" or before[0] in self.sources.crates:
            found = {before[1:]}
        elif ups:
            found = {(*here[: len(here) - ups], *rest)}
        elif before[0] == "self":
            found = {(*here, *rest)}
        else:
            found = {before, (*here, *before)}
        if found & set(self.homes):
            return "ours"
        return "other" if found & set(self.others) else None

    def by_module(self, before: Path) -> Origin:
        """Judge a path of Rust."""
        if before[0] in _LIBRARIES:
            return "other"
        inner = tuple(part for part in before if part not in _RELATIVE)
        if inner and inner[0] in self.sources.crates:
            inner = inner[1:]
        elif self.sources.crates and inner == before and inner[0] not in self.sources.modules:
            return "other"  # another crate's
        if any(home[-len(inner) :] == inner for home in self.homes) if inner else self.alone:
            return "ours"
        return "unknown"

    def _of_bare(self, path: str, node: "Node") -> Origin:
        if in_import(node):
            return "unknown"
        plain: Origin = "ours" if self.alone else "unknown"
        match self.sources.tables.paths:
            case "packages":
                return self._in_sight(path)
            case "modules":
                wildcards = self.sources.imports(path).wildcards
                own = any(self.by_module(one) != "other" for one in wildcards)
                imported = node.text() in self.sources.imports(path).aliases
                return plain if own or imported else "unknown"
            case _:
                return plain

    def _in_sight(self, path: str) -> Origin:
        """Judge a bare name of Java: of its own package, or of one that it takes all of."""
        own = package_of(self.sources, path)
        seen = [own, *self.sources.imports(path).wildcards]
        return "ours" if any(home in seen for home in self.homes) else "unknown"


def _home(sources: PathSources, definer: "Definer") -> Path:
    return (*package_of(sources, definer.path), *_around(definer.node))


def package_of(sources: PathSources, path: str) -> Path:
    """Return the path by which others reach what a file defines."""
    if sources.tables.paths == "modules":
        parts = path.removesuffix(".rs").split("/")
        inner = parts[parts.index("src") + 1 :] if "src" in parts else parts[-1:]
        return tuple(part for part in inner if part not in _FILES)
    language, _ = sources.texts[path]
    for node in of_kinds(sources.tree(path), _PACKAGES, language):
        return tuple(re.findall(r"\w+", node.text())[1:])
    return ()


def is_foreign_path(sources: PathSources, before: Path) -> bool:
    """Whether a path leads out of the repository, as far as its language tells."""
    if not before:
        return False
    match sources.tables.paths:
        case "modules":
            homes = Homes(sources=sources, homes=(), alone=False)
            return homes.by_module(before) == "other"
        case "packages":
            own = {package_of(sources, path) for path in sources.texts} - {()}
            nested = before[0][:1].isupper()
            return not nested and not any(before[: len(one)] == one for one in own)
        case _:
            return False


def modules_of(sources: PathSources) -> frozenset[str]:
    """Return the names of all modules that a Rust project has."""
    inline = (
        name.text()
        for path in sources.texts
        for node in of_kinds(sources.tree(path), words("mod_item"), sources.texts[path][0])
        if (name := node.field("name"))
    )
    files = (part for path in sources.texts for part in package_of(sources, path))
    return frozenset((*inline, *files))


def crates_of(configs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the names of a repository's own crates, by its Cargo.toml files."""
    texts = [text for path, text in configs if basename(path) == "Cargo.toml"]
    names = (found[1] for text in texts for found in _CRATE.finditer(text))
    return frozenset(name.replace("-", "_") for name in names)


def _around(node: "Node") -> Path:
    """Return the names of the modules and classes around a definition, outer ones first."""
    names = [
        name.text()
        for each in node.ancestors()
        if each.kind() in _NAMED and (name := each.field("name")) and name != node
    ]
    return tuple(reversed(names))
