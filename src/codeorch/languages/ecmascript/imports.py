"""Module specifier -> file; name in a script -> what it stands for across files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import TOP, Key, words
from codeorch.analysis.language import FamilyFiles
from codeorch.analysis.parse_cache import ParsedFiles
from codeorch.analysis.scopes import FOREIGN, Definition, Entity, Module, Names, Occurrence
from codeorch.languages.ecmascript.facts import BUILT, JAVASCRIPT, SCOPES, TSX, TYPESCRIPT
from codeorch.languages.ecmascript.specifiers import (
    is_import_type,
    module_specifier,
    pattern_specifier,
    specifier,
)

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


_SUFFIXES: Final = (
    *TYPESCRIPT.suffixes, *TSX.suffixes, *TYPESCRIPT.stubs, *JAVASCRIPT.suffixes,
)  # fmt: skip
_ENDS: Final = ("", *_SUFFIXES, *(f"/index{suffix}" for suffix in _SUFFIXES))
_SCRIPT_END: Final = re.compile(r"\.(?:[cm]?js|jsx|ts|tsx)$")  # `./a.js` may be written for a.ts
_BUILT: Final = re.compile(rf"(?:{BUILT})/")
_STRING_OR_COMMENT: Final = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptModules:
    """The script files of a repository, and the names that its own packages go by."""

    paths: frozenset[str]
    packages: Mapping[str, str]  # package name -> its folder
    # `paths` of tsconfig files, `imports` and `exports` of package.json: pattern -> target.
    aliases: tuple[tuple[str, str], ...]
    _found: dict[tuple[str, str], str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Iterable[str], configs: Mapping[str, str]) -> "ScriptModules":
        """Index script files, with the text of the `package.json` and tsconfig files."""
        packages: dict[str, str] = {}
        aliases: list[tuple[str, str]] = []
        for path in sorted(configs):
            told = _read(configs[path])
            if path.endswith("package.json") and isinstance(name := told.get("name"), str):
                packages[name] = dirname(path)
                aliases += _entries(dirname(path), name, told)
            aliases += _aliases(dirname(path), told.get("compilerOptions"))
            aliases += _subpaths(dirname(path), told.get("imports"))
        return cls(paths=frozenset(paths), packages=packages, aliases=tuple(aliases))

    def find(self, specifier: str, importer: str) -> str | None:
        """Find the file that a specifier means; None when it is not in this repository."""
        at = (specifier, dirname(importer))
        if at not in self._found:
            stems = self._stems(specifier, importer)
            self._found[at] = next((path for stem in stems if (path := self._at(stem))), None)
        return self._found[at]

    def patterns(self) -> dict[str, list[str]]:
        """Return where specifiers that are no paths are looked for, by pattern, in order."""
        targets: dict[str, list[str]] = {}
        for pattern, target in self.aliases:
            targets.setdefault(pattern, []).append(target)
        for name, folder in self.packages.items():
            for end in ("", "/*"):
                places = (join(folder, f"src{end}"), normpath(join(folder, end.lstrip("/"))))
                targets.setdefault(f"{name}{end}", []).extend(places)
        return targets

    def is_own(self, specifier: str) -> bool:
        """Whether a specifier belongs to this repository, even if its file is not found."""
        return specifier.startswith(".") or any(
            specifier == name or specifier.startswith(f"{name}/") for name in self.packages
        )

    def _stems(self, specifier: str, importer: str) -> Iterator[str]:
        if specifier.startswith("."):
            yield normpath(join(dirname(importer), specifier))
            return
        for pattern, target in self.aliases:
            head, star, tail = pattern.partition("*")
            if specifier == pattern:
                yield target
            elif star and specifier.startswith(head) and specifier.endswith(tail):
                yield target.replace("*", specifier[len(head) : len(specifier) - len(tail)])
        for name, folder in self.packages.items():
            if specifier == name or specifier.startswith(f"{name}/"):
                rest = specifier[len(name) :].lstrip("/")
                yield normpath(join(folder, "src", rest))
                yield normpath(join(folder, rest))

    def _at(self, stem: str) -> str | None:
        short = _SCRIPT_END.sub("", stem)
        tries = (base + end for base in (stem, short) for end in _ENDS)
        return next((each for each in tries if each in self.paths), None)


def _aliases(folder: str, options: object) -> Iterator[tuple[str, str]]:
    if not isinstance(options, dict) or not isinstance(options.get("paths"), dict):
        return
    base = options.get("baseUrl")
    root = join(folder, base) if isinstance(base, str) else folder
    for pattern, targets in options["paths"].items():
        for target in targets if isinstance(targets, list) else ():
            yield str(pattern), normpath(join(root, str(target)))


def _subpaths(folder: str, imports: object) -> Iterator[tuple[str, str]]:
    """Read Node's subpath imports: `"#types/*": "./types/*.d.ts"`, also under conditions."""
    for pattern, told in imports.items() if isinstance(imports, dict) else ():
        for target in _targets(told):
            yield str(pattern), normpath(join(folder, target))


