"""The languages, one value each: file -> language, language -> facts, family -> who reads names.

Nothing that parses is loaded here; what reads and renames is loaded when it is asked for.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from posixpath import basename, dirname, join
from typing import TYPE_CHECKING, Final

from codeorch.analysis.language import Family, FamilyFiles, Language
from codeorch.languages import (
    bash,
    c,
    cpp,
    csharp,
    documents,
    ecmascript,
    golang,
    java,
    kotlin,
    php,
    python,
    ruby,
    rust,
    scala,
)

if TYPE_CHECKING:
    from codeorch.analysis.parse_cache import ParseCache
    from codeorch.analysis.signatures import Signature
    from codeorch.analysis.use_sites import Reader
    from codeorch.domain import Snapshot, SourceFile, Symbol

__all__ = [
    "FAMILIES",
    "LANGUAGES",
    "all_receivers",
    "facts_of",
    "family_files",
    "family_for_tests",
    "family_of",
    "import_stem",
    "is_package_file",
    "is_test_file",
    "language_of",
    "languages_of",
    "module_name",
    "module_path",
    "reader_of",
    "symbol_signature",
]

# A line of `.gitignore` that is no pattern and names a file.
_IGNORED_FILE: Final = re.compile(r"(?m)^/?[\w./-]*\w\.\w+(?=[ \t\r]*$)")

# To add a language, add a line here, and one below if its names are to be followed.
LANGUAGES: Final[dict[str, Language]] = {
    "python": python.LANGUAGE,
    "javascript": ecmascript.JAVASCRIPT,
    "typescript": ecmascript.TYPESCRIPT,
    "tsx": ecmascript.TSX,
    "go": golang.LANGUAGE,
    "rust": rust.LANGUAGE,
    "java": java.LANGUAGE,
    "c": c.LANGUAGE,
    "cpp": cpp.LANGUAGE,
    "csharp": csharp.LANGUAGE,
    "ruby": ruby.LANGUAGE,
    "php": php.LANGUAGE,
    "kotlin": kotlin.LANGUAGE,
    "scala": scala.LANGUAGE,
    "bash": bash.LANGUAGE,
    "json": documents.JSON,
    "yaml": documents.YAML,
    "toml": documents.TOML,
    "html": documents.HTML,
    "css": documents.CSS,
    "markdown": documents.MARKDOWN,
}
FAMILIES: Final[dict[str, Family]] = {
    "python": python.FAMILY,
    "ecmascript": ecmascript.FAMILY,
    "go": golang.FAMILY,
    "rust": rust.FAMILY,
    "c": c.FAMILY,
    "java": java.FAMILY,
    "csharp": csharp.FAMILY,
    "kotlin": kotlin.FAMILY,
    "scala": scala.FAMILY,
    "ruby": ruby.FAMILY,
    "php": php.FAMILY,
    "bash": bash.FAMILY,
}
_UNKNOWN: Final = Language(name="")
_PROGRAM: Final = re.compile(r"#!.*?/(?:env +(?:-\S+ +)*)?([a-z-]+)[\d.]*(?:\s|$)")
_CALLABLE: Final = ("function", "method", "variable", "class")


def facts_of(language: str) -> Language:
    """Return the facts of a language by its name; of one that is not known, none."""
    return LANGUAGES.get(language, _UNKNOWN)


def language_of(path: str, text: str = "") -> str:
    """Name the language of a file by its name, else by its first line; empty when unknown."""
    name = basename(path)
    stem, dot, ending = name.rpartition(".")
    by_name, by_suffix, by_program = _indexes()
    if name in by_name:
        return by_name[name]
    first, *others = by_suffix.get(f".{ending.lower()}" if stem else "", ("",))
    for other in others:
        if (sign := LANGUAGES[other].looks_like) and sign.search(text):
            return other
    if not first and not dot and (shebang := _PROGRAM.match(text)):
        return by_program.get(shebang[1], "")
    return first


@cache
def _indexes() -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]], Mapping[str, str]]:
    """Return languages by file name, by suffix (those that need a look at the text come last)."""
    by_suffix: dict[str, tuple[str, ...]] = {}
    for each in sorted(LANGUAGES.values(), key=lambda each: each.looks_like is not None):
        for suffix in each.suffixes:
            by_suffix[suffix] = (*by_suffix.get(suffix, ()), each.name)
    return (
        {name: each.name for each in LANGUAGES.values() for name in each.file_names},
        by_suffix,
        {program: each.name for each in LANGUAGES.values() for program in each.programs},
    )


# ------------------------------------------------------------------------------- paths


def module_path(path: str) -> str:
    """Return a path as it is imported: without its suffix, or its folder where that is meant.

    `shop/cart` of `shop/cart.py`, `shop` of `shop/__init__.py`, `shop/index.d.ts`, `shop/cart.go`.
    """
    facts = facts_of(language_of(path))
    stem = _without_suffix(path, facts)
    folder, _, name = stem.rpartition("/")
    return folder if facts.folder_is_module or name in facts.package_files else stem


def module_name(path: str) -> str:
    """Return the word by which imports name the module at a path: `cart` of `shop/cart.js`."""
    return basename(module_path(path)).partition(".")[0]


def is_package_file(path: str) -> bool:
    """Whether a file stands for its folder, as `__init__.py` does."""
    facts = facts_of(language_of(path))
    return basename(_without_suffix(path, facts)) in facts.package_files


def import_stem(module: str, language: str) -> str:
    """Return what an import names, without the suffix that it may write: `./a` of `./a.js`."""
    facts = facts_of(language_of(module)) if facts_of(language).imports_by_path else _UNKNOWN
    return _without_suffix(module, facts) if facts.name else module


def _without_suffix(path: str, facts: Language) -> str:
    for suffix in (*facts.stubs, *facts.suffixes):
        if path.endswith(suffix):
            return path.removesuffix(suffix)
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"


def is_test_file(path: str) -> bool:
    """Whether a runner of tests collects a file of this path."""
    tests = facts_of(language_of(path)).tests
    return tests is not None and bool(tests.search(path))


def family_for_tests(path: str) -> str:
    """Name the languages that a file's tests may be written in; for data, its suffix."""
    name = basename(path)
    stem, dot, ending = name.rpartition(".")
    suffix = f"{dot}{ending.lower()}" if stem else ""
    return _test_families().get(suffix, suffix)


