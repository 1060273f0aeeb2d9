"""Python files -> uses: what is gone, and who defines, overrides and calls a name."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import line, of_kind, span, word
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.scopes import Definition, Entity, Foreign, Module, Names, Occurrence
from codeorch.analysis.use_sites import CallTarget, Reader, SourceSymbol, Use, UseSite
from codeorch.domain import Certainty
from codeorch.languages.python.calls import CallSites, override_target
from codeorch.languages.python.facts import BUILTINS, COMMAND_FILES
from codeorch.languages.python.imports import PythonModules, PythonNames, dotted_path, is_module
from codeorch.languages.python.members import (
    MemberLookup,
    is_assigned,
    member_bindings,
    standard_members,
)
from codeorch.languages.python.nodes import asks_for_fixture, is_annotation, is_listed, is_to_fail
from codeorch.languages.python.string_paths import entry_steps, string_steps
from codeorch.languages.python.types import Types
from codeorch.languages.python.value_strings import Step

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


def unresolved_strings(lookup: MemberLookup, path: str, found: Names) -> Iterator[Use]:
    """Find the strings that name what is not there."""
    name, names = found.name, lookup.types.names
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    for content in of_kind(names.tree(path), "string_content"):
        text = content.text()
        if name not in text:
            continue
        if is_listed(content):
            if text == name and lookup.lacks(path, name) == "sure":
                yield _string(path, content, name, "sure", "`__all__` names what is not here")
        elif is_annotation(content):
            owner = found.lookup(content)
            bound = names.resolve_binding(path, owner, name)
            if not bound and word.search(text):
                yield _string(path, content, name, "sure", f"`{name}` is not defined here")
        elif _is_spelled_wrong(lookup, path, content, name):
            yield _string(path, content, name, "likely", f"`{text}` is looked up and not there")


def entry_uses(lookup: MemberLookup, configs: Mapping[str, str], name: str) -> Iterator[Use]:
    """Find the paths in configuration files that lead to what is not there."""
    for path, text in configs.items():
        if COMMAND_FILES.search(path):  # `run.sh` is no path of Python
            continue
        for steps in entry_steps(lookup.types, path, text, name):
            if _breaks_before(lookup, steps, text, name):
                start = steps[0].start
                at = text.count("\n", 0, start)
                why = "a configuration names what is not there"
                yield Use(
                    path=path, name=name, line=at + 1, start=start, role="string",
                    certainty="likely", why=why, receiver=text.split("\n")[at],
                )  # fmt: skip


def _is_spelled_wrong(lookup: MemberLookup, path: str, content: "Node", name: str) -> bool:
    """Whether a string names for Python to look up what is in no module or class of ours."""
    steps = string_steps(lookup.types, path, content, name)
    return _breaks_before(lookup, steps, content.text(), name)


def _breaks_before(lookup: MemberLookup, steps: Iterable[Step], text: str, name: str) -> bool:
    """Whether a path in a text leads nowhere, at a name or before it."""
    for step in (each for each in steps if not each.is_open):
        if not step.may_lack and _is_lost(lookup, step):
            return word(name).search(text, step.start) is not None
        if step.name == name:
            return False
    return False


def _is_lost(lookup: MemberLookup, step: Step) -> bool:
    lacking = [lookup.lacks(home, step.name) is not None for home in step.modules]
    lacking += [lookup.has(ref, step.name) is False for ref in step.classes]
    return all(lacking)


def _string(path: str, content: "Node", name: str, certainty: Certainty, why: str) -> Use:
    start = span(content)[0] + content.text().index(name)
    return Use(
        path=path, name=name, line=line(content), start=start,
        role="string", certainty=certainty, why=why, receiver=content.text(),
    )  # fmt: skip


_PLUGINS: Final = re.compile(r"\bpytest11\b|\bpytest_plugins\b|(?<![\w-])-p[ =]")
_STAR: Final = re.compile(r"(?m)^\s*from\s+\S+\s+import\s+\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonReader(Reader):
    """What the names in the Python files of a snapshot stand for."""

    lookup: MemberLookup
    calls: CallSites
    configs: Mapping[str, str]  # the files that name entry points
    unread: PythonModules  # files that were left out: nothing is known of them
    _definers: dict[str, Counter[str]] = field(default_factory=dict)
    _stars: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, files: FamilyFiles) -> "PythonReader":
        """Make it from the Python files, the configuration, and the paths of files left out."""
        lookup = MemberLookup(types=Types(names=PythonNames.of(files)))
        return cls(
            lookup=lookup,
            calls=CallSites(lookup=lookup),
            configs=files.configs,
            unread=PythonModules.of(filter(is_module, {*files.unread, *files.ignored})),
        )

    @property
    def types(self) -> Types:
        """The classes of values."""
        return self.lookup.types

    @property
    def standard(self) -> frozenset[str]:
        """Members that values of the language itself have."""
        return standard_members()

    def is_to_fail(self, path: str, line: int) -> bool:
        """Whether a line stands where the text expects it to fail for a name, or for a call."""
        return is_to_fail(self.types.names.tree(path), line)

    def unresolved_uses(self, path: str, name: str) -> Iterator[Use]:
        """Give the uses of a name that stand for nothing, or for nobody knows what."""
        found = self.types.names.names(path, name)
        for each in found.occurrences:
            match each.role:
                case "import":
                    yield from self._import(each)
                case "use" if not self._is_bound(each, found):
                    yield Use.of(each, "name", "sure", f"`{name}` is not defined here")
                case "member":
                    yield from self._member(each)
                case "binding" if self._is_unfilled(each):
                    yield Use.of(each, "fixture")
                case _:
                    pass
        written = len(word(name).findall(self.types.names.texts[path]))
        if name not in BUILTINS and written > len(found.occurrences):
            yield from unresolved_strings(self.lookup, path, found)

    def unresolved_entries(self, name: str) -> Iterator[Use]:
        """Give the paths in configuration files that lead to what is not there."""
        return entry_uses(self.lookup, self.configs, name)

    def unresolved_imports(self, path: str) -> Iterator[Use]:
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
            for path in self.lookup.files_with(name):
                for ref, _ in member_bindings(self.types, path, name):
                    counted[self.types.name_of(ref)] += 1
            self._definers[name] = counted
        return self._definers[name]

    def receivers(self, path: str, name: str) -> frozenset[str]:
        """Name what stands in front of a member of this name in a file, as written."""
        texts = self.types.names.texts
        occurrences = self.types.names.names(path, name).occurrences if path in texts else ()
        values = (_receiver(each) for each in occurrences if each.role == "member")
        return frozenset(value.text() for value in values if value is not None)

    def call_names(self, place: SourceSymbol) -> Iterator[str]:
        """Give the names by which a function is called; a class's constructor has several."""
        yield place.symbol.name
        if place.symbol.kind == "class":
            yield "__init__"
            yield from self._heirs(place.symbol.name)

    def module_names(self, path: str) -> Iterator[str]:
        """Give the words by which imports name the module at a path."""
        yield dotted_path(path).rpartition(".")[2]

    def overrides(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find what derived classes define under the name of a member, with all parameters."""
        base = place.owner
        for path in self.lookup.files_with(name) if base else ():
            for ref, each in member_bindings(self.types, path, name):
                above = (one for one in self.types.ancestors(ref) if one.path == place.path)
                if any(self.types.name_of(one) == base for one in above):
                    yield from override_target(self.types, ref, each)

    def base_definitions(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find what base classes define under the name of a member, with all parameters."""
        for ref in self.types.classes_named(place.path, place.owner) if place.owner else ():
            above = self.types.ancestors(ref)
            needed = self.lookup.is_left_to(ref, name)
            for path in {one.path for one in above}:
                for base, each in member_bindings(self.types, path, name):
                    for target in override_target(self.types, base, each) if base in above else ():
                        yield replace(target, needed=needed)

    def outer_bases(self, place: SourceSymbol) -> frozenset[str]:
        """Name what the class around a member derives from that is not from this repository."""
        found = self.types.classes_named(place.path, place.owner) if place.owner else ()
        return frozenset(base for ref in found for base in self.lookup.outer_bases(ref))

    def call_texts(self, path: str) -> Counter[str]:
        """Count the calls of a file by their text."""
        return Counter(each.text() for each in of_kind(self.types.names.tree(path), "call"))

    def sites(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[UseSite]:
        """Give the places that call a name or hand it on, or only calls of certain texts."""
        return self.calls.of(path, name, among)

    def _heirs(self, name: str) -> Iterator[str]:
        """Name the classes that are written as deriving from a class of this name."""
        seen, todo = {name}, [name]
        while todo:
            base = todo.pop()
            heir = re.compile(rf"\bclass\s+(\w+)\s*\([^)]*\b{re.escape(base)}\b")
            texts = self.types.names.texts
            for path in self.lookup.files_with(base):
                for found in heir.findall(texts[path]):
                    if found not in seen:
                        seen.add(found)
                        todo.append(found)
                        yield found

    # --------------------------------------------------------------------------- names

    def _module(self, path: str, node: "Node") -> Iterator[Use]:
        dotted = node.text().replace(" ", "")
        modules = self.types.names.modules
        top = dotted.partition(".")[0]
        ours = dotted.startswith(".") or modules.find(top, path)
        found = modules.is_there(dotted, path) or self.unread.is_there(dotted, path)
        if ours and not found:
            yield Use(
                path=path, name=dotted.rpartition(".")[2], line=line(node), start=span(node)[0],
                role="module", certainty="sure", why=f"there is no module `{dotted}`",
            )  # fmt: skip

    def _import(self, each: Occurrence) -> Iterator[Use]:
        statement = next(
            (node for node in each.node.ancestors() if node.kind() == "import_from_statement"), None
        )
        module = statement.field("module_name") if statement else None
        if module is None or self.types.names.resolve_import(each):
            return
        dotted = module.text().replace(" ", "")
        home = self.types.names.modules.find(dotted, each.path)
        if home is None and self.unread.is_there(dotted, each.path):
            return
        lacks = self.lookup.lacks(home, each.node.text()) if home else "sure"
        if lacks is not None:
            yield Use.of(each, "import", lacks, f"`{dotted}` has no `{each.node.text()}`")

    def _is_bound(self, each: Occurrence, found: Names) -> bool:
        name = found.name
        if name in BUILTINS or found.owner(each) is not None:
            return True
        known = self.types.names.resolve_binding(each.path, None, name)
        return bool(known) or self._takes_everything(each.path)

    def _takes_everything(self, path: str) -> bool:
        """Whether a file imports all that a module has."""
        if path not in self._stars:
            self._stars[path] = bool(_STAR.search(self.types.names.texts[path]))
        return self._stars[path]

    def _is_unfilled(self, each: Occurrence) -> bool:
        """Whether a test asks for a fixture that none of the files here makes."""
        parent = each.node.parent()
        if parent is None or parent.kind() not in ("parameters", "typed_parameter"):
            return False
        if not asks_for_fixture(each.node):
            return False
        name = each.node.text()
        return self.types.fixture(each.path, name) is None and not self._is_in_plugin(name)

    def _is_in_plugin(self, fixture: str) -> bool:
        """Whether a module that is registered as a plugin of pytest makes a fixture."""
        names = self.types.names
        texts = [each for each in (*self.configs.values(), *names.texts.values())
                 if _PLUGINS.search(each)]  # fmt: skip
        for home in names.files_with(fixture) if texts else ():
            made = self.types.fixture(home, fixture)
            if made is not None and made[0] == home:
                dotted = dotted_path(home).split(".")
                ways = "|".join(re.escape(".".join(dotted[at:])) for at in range(len(dotted)))
                if any(re.search(rf"(?<![\w.])(?:{ways})(?![\w.])", text) for text in texts):
                    return True
        return False

    # --------------------------------------------------------------------------- members

    def _member(self, each: Occurrence) -> Iterator[Use]:
        attribute, value = each.node.parent(), _receiver(each)
        name = each.node.text()
        if attribute is None or value is None or name.startswith("__") or is_assigned(attribute):
            return
        entities = self.types.names.resolve(each.path, value)
        if entities and not any(isinstance(one, Definition) for one in entities):
            yield from self._of_module(each, entities)
            return
        classes = self.types.of(each.path, value)
        told = None if classes is None else [self.lookup.has(ref, name) for ref in classes]
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
        told = [self.lookup.lacks(path, name) for path in modules]
        if told and None not in told and not any(isinstance(one, Foreign) for one in entities):
            yield Use.of(each, "member", told[0], f"`{modules[0]}` has no `{name}`")


def _receiver(each: Occurrence) -> "Node | None":
    attribute = each.node.parent()
    return attribute.field("object") if attribute else None
