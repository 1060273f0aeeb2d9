"""Snapshot -> the reader of Go: packages exactly, members by receivers, interfaces by methods."""

import re
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import TOP, is_child, line, of_kind, span
from codeorch.analysis.class_hierarchy import class_name
from codeorch.analysis.class_index import ClassIndex, ClassReader
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.scopes import Occurrence
from codeorch.analysis.signatures import ANYTHING, call_of, signature_of
from codeorch.analysis.use_sites import CallTarget, SourceSymbol, Use, UseSite
from codeorch.languages.golang.facts import (
    BUILTINS,
    CALLS,
    COMMON,
    INTERFACES,
    TYPES,
    embedded_types,
)
from codeorch.languages.golang.imports import GoNames, Package

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class GoReader(ClassReader):
    """What the names in the Go files of a snapshot stand for."""

    names: GoNames

    @classmethod
    def of(cls, files: FamilyFiles) -> "GoReader":
        """Make it from the Go files, and the go.mod files."""
        names = GoNames.of(files)
        objects = ClassIndex(sources=names, table=TYPES, calls=CALLS, derived=embedded_types)
        found = cls(names=names, objects=objects)
        return replace(found, objects=replace(objects, visible=found.is_visible))

    def is_visible(self, path: str, name: str) -> bool:
        """Whether a type is of a file's own package."""
        own = self.names.packages.of_file.get(path)
        homes = (home for home, _ in self.objects.classes(name))
        return any(self.names.packages.of_file.get(home) == own for home in homes)

    @property
    def standard(self) -> frozenset[str]:
        """Members that values of the language itself have."""
        return INTERFACES | COMMON

    def module_names(self, path: str) -> Iterator[str]:
        """Give the words by which imports name the package at a path."""
        yield basename(dirname(path))

    def definers(self, name: str) -> Mapping[str, int]:
        """Count what defines a member, by the type around it."""
        return Counter(each.parent for each in self.objects.members(name))

    def receivers(self, path: str, name: str) -> frozenset[str]:
        """Name what stands in front of a member of this name in a file, as written."""
        if path not in self.names.texts:
            return frozenset()
        found = self.names.names(path, name).occurrences
        values = (_receiver(each.node) for each in found if each.role == "member")
        return frozenset(value.text() for value in values if value is not None)

    # --------------------------------------------------------------------------- names

    def unresolved_uses(self, path: str, name: str) -> Iterator[Use]:
        """Give the uses of a name that stand for nothing, or for nobody knows what."""
        found = self.names.names(path, name)
        for each in found.occurrences:
            match each.role:
                case "use" if name not in BUILTINS and self._is_unbound(each):
                    yield Use.of(each, "name", "sure", f"this package has no `{name}`")
                case "member":
                    yield from self._member(each)
                case "key":
                    yield from self._key(each)
                case _:
                    pass

    def unresolved_imports(self, path: str) -> Iterator[Use]:
        """Give the imports of a file whose package is not there."""
        for spec in of_kind(self.names.tree(path), "import_spec"):
            source = spec.field("path")
            written = source.text().strip('"`') if source else ""
            modules = self.names.packages.modules
            own = any(written == one or written.startswith(f"{one}/") for one in modules)
            if own and self.names.packages.find(written) is None:
                yield Use(
                    path=path, name=basename(written), line=line(spec), start=span(spec)[0],
                    role="module", certainty="sure", receiver=written,
                    why=f"there is no package `{written}`",
                )  # fmt: skip

    def _is_unbound(self, each: Occurrence) -> bool:
        name = each.node.text()
        owner = self.names.names(each.path, name).owner(each)
        imports = self.names.imports(each.path)
        if owner is not None or name in imports or "." in imports:
            return False
        return each.path in self.names.packages.of_file and self.names.resolve(each) is None

    def _member(self, each: Occurrence) -> Iterator[Use]:
        value = _receiver(each.node)
        if value is None:
            return
        if value.kind() in ("identifier", "package_identifier") and self.names.is_module(
            each.path, value
        ):
            package = self.names.qualifier(each)
            if package is not None and self.names.resolve(each) is None:
                why = f"package `{package.name}` has no `{each.node.text()}`"
                yield Use.of(each, "member", "sure", why, value.text())
            return
        yield from self.objects.member(each, value)

    def _key(self, each: Occurrence) -> Iterator[Use]:
        """Read a key of a composite literal: a field of the type in front of it."""
        literal = next(
            (node for node in each.node.ancestors() if node.kind() == "composite_literal"), None
        )
        declared = literal.field("type") if literal else None
        if declared is None:
            return
        while declared.kind() in ("slice_type", "array_type", "map_type"):
            inner = declared.field("element") or declared.field("value")
            if inner is None:
                return
            declared = inner
        types = self.objects.receivers.classes_of_type(each.path, declared)
        if not all(
            _is_struct(node) for one in types or () for _, node in self.objects.classes(one)
        ):
            return  # a map of that name: its keys are values
        told = [self.objects.has(one, each.node.text()) for one in types or ()]
        if types is None or None in told:
            yield Use.of(each, "member", receiver=declared.text())
        elif told and not any(told):
            why = f"`{declared.text()}` has no `{each.node.text()}`"
            yield Use.of(each, "member", "likely", why, declared.text())

    # --------------------------------------------------------------------------- calls

    def call_names(self, place: SourceSymbol) -> Iterator[str]:
        """Give the name by which a function is called."""
        yield place.symbol.name

    def overrides(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find the methods of the types that have all methods of an interface."""
        found = self.objects.classes(place.owner) if place.owner else ()
        for node in (node for path, node in found if path == place.path and _is_interface(node)):
            for each in self.objects.members(name):
                if each.parent != place.owner:
                    home = dirname(each.path), each.parent
                    told = self._implements(home, node, {name, place.symbol.name})
                    if told is not None:
                        yield replace(self.objects.target(each), plain=told)

    def base_definitions(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find the methods of the interfaces that a type has all methods of."""
        needed = not self._is_interface(place.owner)
        for each in self.objects.members(name) if place.owner else ():
            node = next((n for n in each.node.ancestors() if n.kind() == "type_spec"), None)
            if node is not None and each.parent != place.owner and _is_interface(node):
                home = dirname(place.path), place.owner
                told = self._implements(home, node, {name, place.symbol.name})
                if told is not None:
                    yield replace(self.objects.target(each), plain=told, needed=needed)

    def _implements(
        self, home: tuple[str, str], interface: "Node", apart: Collection[str]
    ) -> bool | None:
        """Whether a type of a folder is surely meant to be an interface; None if it lacks a method.

        Some are left apart. What is left tells it, or a statement such as `var _ I = T{}`.
        """
        needed = {each.text() for each in _methods(interface)}.difference(apart)
        if not all(self._has(home, one) for one in needed):
            return None
        name = class_name(interface, TYPES)
        stated = re.compile(rf"\bvar _ (?:\w+\.)?{name}\s*=.*\b{home[1]}\b")
        texts = (self.names.texts[path] for path in self.names.files_with(name))
        return bool(needed) or any(stated.search(text) for text in texts)

    def _has(self, home: tuple[str, str], name: str) -> bool:
        return any((dirname(e.path), e.parent) == home for e in self.objects.members(name))

    def _is_interface(self, name: str) -> bool:
        return bool(name) and any(_is_interface(node) for _, node in self.objects.classes(name))

    def call_texts(self, path: str) -> Counter[str]:
        """Count the calls of a file by their text."""
        calls = of_kind(self.names.tree(path), "call_expression")
        return Counter(each.text() for each in calls)

    def sites(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[UseSite]:
        """Give the places that call a name or hand it on, or only calls of certain texts."""
        for each in self.names.names(path, name).occurrences:
            if each.role not in ("use", "member"):
                continue
            callee = each.node.parent() if _receiver(each.node) is not None else each.node
            assert callee is not None
            outer = callee.parent()
            called = outer is not None and outer.kind() == "call_expression"
            call = outer if called and outer and is_child(outer, "function", callee) else None
            if among is None or (call is not None and call.text() in among):
                yield self._site(each, callee, call)

    def _site(self, each: Occurrence, callee: "Node", call: "Node | None") -> UseSite:
        value = _receiver(each.node)
        found = self._targets(each, value)
        exact = found is not None
        if found is None:
            found = tuple(map(self.objects.target, self.objects.members(each.node.text())))
        return UseSite(
            path=each.path, line=line(each.node), start=span(each.node)[0], name=each.node.text(),
            text=(call or callee).text(), call=call_of(call, CALLS) if call else None,
            targets=found, exact=exact, receiver=value.text() if value else "",
        )  # fmt: skip

    def _targets(self, each: Occurrence, value: "Node | None") -> tuple[CallTarget, ...] | None:
        """Find what is called; None when only the name is known."""
        name = each.node.text()
        if value is None:
            owner = self.names.names(each.path, name).owner(each)
            own = self.names.packages.of_file.get(each.path)
            local = owner is not None and owner[2] != TOP
            return () if local or own is None else tuple(self._definition_targets(own, name))
        if self.names.is_module(each.path, value):
            package = self.names.qualifier(each)
            return tuple(self._definition_targets(package, name)) if package else ()
        classes = self.objects.receivers.of(each.path, value)
        if classes is None:
            return None
        return tuple(target for one in classes for target in self.objects.methods(one, name))

    def _definition_targets(self, package: Package, name: str) -> Iterator[CallTarget]:
        for each in self.names.definitions(package, name):
            node = each.node.parent()
            if node is not None and node.kind() == "function_declaration":
                signature = signature_of(node, CALLS)
                yield CallTarget(
                    path=each.path,
                    line=line(node),
                    signature=ANYTHING if signature is None else signature,
                )


def _receiver(node: "Node") -> "Node | None":
    parent = node.parent()
    return (parent.field("operand") or parent.field("package")) if parent else None


def _is_interface(node: "Node") -> bool:
    body = node.field("type")
    return body is not None and body.kind() == "interface_type"


def _is_struct(node: "Node") -> bool:
    body = node.field("type")
    return body is None or body.kind() in ("struct_type", "type_identifier", "generic_type")


def _methods(node: "Node") -> Iterator["Node"]:
    for each in of_kind(node, "method_elem"):
        name = each.field("name")
        if name is not None:
            yield name
