"""Text -> symbols, references and imports, by tree-sitter queries. The only door to tree-sitter.

A language is a row in `LANGUAGES` and a file in queries/: above the line `;;; references` the
definitions (the captured node's name is the symbol's kind, `@name` its name) and imports, below it
the leaves that use a name. Trees are walked with cursors and queries only, never by recursion, and
never printed: both break on deeply nested input.
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast

from codeorch.domain import Import, Reference, ReferenceKind, Symbol, SymbolKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a parse found. `errors` counts the nodes that the grammar could not make sense of."""

    symbols: tuple[Symbol, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()
    errors: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    module: str
    function: str = "language"
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # whole file names
    query: str = ""  # when it is another language's


LANGUAGES: Mapping[str, _Language] = {
    "python": _Language(module="tree_sitter_python", suffixes=(".py", ".pyi")),
    "javascript": _Language(
        module="tree_sitter_javascript", suffixes=(".js", ".jsx", ".mjs", ".cjs")
    ),
    "typescript": _Language(
        module="tree_sitter_typescript",
        function="language_typescript",
        suffixes=(".ts", ".mts", ".cts"),
    ),
    "tsx": _Language(
        module="tree_sitter_typescript",
        function="language_tsx",
        suffixes=(".tsx",),
        query="typescript",
    ),
    "go": _Language(module="tree_sitter_go", suffixes=(".go",)),
    "rust": _Language(module="tree_sitter_rust", suffixes=(".rs",)),
    "java": _Language(module="tree_sitter_java", suffixes=(".java",)),
    "c": _Language(module="tree_sitter_c", suffixes=(".c", ".h")),
    "cpp": _Language(
        module="tree_sitter_cpp", suffixes=(".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx")
    ),
    "csharp": _Language(module="tree_sitter_c_sharp", suffixes=(".cs",)),
    "ruby": _Language(
        module="tree_sitter_ruby", suffixes=(".rb", ".rake"), names=("Rakefile", "Gemfile")
    ),
    "php": _Language(module="tree_sitter_php", function="language_php", suffixes=(".php",)),
    "kotlin": _Language(module="tree_sitter_kotlin", suffixes=(".kt", ".kts")),
    "scala": _Language(module="tree_sitter_scala", suffixes=(".scala", ".sc")),
    "bash": _Language(module="tree_sitter_bash", suffixes=(".sh", ".bash")),
    "json": _Language(module="tree_sitter_json", suffixes=(".json",)),
    "yaml": _Language(module="tree_sitter_yaml", suffixes=(".yaml", ".yml")),
    "toml": _Language(module="tree_sitter_toml", suffixes=(".toml",)),
    "html": _Language(module="tree_sitter_html", suffixes=(".html", ".htm")),
    "css": _Language(module="tree_sitter_css", suffixes=(".css",)),
    "markdown": _Language(module="tree_sitter_markdown", suffixes=(".md", ".markdown")),
}
_BY_SUFFIX = {suffix: name for name, row in LANGUAGES.items() for suffix in row.suffixes}
_BY_NAME = {file: name for name, row in LANGUAGES.items() for file in row.names}
_BY_SHEBANG = (("python", "python"), ("node", "javascript"), ("bash", "bash"), ("/sh", "bash"),
               ("ruby", "ruby"), ("php", "php"))  # fmt: skip
_KINDS = frozenset(
    {"function", "method", "class", "interface", "type", "enum", "module", "variable", "field",
     "macro"}
)  # fmt: skip
_OWNERS = frozenset({"class", "interface", "enum"})
_STRENGTH = ("any", "type", "attribute", "import", "call")  # a later kind wins over an earlier one


def language_of(path: str, text: str = "") -> str:
    """Name the language of a file by its name, else by its first line; empty when unknown."""
    name = path.rpartition("/")[2]
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    found = _BY_NAME.get(name) or _BY_SUFFIX.get(suffix, "")
    if not found and not suffix and text.startswith("#!"):
        first = text.split("\n", 1)[0]
        found = next((language for mark, language in _BY_SHEBANG if mark in first), "")
    return found


def parse(text: str, language: str) -> Parsed:
    """Find the definitions, uses of names and imports of a text; nothing when it is unknown."""
    if language not in LANGUAGES:
        return Parsed()
    data = text.encode("utf-8", "surrogatepass")
    root = _parser(language).parse(data).root_node
    queries = _queries(language)
    errors = _count_errors(root) if root.has_error else 0
    if queries is None:
        return Parsed(errors=errors)
    symbols, imports = _definitions(queries[0], root, data)
    taken = {symbol.name_start for symbol in symbols}
    references = tuple(r for r in _references(queries[1], root, data) if r.start not in taken)
    return Parsed(symbols=symbols, references=references, imports=imports, errors=errors)


def strings_and_comments(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Give the byte ranges of strings and comments; code inside of a string is left out."""
    if language not in LANGUAGES:
        return ()
    root = _parser(language).parse(text.encode("utf-8", "surrogatepass")).root_node
    return tuple((n.start_byte, n.end_byte) for n in _walk(root, _is_quoted) if _is_quoted(n))


# ------------------------------------------------------------------------------- grammars


@cache
def _grammar(language: str) -> Any:  # noqa: ANN401 - tree-sitter's own class
    from tree_sitter import Language  # noqa: PLC0415 - loaded when the first file is parsed

    row = LANGUAGES[language]
    return Language(getattr(importlib.import_module(row.module), row.function)())


@cache
def _parser(language: str) -> Any:  # noqa: ANN401
    from tree_sitter import Parser  # noqa: PLC0415

    return Parser(_grammar(language))


@cache
def _queries(language: str) -> tuple[Any, Any] | None:
    from tree_sitter import Query  # noqa: PLC0415

    file = resources.files("codeorch") / "read" / "queries"
    file = file / f"{LANGUAGES[language].query or language}.scm"
    if not file.is_file():
        return None
    above, _, below = file.read_text(encoding="utf-8").partition(";;; references\n")
    return Query(_grammar(language), above), Query(_grammar(language), below)


# ------------------------------------------------------------------------------- definitions


def _definitions(
    query: Any,  # noqa: ANN401
    root: Any,  # noqa: ANN401
    data: bytes,
) -> tuple[tuple[Symbol, ...], tuple[Import, ...]]:
    from tree_sitter import QueryCursor  # noqa: PLC0415

    found: dict[int, tuple[str, Any, Any]] = {}  # by the name's offset: kind, node, name
    imports: dict[int, Import] = {}
    for _, captures in QueryCursor(query).matches(root):
        if "import" in captures:
            for module in captures.get("module", ()):
                imports[module.start_byte] = _import(captures["import"][0], module, data)
            continue
        kind = next(key for key in captures if key in _KINDS)
        name = captures["name"][0]
        # A more telling pattern comes first in the file: a function that is also a variable.
        found.setdefault(name.start_byte, (kind, captures[kind][0], name))
    ordered = sorted(found.values(), key=lambda one: (one[1].start_byte, -one[1].end_byte))
    return tuple(_symbols(ordered, data)), tuple(imports[at] for at in sorted(imports))


def _symbols(ordered: list[tuple[str, Any, Any]], data: bytes) -> Iterator[Symbol]:
    """Give the definitions with their parents; `ordered` has outer ones before inner ones."""
    open_ones: list[tuple[int, str, str]] = []  # end, kind, name
    for kind, node, name in ordered:
        while open_ones and open_ones[-1][0] <= node.start_byte:
            open_ones.pop()
        owned = bool(open_ones) and open_ones[-1][1] in _OWNERS
        kind = "method" if kind == "function" and owned else kind  # noqa: PLW2901
        yield Symbol(
            name=_text(name, data),
            kind=cast("SymbolKind", kind),
            signature=_signature(node, data),
            start=node.start_byte,
            end=node.end_byte,
            name_start=name.start_byte,
            line=node.start_point[0] + 1,
            end_line=node.end_point[0] + 1,
            parent=".".join(one[2] for one in open_ones) or _receiver(node, data),
            doc=_doc(node, data),
        )
        open_ones.append((node.end_byte, kind, _text(name, data)))


def _receiver(node: Any, data: bytes) -> str:  # noqa: ANN401
    """Name the type that a Go method belongs to; it is not around the method but before it."""
    receiver = node.child_by_field_name("receiver")
    if receiver is None:
        return ""
    names = [n for n in _walk(receiver) if n.type == "type_identifier"]
    return _text(names[0], data) if names else ""


def _signature(node: Any, data: bytes) -> str:  # noqa: ANN401
    body = node.child_by_field_name("body") or next(
        (child for child in node.children if child.type.endswith(("_body", "_list", "block"))
         and child.type not in ("argument_list", "parameter_list")), None,
    )  # fmt: skip
    value = node.child_by_field_name("value")
    inner = value.child_by_field_name("body") if value is not None and body is None else None
    end = next((part.start_byte for part in (body, inner) if part is not None), node.end_byte)
    written = data[node.start_byte : min(end, node.start_byte + 600)].decode("utf-8", "replace")
    one_line = " ".join(written.split()).rstrip(" {")
    return one_line if len(one_line) <= 200 else one_line[:200] + " ..."


def _doc(node: Any, data: bytes) -> str:  # noqa: ANN401
    """Give the first line of a docstring, or of the comment right above."""
    body = node.child_by_field_name("body")
    first = body.named_children[0] if body is not None and body.named_children else None
    if first is not None and first.type == "expression_statement" and first.named_children:
        first = first.named_children[0]
    if first is not None and first.type == "string":
        return _first_words(_text(first, data).lstrip("rbuRBU").strip("\"'"))
    above = data[max(0, node.start_byte - 2000) : node.start_byte].decode("utf-8", "replace")
    lines = above.rpartition("\n")[0].split("\n")
    comment: list[str] = []
    for line in reversed(lines):
        if not re.match(r"\s*(//|/\*|\*|#(?!\[|!|include|define))", line):
            break
        comment.insert(0, line.strip().lstrip("/*#!").rstrip("*/").strip())
    return _first_words("\n".join(line for line in comment if line))


def _first_words(text: str) -> str:
    first = text.strip().split("\n", 1)[0].strip()
    return first if len(first) <= 120 else first[:120] + " ..."


def _import(node: Any, module: Any, data: bytes) -> Import:  # noqa: ANN401
    inside = [n for n in _walk(node) if n.type in ("identifier", "dotted_name", "name")]
    names = (_text(n, data) for n in inside if n.start_byte >= module.end_byte)
    before = (
        _text(n, data) for n in inside if n.end_byte <= module.start_byte and n.type == "identifier"
    )
    return Import(
        module=_text(module, data).strip("\"'<>`"),
        names=tuple(dict.fromkeys((*before, *names))),
        line=node.start_point[0] + 1,
    )


# ------------------------------------------------------------------------------- references


def _references(query: Any, root: Any, data: bytes) -> Iterator[Reference]:  # noqa: ANN401
    from tree_sitter import QueryCursor  # noqa: PLC0415

    best: dict[int, tuple[int, Any]] = {}
    for name, nodes in QueryCursor(query).captures(root).items():
        strength = _STRENGTH.index(name)
        for node in nodes:
            if best.get(node.start_byte, (-1, None))[0] < strength:
                best[node.start_byte] = (strength, node)
    for start in sorted(best):
        strength, node = best[start]
        kind = "name" if strength == 0 else _STRENGTH[strength]
        yield Reference(
            name=_text(node, data),
            kind=cast("ReferenceKind", kind),
            start=start,
            line=node.start_point[0] + 1,
        )


# ------------------------------------------------------------------------------- trees

_COMMENTS = re.compile(r"comment$|^doc_comment")
_CONTENTS = re.compile(r"(string|heredoc|template)_?(content|fragment|body|characters)$|_content$")
_STRINGS = re.compile(r"(string|char(acter)?|rune)(_literal)?$|^raw_string|^template_string$")


def _is_quoted(node: Any) -> bool:  # noqa: ANN401
    kind = node.type
    if not node.is_named:
        return False
    if _COMMENTS.search(kind) or _CONTENTS.search(kind):
        return True
    return bool(_STRINGS.search(kind)) and not any(
        "interpolation" in child.type or "substitution" in child.type
        for child in node.named_children
    )


def _walk(root: Any, stop: Any = None) -> Iterator[Any]:  # noqa: ANN401
    """Visit a tree in order, without recursion; below a node that `stop` accepts, nothing."""
    cursor = root.walk()
    while True:
        node = cursor.node
        yield node
        if (stop is None or not stop(node)) and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _count_errors(root: Any) -> int:  # noqa: ANN401
    """Count error and missing nodes; only below nodes that have one."""
    return sum(node.is_error or node.is_missing for node in _walk(root, lambda n: not n.has_error))


def _text(node: Any, data: bytes) -> str:  # noqa: ANN401
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")
