"""The table of languages: file -> language, language -> family, family -> who reads its names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from codeorch.analysis.ast_grep import span
from codeorch.analysis.parse_cache import ParseCache
from codeorch.analysis.signatures import Signature
from codeorch.analysis.signatures import signature_of as read_signature
from codeorch.analysis.use_sites import Reader
from codeorch.domain import Snapshot, SourceFile, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Where a grammar is found, and which files it is for."""

    module: str
    function: str = "language"
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # whole file names
    programs: tuple[str, ...] = ()  # in the `#!` line of a file without a suffix
    queries: tuple[str, ...] = ()  # files, when not the one of the language's own name
    refuse: str = ""  # texts on which this grammar is known to crash the process
    outer: int = 10  # levels of a tree; methods of nested types are there, and most leaves below


LANGUAGES: Mapping[str, Language] = {
    "python": Language(
        module="tree_sitter_python",
        suffixes=(".py", ".pyi", ".pyw"),
        programs=("python",),
        outer=8,
    ),
    "javascript": Language(
        module="tree_sitter_javascript",
        suffixes=(".js", ".jsx", ".mjs", ".cjs"),
        programs=("node",),
        queries=("javascript", "jsx"),
    ),
    "typescript": Language(
        module="tree_sitter_typescript",
        function="language_typescript",
        suffixes=(".ts", ".mts", ".cts"),
        programs=("deno", "ts-node", "tsx"),
    ),
    "tsx": Language(
        module="tree_sitter_typescript",
        function="language_tsx",
        suffixes=(".tsx",),
        queries=("typescript", "jsx"),
    ),
    "go": Language(module="tree_sitter_go", suffixes=(".go",)),
    "rust": Language(module="tree_sitter_rust", suffixes=(".rs",)),
    "java": Language(module="tree_sitter_java", suffixes=(".java",), outer=8),
    "c": Language(module="tree_sitter_c", suffixes=(".c", ".h")),
    "cpp": Language(
        module="tree_sitter_cpp",
        suffixes=(".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".ipp"),
    ),
    "csharp": Language(module="tree_sitter_c_sharp", suffixes=(".cs",)),
    "ruby": Language(
        module="tree_sitter_ruby",
        suffixes=(".rb", ".rake", ".gemspec"),
        names=("Rakefile", "Gemfile"),
        programs=("ruby",),
    ),
    "php": Language(
        module="tree_sitter_php", function="language_php", suffixes=(".php",), programs=("php",)
    ),
    "kotlin": Language(module="tree_sitter_kotlin", suffixes=(".kt", ".kts")),
    "scala": Language(module="tree_sitter_scala", suffixes=(".scala", ".sc")),
    "bash": Language(
        module="tree_sitter_bash", suffixes=(".sh", ".bash"), programs=("bash", "sh", "dash")
    ),
    "json": Language(module="tree_sitter_json", suffixes=(".json",)),
    # Its scanner overflows a buffer at some 250 levels; each level needs a column.
    "yaml": Language(
        module="tree_sitter_yaml",
        suffixes=(".yaml", ".yml"),
        refuse=r"(?m)^[ \t\-?:]{200}|(- ){99}",
    ),
    "toml": Language(module="tree_sitter_toml", suffixes=(".toml",)),
    "html": Language(module="tree_sitter_html", suffixes=(".html", ".htm")),
    "css": Language(module="tree_sitter_css", suffixes=(".css",)),
    "markdown": Language(module="tree_sitter_markdown", suffixes=(".md", ".markdown")),
}
_BY_SUFFIX = {suffix: name for name, row in LANGUAGES.items() for suffix in row.suffixes}
_BY_NAME = {file: name for name, row in LANGUAGES.items() for file in row.names}
_BY_PROGRAM = {program: name for name, row in LANGUAGES.items() for program in row.programs}
_PROGRAM = re.compile(r"#!.*?/(?:env +(?:-\S+ +)*)?([a-z-]+)[\d.]*(?:\s|$)")
_CPLUSPLUS = re.compile(
    r"^\s*(class\s+\w+|namespace\b|template\s*<|public:|private:|using\s+\w)", re.MULTILINE
)


def language_of(path: str, text: str = "") -> str:
    """Name the language of a file by its name, else by its first line; empty when unknown."""
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    found = _BY_NAME.get(name) or _BY_SUFFIX.get(f".{ending.lower()}" if stem else "", "")
    if not found and not dot and (shebang := _PROGRAM.match(text)):
        return _BY_PROGRAM.get(shebang[1], "")
    if found == "c" and ending.lower() == "h" and _CPLUSPLUS.search(text):
        return "cpp"
    return found


_CALLED: Final = ("function", "method", "variable", "class")
_FAMILIES: Final = {
    "python": "python", "javascript": "scripts", "typescript": "scripts", "tsx": "scripts",
    "go": "go", "c": "c", "cpp": "c", "rust": "rust", "java": "java", "csharp": "csharp",
    "kotlin": "kotlin", "scala": "scala", "ruby": "ruby", "php": "php", "bash": "bash",
}  # fmt: skip
_GO_MOD: Final = re.compile(r"(?:^|/)go\.mod$")
_CONFIG: Final = re.compile(r"(?:^|/)(?:package|tsconfig[\w.-]*|jsconfig)\.json$")


def family_of(language: str) -> str:
    """Name the family of a language; empty when no reader knows it."""
    return _FAMILIES.get(language, "")


def reader_of(snapshot: Snapshot, family: str, parses: ParseCache) -> Reader:
    """Make the reader of a family, on what may be parsed already."""
    # These load ast-grep.
    from codeorch.languages.ecmascript.references import ScriptReader  # noqa: PLC0415
    from codeorch.languages.generic import FAMILIES  # noqa: PLC0415
    from codeorch.languages.generic_references import TableReader  # noqa: PLC0415
    from codeorch.languages.golang.references import GoReader  # noqa: PLC0415
    from codeorch.languages.python.references import PythonReader  # noqa: PLC0415
    from codeorch.languages.python.string_paths import CONFIGS  # noqa: PLC0415

    files = [snapshot.bare(path) for path in snapshot.files]
    told = {f.path: (f.language, f.text) for f in files if family_of(f.language) == family}
    texts = {path: text for path, (_, text) in told.items()}
    match family:
        case "python":
            configs = _matching(snapshot, CONFIGS)
            return PythonReader.of(texts, configs, snapshot.skipped, parses)
        case "scripts":
            everything = frozenset({*snapshot.files, *snapshot.skipped})
            return ScriptReader.of(told, _matching(snapshot, _CONFIG), everything, parses)
        case "go":
            return GoReader.of(texts, _matching(snapshot, _GO_MOD), parses)
        case _:
            language = next(each for each in FAMILIES if family in each.names)
            return TableReader.of(language, told, parses)


def _matching(snapshot: Snapshot, pattern: re.Pattern[str]) -> Mapping[str, str]:
    return {path: snapshot.bare(path).text for path in snapshot.files if pattern.search(path)}


def symbol_signature(parses: ParseCache, file: SourceFile, symbol: Symbol) -> Signature | None:
    """Read what a definition takes from those who call it; None when it cannot be called."""
    if symbol.kind not in _CALLED or not family_of(file.language) or symbol.name == "__init__":
        return None
    data = file.text.encode("utf-8", "surrogatepass")
    start = len(data[: symbol.name_start].decode("utf-8", "replace"))
    if file.language == "python":
        from codeorch.languages.python.calls import signature_at  # noqa: PLC0415 - ast-grep

        return signature_at(parses, file, symbol, start)
    for leaf in parses.of(file.text, file.language).leaves(symbol.name):
        if symbol.kind != "class" and span(leaf)[0] == start:
            for node in leaf.ancestors()[:4]:
                found = read_signature(node, file.language)
                if found is not None:
                    return found
    return None
