"""Snapshot -> the reader of scripts: what is lost, and who defines, overrides and calls a name."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, line, of_kind, span
from codeorch.analysis.class_hierarchy import class_around, member_kind
from codeorch.analysis.class_index import ClassIndex, ClassReader
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.scopes import Definition, Entity, Foreign, Module, Names, Occurrence
from codeorch.analysis.signatures import call_of, signature_of
from codeorch.analysis.use_sites import CallTarget, SourceSymbol, Use, UseSite
from codeorch.languages.ecmascript.facts import (
    BUILT,
    CALLS,
    CLASSES,
    EVERY,
    GLOBALS,
    JAVASCRIPT,
    STANDARD,
)
from codeorch.languages.ecmascript.imports import ScriptNames, import_source
from codeorch.languages.ecmascript.nodes import (
    FUNCTIONS,
    declared_type,
    is_of_inline_type,
    is_own_method,
)
from codeorch.languages.ecmascript.specifiers import specifier

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_STATEMENTS: Final = ("import_statement", "export_statement")
_CALLS: Final = ("call_expression", "new_expression")
_BUILT: Final = re.compile(rf"(^|/)({BUILT}|generated|__generated__|\.\w+)/")
# What a module may give that its text does not list.
_OPEN: Final = re.compile(
    r"module\.exports\s*=(?!\s*\{)|export\s*=|Object\.assign\((module\.)?exports"
)
_EXPORTED: Final = (
    r"export\s+(?:\w+\s+)*(?:const|let|var|function|class|interface|type|enum|namespace)[\s*]+"
    r"NAME(?![\w$])|export\s+(?:const|let|var)\s*[\[{][^=;]*(?<![\w$])NAME(?![\w$])"
    r"|export\s*(?:type\s*)?\{[^}]*(?<![\w$])NAME(?![\w$])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptReader(ClassReader):
    """What the names in the script files of a snapshot stand for."""

    names: ScriptNames
    everything: frozenset[str]  # all paths, for imports of what is no script

    @classmethod
    def of(cls, files: FamilyFiles) -> "ScriptReader":
        """Make it from the script files, and the files that name packages and aliases."""
        names = ScriptNames.of(files)
        objects = ClassIndex(
            sources=names,
            table=CLASSES,
            calls=CALLS,
            visible=lambda path, name: any(True for _ in names.names(path, name).bindings()),
        )
        return cls(
            names=names,
            objects=objects,
            everything=frozenset({*files.paths, *files.unread, *files.ignored}),
        )

    @property
    def standard(self) -> frozenset[str]:
        """Members that values of the language itself have."""
        return STANDARD

    @property
    def is_structural(self) -> bool:
        """Whether objects that no type is named for may have the fields of one."""
        return True

    @property
    def knows_globals(self) -> bool:
        """Whether a bare name that nothing binds is surely none of the language's own."""
        return False

    @property
    def may_take_less(self) -> bool:
        """Whether a function may stand for one that is given more than it takes."""
        return True

    def files_with(self, name: str) -> tuple[str, ...]:
        """Give the paths of the files that hold a name."""
        return self.names.files_with(name)

    def module_names(self, path: str) -> Iterator[str]:
        """Give the words by which imports name the module at a path."""
        stem = basename(path).partition(".")[0]
        yield stem
        if stem == "index":
            yield basename(dirname(path))

    def definers(self, name: str) -> Mapping[str, int]:
        """Count what defines a member, by the class around it; `{}` for an object's own."""
        found = Counter(each.parent for each in self.objects.members(name))
        for path in self.files_with(name):
            for each in self.names.names(path, name).occurrences:
                held = is_own_method(each) or is_of_inline_type(each) or _is_in_namespace(each)
                found["{}"] += held
        return +found

    def receivers(self, path: str, name: str) -> frozenset[str]:
        """Name what stands in front of a member of this name in a file, as written."""
        if path not in self.names.texts:
            return frozenset()
        found = self.names.names(path, name).occurrences
        values = (_receiver(each) for each in found if each.role == "member")
        return frozenset(value.text() for value in values if value is not None)

    # --------------------------------------------------------------------------- names

    def unresolved_uses(self, path: str, name: str) -> Iterator[Use]:
        """Give the uses of a name that stand for nothing, or for nobody knows what."""
        found = self.names.names(path, name)
        for each in found.occurrences:
            if import_source(each.node)[0]:
                yield from self._import(each)
            elif each.role == "use" and not self._is_bound(each, found):
                yield Use.of(each, "name", "sure", f"`{name}` is not defined here")
            elif each.role == "member":
                yield from self._member(each)
            elif each.role == "key" and not is_own_method(each):
                yield from self._key(each)

    def _is_bound(self, each: Occurrence, found: Names) -> bool:
        """Whether a bare name stands for something: also what a file sets, but does not define."""
        if found.name in GLOBALS or found.owner(each) is not None:
            return True
        return any(_is_set(one.node) for one in found.occurrences if one.role == "use")

    def unresolved_imports(self, path: str) -> Iterator[Use]:
        """Give the imports of a file whose module is not there."""
        for source in self._sources(path):
            written = source.text().strip("'\"`")
            plain = written.partition("?")[0]
            # What a package gives, its package.json says, and often only when it is built.
            if plain.startswith(".") and not self._is_there(plain, path):
                yield Use(
                    path=path, name=basename(plain).partition(".")[0], line=line(source),
                    start=span(source)[0], role="module", certainty="sure", receiver=written,
                    why=f"there is no module `{written}`",
                )  # fmt: skip

    def _sources(self, path: str) -> Iterator["Node"]:
        root = self.names.tree(path)
        for statement in (node for kind in _STATEMENTS for node in of_kind(root, kind)):
            source = statement.field("source")
            if source is not None:
                yield source
        for call in of_kind(root, "call_expression"):
            source = specifier(call)
            if source is not None and "${" not in source.text():
                yield source

    def _is_there(self, plain: str, importer: str) -> bool:
        if self.names.modules.find(plain, importer) is not None:
            return True
        if not plain.startswith("."):
            return False
        target = normpath(join(dirname(importer), plain))
        folder = f"{dirname(target)}/"
        if _BUILT.search(f"/{target}/") and not any(p.startswith(folder) for p in self.everything):
            return True  # made when the project is built
        if target in self.everything:
            return True
        return any(target + end in self.everything for end in (".json", ".node", ".vue", ".svelte"))

    def _import(self, each: Occurrence) -> Iterator[Use]:
        source, name = import_source(each.node)
        home = self.names.modules.find(source, each.path)
        if name == "*" or each.role not in ("import", "binding"):
            return
        if home is None and not source.startswith("."):  # a library's, or by an alias unknown here
            yield Use.of(each, "import", receiver=basename(source).partition(".")[0])
        elif (
            home is not None
            and not self.names.resolve_import(each)
            and not self._is_open(home, name)
        ):
            yield Use.of(each, "import", "sure", f"`{source}` has no `{name}`")

    def _is_open(self, path: str, name: str, depth: int = 0) -> bool:
        """Whether a module may give a name that no rule here finds."""
        text = self.names.texts[path][1]
        exported = re.compile(_EXPORTED.replace("NAME", re.escape(name)))
        if (
            exported.search(text)
            or _OPEN.search(text)
            or (name == "default" and "export default" in text)
        ):
            return True
        stars = [source for source in self.names.stars(path) if name != "default"]
        homes = [self.names.modules.find(source, path) for source in stars]
        return any(
            home is None or (depth < 8 and home != path and self._is_open(home, name, depth + 1))
            for home in homes
        )

    def _member(self, each: Occurrence) -> Iterator[Use]:
        value = _receiver(each)
        member = each.node.parent()
        if value is None or each.node.text() in EVERY or (member and _is_set(member)):
            return
        entities = self.names.resolve(each.path, value)
        if any(isinstance(one, Module | Foreign) for one in entities):
            yield from self._of_module(each, entities)
            return
        yield from self.objects.member(each, value)

    def _of_module(self, each: Occurrence, entities: frozenset[Entity]) -> Iterator[Use]:
        name = each.node.text()
        homes = [one.path for one in entities if isinstance(one, Module)]
        given = any(isinstance(one, Foreign) for one in entities) or any(
            self.names.resolve_export(path, name) or self._is_open(path, name) for path in homes
        )
        if not given:
            yield Use.of(each, "member", "sure", f"`{homes[0]}` has no `{name}`")

    def _key(self, each: Occurrence) -> Iterator[Use]:
        """Read a key of a literal or a pattern: it may be a member of what is built or taken."""
        if member_kind(each.node, CLASSES) is not None:
            return
        declared = declared_type(each.node)
        types = self.objects.receivers.classes_of_type(each.path, declared) if declared else None
        told = [self.objects.has(one, each.node.text()) for one in types or ()]
        if declared is None or None in told or not told:
            yield Use.of(each, "member")
        elif not any(told):
            why = f"`{declared.text().lstrip(': ')}` has no `{each.node.text()}`"
            yield Use.of(each, "member", "likely", why)

    # --------------------------------------------------------------------------- calls

    def call_names(self, place: SourceSymbol) -> Iterator[str]:
        """Give the names by which a function is called; a constructor goes by its class's."""
        if place.symbol.name != "constructor":
            yield place.symbol.name
            return
        owner = place.owner
        yield owner
        yield "super"
        yield from self.objects.heirs(owner)

    def call_texts(self, path: str) -> Counter[str]:
        """Count the calls of a file by their text."""
        root = self.names.tree(path)
        return Counter(node.text() for kind in _CALLS for node in of_kind(root, kind))

    def sites(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[UseSite]:
        """Give the places that call a name or hand it on, or only calls of certain texts."""
        for node in self._users(path, name):
            parent = node.parent()
            member = parent is not None and is_child(parent, "property", node)
            callee = parent if member and parent else node
            outer = callee.parent()
            called = (
                outer is not None
                and outer.kind() in _CALLS
                and (is_child(outer, "function", callee) or is_child(outer, "constructor", callee))
            )
            call = outer if called else None
            if among is None or (call is not None and call.text() in among):
                yield self._site(path, node, callee, call)

    def _users(self, path: str, name: str) -> Iterator["Node"]:
        """Give the uses of a name as a value, also of another name that it is imported by."""
        if name == "super":
            calls = of_kind(self.names.tree(path), "call_expression")
            supers = (call.field("function") for call in calls)
            yield from (each for each in supers if each is not None and each.text() == name)
            return
        for each in self.names.names(path, name).occurrences:
            if each.role in ("use", "member"):
                yield each.node
            alias = _alias(each.node)
            if alias and alias != name:
                yield from self._users(path, alias)

    def _site(self, path: str, node: "Node", callee: "Node", call: "Node | None") -> UseSite:
        value = callee.field("object") if callee != node else None
        found = self._targets(path, callee, value)
        exact = found is not None
        if found is None:
            found = tuple(self.objects.target(each) for each in self.objects.members(node.text()))
        if self.names.texts[path][0] == JAVASCRIPT.ast_grep:  # it takes any number
            found = tuple(replace(each, plain=False) for each in found)
        return UseSite(
            path=path, line=line(node), start=span(node)[0], name=node.text(),
            text=(call or callee).text(), call=call_of(call, CALLS) if call else None,
            targets=found, exact=exact, receiver=value.text() if value else "",
            is_type=any(self._is_class(one) for one in self.names.resolve(path, callee)),
        )  # fmt: skip

    def _is_class(self, entity: Entity) -> bool:
        if not isinstance(entity, Definition):
            return False
        bindings = self.names.names(entity.path, entity.name).bindings()
        return any(each.kind == "class" and each.owner == entity.owner for each in bindings)

    def _targets(
        self, path: str, callee: "Node", value: "Node | None"
    ) -> tuple[CallTarget, ...] | None:
        """Find what is called; None when only the name is known."""
        if callee.text() == "super":
            owner = class_around(callee, CLASSES)
            bases = self.objects.heritage.bases.get(owner, frozenset())
            return tuple(t for base in bases for t in self.objects.methods(base, "constructor"))
        entities = self.names.resolve(path, callee)
        if entities or value is None:
            return tuple(self._definition_targets(entities))
        classes = self.objects.receivers.of(path, value)
        if value.text() == "super":
            above = self.objects.heritage.bases
            classes = frozenset(base for one in classes or () for base in above.get(one, ()))
        if classes is None:
            return None
        name = callee.field("property")
        assert name is not None
        return tuple(t for one in classes for t in self.objects.methods(one, name.text()))

    def _definition_targets(self, entities: frozenset[Entity]) -> Iterator[CallTarget]:
        for entity in entities:
            if not isinstance(entity, Definition):
                continue
            for each in self.names.names(entity.path, entity.name).bindings():
                node = each.node.parent() if each.owner == entity.owner else None
                if node is None:
                    continue
                if each.kind == "class":
                    yield from self._constructors(entity.name)
                    continue
                value = node.field("value")
                if node.kind() == "variable_declarator" and (
                    value is None or value.kind() not in FUNCTIONS
                ):
                    continue
                signature = signature_of(node, CALLS)
                if signature is not None:
                    yield CallTarget(path=entity.path, line=line(node), signature=signature)

    def _constructors(self, name: str) -> Iterator[CallTarget]:
        if len(self.objects.classes(name)) == 1:
            yield from self.objects.methods(name, "constructor")


def _receiver(each: Occurrence) -> "Node | None":
    parent = each.node.parent()
    return (parent.field("object") or parent.field("module")) if parent else None


def _alias(node: "Node") -> str:
    """Give the name by which a file knows what it imports under another one."""
    parent = node.parent()
    if parent is None or parent.kind() != "import_specifier" or not is_child(parent, "name", node):
        return ""
    alias = parent.field("alias")
    return alias.text() if alias else ""


def _is_set(value: "Node") -> bool:
    """Whether a name or `x.name` is what an assignment sets: that may define it."""
    outer = value.parent()
    return (
        outer is not None
        and outer.kind() == "assignment_expression"
        and (outer.field("left") == value)
    )


def _is_in_namespace(each: Occurrence) -> bool:
    """Whether a name is defined in a namespace of TypeScript."""
    defined = each.role == "binding" and each.owner is not None
    return defined and any(node.kind() == "internal_module" for node in each.node.ancestors())
