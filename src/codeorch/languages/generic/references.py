"""Files of table languages -> uses, by the scopes of a file, and by what else has a name.

Nothing is sure here, since imports are not followed; a name that one place alone defined, and that
is gone from there, is likely to be missed wherever it still stands.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from posixpath import dirname
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP, Key, is_child, line, of_kind, span, word, words
from codeorch.analysis.class_hierarchy import class_around, member_kind
from codeorch.analysis.class_index import ClassIndex, ClassReader
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.scopes import Names, Occurrence
from codeorch.analysis.signatures import CallArguments, CallSyntax, Signature, call_of, signature_of
from codeorch.analysis.syntax_tables import SyntaxTables
from codeorch.analysis.use_sites import CallTarget, SourceSymbol, Use, UseRole, UseSite
from codeorch.languages.generic.homes import is_foreign_path
from codeorch.languages.generic.sources import (
    GENERIC_MEMBERS,
    TableSources,
    is_import_name,
    is_path,
    module_before,
)

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_CALLS: Final = words(
    """call_expression method_invocation invocation_expression function_call_expression
    member_call_expression scoped_call_expression object_creation_expression call new_expression"""
)
_TAKEN: Final = r"(?m)^\s*(?:import|use|using|from|require|include)\b.*\bNAME\b"
_DECLARING: Final = words("function_definition declaration field_declaration")
_CALLED_FROM: Final = 2  # steps from a call down to the name that it calls


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReader(ClassReader):
    """What the names in the files of one family of languages may stand for."""

    sources: TableSources
    _targets: dict[str, tuple[CallTarget, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: SyntaxTables, files: FamilyFiles) -> "TableReader":
        """Make it from a family's tables and files."""
        sources = TableSources.of(tables, files)
        objects = ClassIndex(sources=sources, table=tables.classes, calls=tables.calls)
        reader = cls(sources=sources, objects=objects)
        return replace(reader, objects=replace(objects, visible=reader.is_visible))

    def is_visible(self, path: str, name: str) -> bool:
        """Whether a file can mean a class: of several, the one of its folder, or imported."""
        if len(self.objects.classes(name)) < 2:
            return True
        text = self.sources.texts[path][1]
        homes = {dirname(home) for home, _ in self.objects.classes(name)}
        return dirname(path) in homes or bool(re.search(_TAKEN.replace("NAME", name), text))

    @property
    def standard(self) -> frozenset[str]:
        """Members that values of the language itself have."""
        return GENERIC_MEMBERS

    @property
    def knows_globals(self) -> bool:
        """Whether a bare name that nothing binds is surely none of the language's own."""
        return False

    def module_names(self, path: str) -> Iterator[str]:
        """Give the words by which imports name the module at a path: no import is followed."""
        del path
        yield from ()

    def unresolved_imports(self, path: str) -> Iterator[Use]:
        """Give the imports whose module is not there: no import is followed."""
        del path
        yield from ()

    def definers(self, name: str) -> Mapping[str, int]:
        """Count what defines a name, by the class around it; empty for none."""
        found = Counter(each.parent for each in self.objects.members(name))
        for path in self.sources.files_with(name):
            bindings = self.sources.names(path, name).bindings()
            found[""] += sum(self._is_shared(each) for each in bindings)
        return +found

    def _is_shared(self, each: Occurrence) -> bool:
        """Whether others may use what a name is bound to: of a file, or of a module in it."""
        shared = {TOP, *self.objects.table.modules}
        return each.owner is not None and each.owner[2] in shared and each.role == "binding"

    def receivers(self, path: str, name: str) -> frozenset[str]:
        """Name what stands in front of a member of this name in a file, as written."""
        if path not in self.sources.texts:
            return frozenset()
        found = self.sources.names(path, name).occurrences
        values = (self._receiver(each.node) for each in found)
        return frozenset(value.text() for value in values if value is not None)

    def _receiver(self, node: "Node") -> "Node | None":
        parent = node.parent()
        parts = self.objects.table.accesses.get(parent.kind()) if parent else None
        if parent is None or parts is None or not is_child(parent, parts[1], node):
            return None
        return parent.field(parts[0]) if parts[0] else None

    # --------------------------------------------------------------------------- names

    def unresolved_uses(self, path: str, name: str) -> Iterator[Use]:
        """Give the uses of a name that stand for nobody knows what."""
        found, text = self.sources.names(path, name), self.sources.texts[path][1]
        taken = [each for each in found.occurrences if is_import_name(each.node)]
        homes = {module_before(text, each.place[0]) for each in taken}
        home = next(iter(homes)) if len(homes) == 1 else ""
        for each in found.occurrences:
            value = self._receiver(each.node)
            before = self.sources.imports(path).path_before(each.node)
            if before is None or is_foreign_path(self.sources, before):
                continue
            if is_path(each.node) or each in taken:
                yield Use.of(each, "name", receiver=module_before(text, each.place[0]))
            elif value is not None:
                yield from self.objects.member(each, value)
            elif self._is_free(each, found):
                role: UseRole = "member" if each.role in ("member", "key") else "name"
                yield Use.of(each, role, receiver=home)  # a bare name is from where it is imported
        whole = word(name)
        for body in of_kind(self.sources.tree(path), "preproc_arg"):  # a C macro is not parsed
            if whole.search(body.text()):
                yield Use(
                    path=path, name=name, line=line(body), start=span(body)[0],
                    role="name", certainty=None,
                )  # fmt: skip

    def _is_free(self, each: Occurrence, found: Names) -> bool:
        """Whether nothing in its file says what a name is: an import says only where it is from."""
        if each.kind == "import":
            return True
        if each.role in ("binding", "other") or member_kind(each.node, self.objects.table):
            return False
        owner = found.owner(each)
        return owner is None or self._is_import(found, owner)

    @staticmethod
    def _is_import(found: Names, owner: Key) -> bool:
        return any(each.owner == owner and each.kind == "import" for each in found.bindings())

    # --------------------------------------------------------------------------- calls

    def call_names(self, place: SourceSymbol) -> Iterator[str]:
        """Give the name by which a function is called."""
        yield place.symbol.name

    def overrides(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find what derived classes define under the name of a member, and what declares it."""
        yield from self.objects.overrides(place.owner, name) if place.owner else ()
        if self.sources.tables.declared_apart:
            yield from self._counterparts(place, name)

    def _counterparts(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find the declarations of what a place defines, or the definition of what it declares."""
        for path, node, signature in self._callables(name):
            whole = next((n for n in node.ancestors()[:2] if n.kind() in _DECLARING), node).text()
            apart = ("{" in whole) != ("{" in place.text)
            same = class_around(node, self.objects.table) == place.owner
            static = any(text.startswith("static ") for text in (whole, place.text))
            if path != place.path and apart and same and not static:
                yield CallTarget(path=path, line=line(node), owner=place.owner, signature=signature)

    def call_texts(self, path: str) -> Counter[str]:
        """Count the calls of a file by their text."""
        root = self.sources.tree(path)
        return Counter(node.text() for kind in _CALLS for node in of_kind(root, kind))

    def sites(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[UseSite]:
        """Give the places that call a name, or only those of certain texts."""
        found = self.sources.names(path, name)
        if name not in self._targets:
            self._targets[name] = tuple(self._all(name))
        targets = self._targets[name]
        for each in found.occurrences:
            called = _call_around(each.node, self.objects.calls)
            owner = found.owner(each) if each.role == "use" else None
            if called is None or each.role == "binding" or (owner and owner[2] != TOP):
                continue
            node, call = called
            if among is not None and node.text() not in among:
                continue
            value = self._receiver(each.node)
            classes = self.objects.receivers.of(path, value) if value is not None else None
            known = tuple(t for one in classes or () for t in self.objects.lineage(one, name))
            yield UseSite(
                path=path, line=line(each.node), start=span(each.node)[0], name=name,
                text=node.text(), call=call, targets=known or targets, exact=bool(known),
                receiver=value.text() if value else "",
            )  # fmt: skip

    def _all(self, name: str) -> Iterator[CallTarget]:
        """Give everything of a name that can be called."""
        for path, node, signature in self._callables(name):
            yield CallTarget(path=path, line=line(node), signature=signature, plain=False)

    def _callables(self, name: str) -> Iterator[tuple[str, "Node", Signature]]:
        """Give each place that defines or declares something of a name that can be called."""
        for path in self.sources.files_with(name):
            for each in self.sources.names(path, name).occurrences:
                if each.role not in ("binding", "key") and not is_path(each.node):
                    continue
                for node in each.node.ancestors()[:3]:
                    signature = signature_of(node, self.objects.calls)
                    if signature is not None and not _call_around(each.node, self.objects.calls):
                        yield path, node, signature
                        break


def _call_around(name: "Node", syntax: CallSyntax) -> "tuple[Node, CallArguments] | None":
    """Find the call of a name: the name is in what is called, not in the arguments."""
    for node in name.ancestors()[: _CALLED_FROM + 1]:
        if node.kind() in _CALLS:
            call = call_of(node, syntax)
            given = node.field("arguments")
            behind = given is not None and span(name)[0] >= span(given)[0]
            return None if call is None or behind else (node, call)
    return None