def _entries(folder: str, name: str, told: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Read what a package gives to others; what is built is looked for where it is built from."""
    exports = told.get("exports")
    listed = exports if isinstance(exports, dict) and _is_subpaths(exports) else {".": exports}
    mains = [f"./{told[key]}" for key in ("module", "main") if isinstance(told.get(key), str)]
    for subpath, given in (*listed.items(), (".", mains)):
        for target in _targets(given):
            plain = normpath(target)
            yield normpath(f"{name}/{subpath}"), normpath(join(folder, plain))
            if _BUILT.match(plain):
                yield (
                    normpath(f"{name}/{subpath}"),
                    normpath(join(folder, _BUILT.sub("src/", plain))),
                )


def _is_subpaths(exports: Mapping[str, object]) -> bool:
    """Whether exports are told by subpath, not only by condition."""
    return any(key.startswith(".") for key in exports)


def _targets(told: object) -> Iterator[str]:
    """Give the files that are told, under whatever conditions."""
    todo = [told]
    while todo:
        target = todo.pop(0)
        todo += target.values() if isinstance(target, dict) else ()
        todo += target if isinstance(target, list) else ()
        if isinstance(target, str) and target.startswith("."):
            yield target


def _read(text: str) -> dict[str, object]:
    """Read JSON with comments; what is none counts as empty."""
    try:
        plain = _STRING_OR_COMMENT.sub(lambda found: found[1] or "", text)
        told = json.loads(_TRAILING_COMMA.sub("", plain))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


# What binds a name to all that a module gives.
_WHOLE: Final = words("variable_declarator arrow_function formal_parameters required_parameter")
_NOTHING: frozenset[Entity] = frozenset()
_DEPTH = 20  # of re-exports of re-exports; a longer way is a circle


@dataclass(frozen=True, slots=True, kw_only=True)
class Exports:
    """What a module exports: by local name, from other modules, and everything of some."""

    local: Mapping[str, str]
    taken: Mapping[str, tuple[str, str]]  # name -> specifier and the name there; `*` = all of it
    stars: tuple[str, ...]
    is_common: bool = False  # whether it sets `exports`, and has no default of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptNames(ParsedFiles):
    """The names of a repository's script files, read as they are asked for."""

    modules: ScriptModules
    _exports: dict[str, Exports] = field(default_factory=dict)

    @classmethod
    def of(cls, files: FamilyFiles) -> "ScriptNames":
        """Make them from the script files, and the files that name packages and aliases."""
        modules = ScriptModules.of(files.texts, files.configs)
        return cls(texts=files.texts, modules=modules, parses=files.parses)

    def names(self, path: str, name: str) -> Names:
        """Find the occurrences of a name in a file."""
        if name not in self.texts[path][1]:
            return Names(path=path, name=name, grammar=SCOPES, occurrences=())
        return self.parse(path).names(path, name, SCOPES)

    def resolve_binding(
        self, path: str, owner: Key | None, name: str, depth: int = 0
    ) -> frozenset[Entity]:
        """Say what a name means that a scope of a file binds."""
        found: set[Entity] = set()
        for each in self.names(path, name).bindings():
            if each.owner == owner and depth <= _DEPTH:
                found |= self._binding(each, name, depth)
        return frozenset(found)

    def resolve_import(self, each: Occurrence, depth: int = 0) -> frozenset[Entity]:
        """Say what a name means that an import or a re-export takes from another module."""
        source, name = import_source(each.node)
        return self._from(each.path, source, name, depth) if source else _NOTHING

    def resolve_export(self, path: str, name: str, depth: int = 0) -> frozenset[Entity]:
        """Say what a module gives for a name."""
        if depth > _DEPTH:
            return _NOTHING
        exports = self._exports_of(path)
        if name in exports.local:
            local = exports.local[name]
            tops = {each.owner for each in self.names(path, local).bindings() if _is_top(each)}
            return self.resolve_binding(path, next(iter(tops), None), local, depth + 1)
        if name in exports.taken:
            source, there = exports.taken[name]
            return self._from(path, source, there, depth + 1)
        found: set[Entity] = set()
        for source in exports.stars if name != "default" else ():
            found |= self._from(path, source, name, depth + 1) - {FOREIGN}
        return frozenset(found)

    def resolve(self, path: str, node: "Node") -> frozenset[Entity]:
        """Say what an expression means: a name, `ns.name`, `(await import("x")).name`."""
        if node.kind() in ("identifier", "type_identifier"):
            names = self.names(path, node.text())
            return self.resolve_binding(path, names.lookup(node), node.text())
        if source := (specifier(node) if is_import_type(node) else module_specifier(node)):
            return self._from(path, source.text().strip("'\"`"), "*", 0)
        value = node.field("object") or node.field("module")
        name = node.field("property") or node.field("name")
        if value is None or name is None:
            return _NOTHING
        found: set[Entity] = set()
        for entity in self.resolve(path, value):
            if isinstance(entity, Module):
                found |= self.resolve_export(entity.path, name.text())
        return frozenset(found)

    def is_module(self, path: str, node: "Node") -> bool:
        """Whether a name stands for a module that is imported as a whole."""
        return any(isinstance(entity, Module) for entity in self.resolve(path, node))

    def is_foreign(self, path: str, node: "Node") -> bool:
        """Whether a name is imported from outside of the repository."""
        return FOREIGN in self.resolve(path, node)

    def return_type(self, path: str, function: "Node") -> tuple[str, "Node"] | None:
        """Give the declared result of the function that an expression names, and its file."""
        for entity in self.resolve(path, function):
            if not isinstance(entity, Definition):
                continue
            for each in self.names(entity.path, entity.name).bindings():
                holder = each.node.parent() if each.owner == entity.owner else None
                holder = (holder.field("value") or holder) if holder else None
                result = holder.field("return_type") if holder else None
                if result is not None:
                    return entity.path, result
        return None

    def stars(self, path: str) -> tuple[str, ...]:
        """Give the specifiers of the modules that a module exports everything of."""
        return self._exports_of(path).stars

    def _exports_of(self, path: str) -> Exports:
        if path not in self._exports:
            self._exports[path] = _exports(self.tree(path))
        return self._exports[path]

    def _from(self, importer: str, source: str, name: str, depth: int) -> frozenset[Entity]:
        path = self.modules.find(source, importer)
        if path is None:
            return _NOTHING if self.modules.is_own(source) else frozenset({FOREIGN})
        if name == "*":
            return frozenset({Module(path=path)})
        found = self.resolve_export(path, name, depth + 1)
        if not found and name == "default" and self._exports_of(path).is_common:
            return frozenset({Module(path=path)})  # what `require` gives
        return found

    def _binding(self, each: Occurrence, name: str, depth: int) -> frozenset[Entity]:
        source, there = import_source(each.node)
        if source and (each.kind == "import" or each.role == "import" or there == "*"):
            return self._from(each.path, source, there, depth)
        assert each.owner is not None
        return frozenset({Definition(path=each.path, owner=each.owner, name=name)})


def import_source(node: "Node") -> tuple[str, str]:
    """Give the specifier, and the name there, that an import of `node` takes; empty for none."""
    parent = node.parent()
    assert parent is not None
    kind = parent.kind()
    if kind in (*_WHOLE, "object_pattern", "pair_pattern"):
        pattern = node if kind in _WHOLE else parent
        pattern = parent.parent() or parent if kind == "pair_pattern" else pattern
        source = pattern_specifier(pattern)
        whole = kind in _WHOLE
        original = parent.field("key") if kind == "pair_pattern" else node
    else:
        statements = ("import_statement", "export_statement")
        statement = next((each for each in node.ancestors() if each.kind() in statements), None)
        source = (statement or parent).field("source") or parent.field("source")
        whole = kind in ("namespace_import", "import_require_clause")
        original = parent.field("name")
    if source is None:
        return "", ""
    name = "*" if whole else "default" if kind == "import_clause" else (original or node).text()
    return source.text().strip("'\"`"), name


def _is_top(each: Occurrence) -> bool:
    return each.owner is not None and each.owner[2] == TOP


def _exports(root: "Node") -> Exports:
    local: dict[str, str] = {}
    taken: dict[str, tuple[str, str]] = {}
    stars: list[str] = []
    for statement in root.find_all(kind="export_statement"):
        source = statement.field("source")
        clause = [each for each in statement.named_children() if each.kind() == "export_clause"]
        names = list(_specifiers(clause[0])) if clause else []
        if source is None:
            local |= {outer: inner for inner, outer in names}
            local |= dict(_declarations(statement))
            continue
        where = source.text().strip("'\"`")
        taken |= {outer: (where, inner) for inner, outer in names}
        whole = [each for each in statement.named_children() if each.kind() == "namespace_export"]
        if whole:
            taken[whole[0].named_children()[0].text()] = (where, "*")
        elif not clause:
            stars.append(where)
    common = dict(_common_js(root))
    return Exports(local=local | common, taken=taken, stars=tuple(stars), is_common=bool(common))


def _specifiers(clause: "Node") -> Iterator[tuple[str, str]]:
    for each in clause.named_children():
        name, alias = each.field("name"), each.field("alias")
        if name is not None:
            yield name.text(), (alias or name).text()


def _declarations(statement: "Node") -> Iterator[tuple[str, str]]:
    default = any(each.kind() == "default" for each in statement.children())
    value = statement.field("value")
    if value is not None and value.kind() == "identifier":
        yield "default", value.text()
    declaration = statement.field("declaration")
    if declaration is None:
        return
    name = declaration.field("name")
    if name is not None:
        yield ("default" if default else name.text()), name.text()
    for declarator in declaration.find_all(kind="variable_declarator"):
        if declarator.parent() == declaration and (target := declarator.field("name")):
            for each in (target, *target.find_all(regex=r"^[\w$]+$")):
                yield each.text(), each.text()


def _common_js(root: "Node") -> Iterator[tuple[str, str]]:
    """Read `module.exports = { a, b: c }`, `module.exports.a = b` and `exports.a = b`."""
    for assignment in root.find_all(kind="assignment_expression"):
        left, right = assignment.field("left"), assignment.field("right")
        if left is None or right is None or "exports" not in left.text():
            continue
        value, name = left.field("object"), left.field("property")
        if left.text() == "module.exports" and right.kind() == "object":
            yield from _object_exports(right)
        elif value and name and value.text() in ("exports", "module.exports"):
            yield from [(name.text(), right.text())] if right.kind() == "identifier" else []


def _object_exports(value: "Node") -> Iterator[tuple[str, str]]:
    for each in value.named_children():
        if each.kind() == "shorthand_property_identifier":
            yield each.text(), each.text()
        inner, outer = each.field("value"), each.field("key")
        if inner is not None and outer is not None and inner.kind() == "identifier":
            yield outer.text(), inner.text()
