"""The table of languages. A new one is a row here, a file in queries/ and a case in the tests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


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
