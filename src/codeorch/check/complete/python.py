"""Python: imports, bare names and module members exactly; others by the types the text shows."""

import builtins
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codeorch.check.complete.callables import constructor, decorators, function, method
from codeorch.check.complete.changes import Place
from codeorch.check.complete.spelled import patched, prefix
from codeorch.check.complete.uses import Site, Target, Use
from codeorch.domain import Certainty
from codeorch.names.entities import Definition, Entity, Foreign, Module
from codeorch.names.python.members import is_assigned, member_bindings, standard_members
from codeorch.names.python.modules import dotted_path
from codeorch.names.python.names import PythonNames
from codeorch.names.python.strings import is_annotation, is_listed
from codeorch.names.python.types import ClassRef, Types
from codeorch.names.scopes import Names, Occurrence
from codeorch.names.signatures import call_of, signature_of
from codeorch.names.trees import is_child, line, of_kind, span, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_ALWAYS: Final = frozenset(dir(builtins)) | words(
    "__file__ __name__ __doc__ __package__ __path__ __spec__ __loader__ __builtins__ __dict__"
) | words("__all__ __version__ __class__ __annotations__ reveal_type WindowsError")  # fmt: skip
# Bases whose attributes are known, or none that a use would mean.
_HARMLESS: Final = words("object ABC Protocol Generic NamedTuple TypedDict Exception ValueError")
_OPEN_CLASS: Final = re.compile(r"__getattr|__setattr__|metaclass\s*=|setattr\(self|__dict__")
_PLAIN: Final = words("dataclass final total_ordering runtime_checkable")
_STAR: Final = re.compile(r"(?m)^\s*from\s+\S+\s+import\s+\*")
# What a module may be filled with while it runs.
_FILLED: Final = re.compile(
    r"globals\(\)|sys\.modules\[__name__\]|(?m:^\s*from (?!\.)\S+ import \*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonReader:
    """What the names in the Python files of a snapshot stand for."""

    types: Types
    _definers: dict[str, Counter[str]] = field(default_factory=dict)
    _made: dict[ClassRef, tuple[Target, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "PythonReader":
        """Make it from the text of each Python file."""
        return cls(types=Types(names=PythonNames.of(texts)))

    @property
    def standard(self) -> frozenset[str]:
        """Members that values of the language itself have."""
        return standard_members()

    @property
    def knows_globals(self) -> bool:
        """Whether a bare name that nothing binds is surely none of the language's own."""
        return True

    def lost(self, path: str, name: str) -> Iterator[Use]:
        """Give the uses of a name that stand for nothing, or for nobody knows what."""
        found = self.types.names.names(path, name)
        for each in found.occurrences:
            match each.role:
                case "import":
                    yield from self._import(each)
                case "use" if not self._is_bound(each, found):
                    yield Use.of(each, "name", "sure", f"`{name}` is not defined here any more")
                case "member":
                    yield from self._member(each)
                case _:
                    pass
        yield from self._strings(path, name, found)

    def lost_modules(self, path: str) -> Iterator[Use]:
        """Give the imports of a file whose module is not there."""
        root = self.types.names.tree(path)
        for statement in of_kind(root, "import_from_statement"):
            module = statement.field("module_name")
            if module is not None:
                yield from self._module(path, module)
        for statement in of_kind(root, "import_statement"):
            for part in statement.field_children("name"):
                yield from self._module(path, part.field("name") or part)

    def definers(self, name: str) -> Mapping[str, int]:
        """Count what defines a name, by the class around it; empty for none."""
        if name not in self._definers:
            counted = Counter[str]()
            for path in self.holding(name):
                for ref, _ in member_bindings(self.types, path, name):
                    counted[self.types.name_of(ref)] += 1
            self._definers[name] = counted
        return self._definers[name]

    def holding(self, name: str) -> Iterator[str]:
        """Give the paths of the files that hold a name."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        for path, text in self.types.names.texts.items():
            if name in text and word.search(text):
                yield path

    def receivers(self, path: str, name: str) -> frozenset[str]:
        """Name what stands in front of a member of this name in a file, as written."""
        texts = self.types.names.texts
        occurrences = self.types.names.names(path, name).occurrences if path in texts else ()
        values = (_receiver(each) for each in occurrences if each.role == "member")
        return frozenset(value.text() for value in values if value is not None)

    def called_as(self, place: Place) -> Iterator[str]:
        """Give the names by which a function is called; a class's constructor has several."""
        yield place.symbol.name
        if place.symbol.kind == "class":
            yield "__init__"
            yield from self._heirs(place.symbol.name)

    def module_names(self, path: str) -> Iterator[str]:
        """Give the words by which imports name the module at a path."""
        yield dotted_path(path).rpartition(".")[2]

    def overrides(self, place: Place, name: str) -> Iterator[Target]:
        """Find what derived classes define under the name of a member, with all parameters."""
        base = place.symbol.parent.rpartition(".")[2]
        for path in self.holding(name):
            for ref, each in member_bindings(self.types, path, name):
                node = each.node.parent()
                if each.kind != "method" or node is None:
                    continue
                above = (one for one in self.types.ancestors(ref) if one.path == place.path)
                if any(self.types.name_of(one) == base for one in above):
                    signature = signature_of(node, "python") or ()
                    owner = self.types.name_of(ref)
                    yield Target(path=path, line=line(node), owner=owner, signature=signature)

    def call_texts(self, path: str) -> Counter[str]:
        """Count the calls of a file by their text."""
        return Counter(each.text() for each in of_kind(self.types.names.tree(path), "call"))

    def _heirs(self, name: str) -> Iterator[str]:
        """Name the classes that are written as deriving from a class of this name."""
        seen, todo = {name}, [name]
        while todo:
            base = todo.pop()
            heir = re.compile(rf"\bclass\s+(\w+)\s*\([^)]*\b{re.escape(base)}\b")
            texts = self.types.names.texts
            for path in self.holding(base):
                for found in heir.findall(texts[path]):
                    if found not in seen:
                        seen.add(found)
                        todo.append(found)
                        yield found

    # --------------------------------------------------------------------------- names

    def _module(self, path: str, node: "SgNode") -> Iterator[Use]:
        dotted = node.text().replace(" ", "")
        modules = self.types.names.modules
        top = dotted.partition(".")[0]
        ours = dotted.startswith(".") or modules.find(top, path)
        if ours and not modules.is_there(dotted, path):
            yield Use(
                path=path, name=dotted.rpartition(".")[2], line=line(node), start=span(node)[0],
                role="module", certainty="sure", why=f"there is no module `{dotted}`",
            )  # fmt: skip

    def _import(self, each: Occurrence) -> Iterator[Use]:
        statement = next(
            (node for node in each.node.ancestors() if node.kind() == "import_from_statement"), None
        )
        module = statement.field("module_name") if statement else None
        if module is None or self.types.names.imported(each):
            return
        dotted = module.text().replace(" ", "")
        home = self.types.names.modules.find(dotted, each.path)
        lacks = self._lacks(home, each.node.text()) if home else "sure"
        if lacks is not None:
            yield Use.of(each, "import", lacks, f"`{dotted}` has no `{each.node.text()}`")

    def _is_bound(self, each: Occurrence, found: Names) -> bool:
        name = found.name
        if name in _ALWAYS or found.owner(each) is not None:
            return True
        known = self.types.names.bound(each.path, None, name)
        return bool(known) or bool(_STAR.search(self.types.names.texts[each.path]))

    def _lacks(self, path: str, name: str) -> Certainty | None:
        """Say how sure it is that a module does not give a name; None when it does."""
        if self.types.names.exported(path, name):
            return None
        text = self.types.names.texts[path]
        if _FILLED.search(text):
            return "maybe"
        if "def __getattr__" not in text:
            return "sure"
        return None if re.search(rf"[\"']{re.escape(name)}[\"']", text) else "likely"

    # --------------------------------------------------------------------------- members

    def _member(self, each: Occurrence) -> Iterator[Use]:
        attribute, value = each.node.parent(), _receiver(each)
        name = each.node.text()
        if attribute is None or value is None or name.startswith("__") or is_assigned(attribute):
            return
        entities = self.types.names.meaning(each.path, value)
        if entities and not any(isinstance(one, Definition) for one in entities):
            yield from self._of_module(each, entities)
            return
        classes = self.types.of(each.path, value)
        told = None if classes is None else [self.has(ref, name) for ref in classes]
        if told == [] or (told and any(told)):
            return
        if told and None not in told:
            why = f"`{value.text()}` has no `{name}`"
            yield Use.of(each, "member", "sure", why, value.text())
        else:
            yield Use.of(each, "member", None, "", value.text())

    def _of_module(self, each: Occurrence, entities: frozenset[Entity]) -> Iterator[Use]:
        name = each.node.text()
        modules = [one.path for one in entities if isinstance(one, Module)]
        told = [self._lacks(path, name) for path in modules]
        if told and None not in told and not any(isinstance(one, Foreign) for one in entities):
            yield Use.of(each, "member", told[0], f"`{modules[0]}` has no `{name}`")

    def has(self, ref: ClassRef, name: str) -> bool | None:
        """Whether a class has a member; None when it may get it from elsewhere."""
        around = {ref, *self.types.ancestors(ref)}
        for path in {one.path for one in around}:
            if any(one in around for one, _ in member_bindings(self.types, path, name)):
                return True
        foreign = {base for one in around for base in self.types.foreign_bases(one)}
        if any(base.rpartition(".")[2] not in _HARMLESS for base in foreign):
            return None
        if name in (self.standard if foreign else dir(object)):
            return None
        open_ones = (_OPEN_CLASS.search(self.types.node(one).text()) for one in around)
        return None if any(open_ones) or any(map(self._is_remade, around)) else False

    def _is_remade(self, ref: ClassRef) -> bool:
        """Whether a decorator may have given a class more members."""
        return not decorators(self.types.node(ref)) <= _PLAIN

    # --------------------------------------------------------------------------- strings

    def _strings(self, path: str, name: str, found: Names) -> Iterator[Use]:
        for content in of_kind(self.types.names.tree(path), "string_content"):
            text = content.text()
            if name not in text:
                continue
            if is_listed(content):
                if text == name and self._lacks(path, name) == "sure":
                    yield _string(path, content, name, "sure", "`__all__` names what is not here")
            elif is_annotation(content):
                owner = found.lookup(content)
                bound = name in _ALWAYS or self.types.names.bound(path, owner, name)
                if not bound and _word(name).search(text):
                    yield _string(path, content, name, "sure", f"`{name}` is not defined here")
            elif self._is_spelled_wrong(path, content, name):
                yield _string(path, content, name, "likely", f"`{text}` is looked up and not there")

    def _is_spelled_wrong(self, path: str, content: "SgNode", name: str) -> bool:
        """Whether a string names for Python to look up what is in no module or class of ours."""
        holder = patched(content) if content.text() == name else None
        if holder is not None:
            entities = self.types.names.meaning(path, holder)
            homes = [one.path for one in entities if isinstance(one, Module)]
            classes = self.types.classes(path, holder) or ()
            lacking = [self._lacks(home, name) is not None for home in homes]
            lacking += [self.has(ref, name) is False for ref in classes]
            return bool(lacking) and all(lacking)
        dotted = prefix(content.text(), name)
        modules = self.types.names.modules
        if not dotted or modules.find(dotted.partition(".")[0], path) is None:
            return False
        if home := modules.find(dotted, path):
            return self._lacks(home, name) is not None
        outer, _, last = dotted.rpartition(".")
        home = modules.find(outer, path) if outer else None
        if home is None:
            return not modules.is_there(dotted, path)
        if self._lacks(home, last) is not None:
            return True
        inside = self.types.names.exported(home, last)
        refs = [r for one in inside if isinstance(one, Definition) for r in self.types.refs(one)]
        return bool(refs) and all(self.has(ref, name) is False for ref in refs)

    # --------------------------------------------------------------------------- calls

    def sites(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[Site]:
        """Give the places that call a name or hand it on, or only calls of certain texts."""
        for each in self.types.names.names(path, name).occurrences:
            if each.role in ("use", "member"):
                callee = each.node.parent() if each.role == "member" else each.node
                assert callee is not None
                outer = callee.parent()
                called = outer is not None and outer.kind() == "call"
                call = outer if called and outer and is_child(outer, "function", callee) else None
                if among is None or (call is not None and call.text() in among):
                    yield self._site(each, callee, call)
            alias = _alias(each.node)
            if alias and alias != name:
                yield from self.sites(path, alias, among)

    def _site(self, each: Occurrence, callee: "SgNode", call: "SgNode | None") -> Site:
        value = callee.field("object") if callee != each.node else None
        found = self._targets(each.path, callee, value)
        exact = found is not None
        if found is None:
            found = tuple(self._all_methods(each.node.text()))
        return Site(
            path=each.path, line=line(each.node), start=span(each.node)[0], name=each.node.text(),
            text=(call or callee).text(), call=call_of(call, "python") if call else None,
            targets=found, exact=exact, receiver=value.text() if value else "",
            is_type=bool(self.types.classes(each.path, callee)),
        )  # fmt: skip

    def _targets(
        self, path: str, callee: "SgNode", value: "SgNode | None"
    ) -> tuple[Target, ...] | None:
        """Find what is called; None when only the name is known."""
        entities = self.types.names.meaning(path, callee)
        if entities:
            return tuple(self._defined(entities))
        if value is None:
            return ()
        classes = self.types.of(path, value)
        if classes is None:
            return None
        through = bool(self.types.classes(path, value))
        name = callee.field("attribute")
        assert name is not None
        return tuple(
            target
            for ref in classes
            for target in method(self.types, ref, name.text(), through=through)
        )

    def _defined(self, entities: frozenset[Entity]) -> Iterator[Target]:
        for entity in entities:
            if not isinstance(entity, Definition):
                continue
            for each in self.types.names.names(entity.path, entity.name).bindings():
                node = each.node.parent() if each.owner == entity.owner else None
                if node is not None and each.kind == "function":
                    yield from filter(None, [function(entity.path, node, drop=False)])
            for ref in self.types.refs(entity):
                if ref not in self._made:
                    self._made[ref] = tuple(constructor(self.types, ref))
                yield from self._made[ref]

    def _all_methods(self, name: str) -> Iterator[Target]:
        for path in self.holding(name):
            for ref, _ in member_bindings(self.types, path, name):
                yield from method(self.types, ref, name, through=False)


def _alias(node: "SgNode") -> str:
    """Give the name by which a file knows what it imports under another one."""
    for parent in node.ancestors()[:2]:
        if parent.kind() == "aliased_import":
            alias = parent.field("alias")
            return alias.text() if alias and alias != node else ""
    return ""


def _receiver(each: Occurrence) -> "SgNode | None":
    attribute = each.node.parent()
    return attribute.field("object") if attribute else None


def _string(path: str, content: "SgNode", name: str, certainty: Certainty, why: str) -> Use:
    start = span(content)[0] + content.text().index(name)
    return Use(
        path=path, name=name, line=line(content), start=start,
        role="string", certainty=certainty, why=why, receiver=content.text(),
    )  # fmt: skip


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