@cache
def _test_families() -> Mapping[str, str]:
    """Return the families by suffix."""
    return {
        suffix: each.test_family or each.family or each.name
        for each in LANGUAGES.values()
        for suffix in (*each.suffixes, *each.companions)
    }


# ------------------------------------------------------------------------------- families


def all_receivers() -> frozenset[str]:
    """Return what methods call their object or class, in whatever language."""
    return frozenset[str]().union(*(each.receivers for each in LANGUAGES.values()))


def languages_of(family: str) -> tuple[Language, ...]:
    """Return the languages of a family."""
    return tuple(each for each in LANGUAGES.values() if each.family == family)


def family_of(language: str) -> str:
    """Name the family of a language; empty when no reader knows it."""
    return facts_of(language).family


def family_files(snapshot: "Snapshot", family: str, parses: "ParseCache") -> FamilyFiles:
    """Return what the reader and the renamer of a family are made of; `parses` may be shared."""
    files = (snapshot.bare(path) for path in snapshot.files)
    config_files = FAMILIES[family].config_files
    configs = filter(config_files.search, snapshot.files) if config_files else ()
    return FamilyFiles(
        texts={
            file.path: (facts_of(file.language).ast_grep, file.text)
            for file in files
            if family_of(file.language) == family
        },
        configs={path: snapshot.bare(path).text for path in configs},
        paths=snapshot.files.keys(),
        unread=snapshot.skipped.keys(),
        ignored=frozenset(_ignored_files(snapshot)),
        parses=parses,
    )


def _ignored_files(snapshot: "Snapshot") -> Iterator[str]:
    """Give the files that `.gitignore` names in full: a tool makes them, such as `_version.py`."""
    folders = {dirname(path) for path in snapshot.files}
    for path in (path for path in snapshot.files if basename(path) == ".gitignore"):
        home = dirname(path)
        for name in _IGNORED_FILE.findall(snapshot.bare(path).text):
            homes = [home] if "/" in name else [each for each in folders if each.startswith(home)]
            yield from (join(each, name.lstrip("/")) for each in homes)


def reader_of(snapshot: "Snapshot", family: str, parses: "ParseCache") -> "Reader":
    """Make the reader of a family, on what may be parsed already."""
    return FAMILIES[family].reader(family_files(snapshot, family, parses))


def symbol_signature(
    parses: "ParseCache", file: "SourceFile", symbol: "Symbol"
) -> "Signature | None":
    """Read what a definition takes from those who call it; None when it cannot be called."""
    facts = facts_of(file.language)
    if symbol.kind not in _CALLABLE or not facts.family or symbol.name == facts.initializer:
        return None
    data = file.text.encode("utf-8", "surrogatepass")
    start = len(data[: symbol.name_start].decode("utf-8", "replace"))
    files = FamilyFiles(texts={file.path: (facts.ast_grep, file.text)}, parses=parses)
    return FAMILIES[facts.family].signature(files, file.path, symbol, start)
