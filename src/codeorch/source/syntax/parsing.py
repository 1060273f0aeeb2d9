"""Text -> what is defined, used and imported in it, by the queries in languages/*.scm.

A query file holds, above the line `;;; references`, patterns for definitions: a node captured as
a symbol's kind, its `@name`, and the `@owner` when that is not around it; `@scope` around members
that are written outside of their type; `@import` with its `@module` and each `@bind` name. Below
the line stand the leaves that use a name, captured as the kind of use. The most telling kind wins.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from codeorch.domain import Import, Reference, ReferenceKind, Symbol
from codeorch.languages import LANGUAGES
from codeorch.source.syntax.grammars import (
    UnreadableText,
    count_errors,
    names_query,
    parse_tree,
    queries,
    query_captures,
    query_matches,
    text_of,
)
from codeorch.source.syntax.symbols import Capture, symbols

if TYPE_CHECKING:
    from tree_sitter import Node, Query

_STRENGTH = ("name", "type", "attribute", "import", "call")  # a later kind wins over an earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseResult:
    """What a parse found. `errors` counts the places that the grammar could not make sense of."""

    symbols: tuple[Symbol, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()
    errors: int = 0


def parse(text: str, language: str, *, references: bool = True) -> ParseResult:
    """Find the definitions, imports and uses of names in a text; nothing in unknown languages.

    The uses take as long to find as all the rest, so that they can be left out.
    """
    if language not in LANGUAGES:
        return ParseResult()
    try:
        return _parse(text.encode("utf-8", "surrogatepass"), language, references=references)
    except UnreadableText:
        return ParseResult(errors=1)


def _parse(data: bytes, language: str, *, references: bool) -> ParseResult:
    root = parse_tree(data, language)
    errors = count_errors(root)
    both = queries(language)
    if both is None:
        return ParseResult(errors=errors)
    found, imports = _definitions(both[0], root, data)
    taken = {one.name.start_byte for one in found if one.kind != "scope"}
    return ParseResult(
        symbols=symbols(found, data),
        references=_references(both[1], root, data, taken) if references else (),
        imports=imports,
        errors=errors,
    )


def definitions(text: str, language: str) -> tuple[str, ...]:
    """Name what a text defines; the quick part of `parse`, for an index.

    What is defined deep inside of a function is nobody else's business, and left out.
    """
    query = names_query(language) if language in LANGUAGES else None
    if query is None:
        return ()
    data, levels = text.encode("utf-8", "surrogatepass"), LANGUAGES[language].outer_levels
    try:
        nodes = query_captures(query, parse_tree(data, language), levels).get("name", ())
    except UnreadableText:
        return ()
    places = {node.start_byte: node.end_byte for node in nodes}  # a pattern may match twice
    return tuple([data[a:b].decode("utf-8", "replace") for a, b in places.items()])


def _definitions(
    query: "Query", root: "Node", data: bytes
) -> tuple[list[Capture], tuple[Import, ...]]:
    found: dict[int, Capture] = {}  # by the name's offset
    imports: dict[int, tuple[Node, list[Node], dict[int, str]]] = {}  # by the module's offset
    for match in query_matches(query, root):
        if "import" in match:
            modules = match["module"]
            kept = imports.setdefault(modules[0].start_byte, (match["import"][0], modules, {}))
            kept[2].update((n.start_byte, text_of(n, data)) for n in match.get("bind", ()))
            continue
        owner = match.pop("owner", None)
        name = match.pop("name")[0]
        kind, nodes = next((k, n) for k, n in match.items() if not k.startswith("_"))
        one = Capture(kind=kind, node=nodes[0], inner=nodes[0], name=name,
                    owner=text_of(owner[0], data) if owner else "")  # fmt: skip
        known = found.get(name.start_byte)
        found[name.start_byte] = known.joined(one) if known else one
    return list(found.values()), tuple(
        Import(
            module=data[modules[0].start_byte : modules[-1].end_byte]
            .decode("utf-8", "replace")
            .strip("\"'<>`"),
            names=tuple(dict.fromkeys(name for _, name in sorted(names.items()))),
            line=node.start_point[0] + 1,
        )
        for _, (node, modules, names) in sorted(imports.items())
    )


def _references(
    query: "Query", root: "Node", data: bytes, taken: set[int]
) -> tuple[Reference, ...]:
    nodes = query_captures(query, root)
    best: dict[int, tuple[str, int]] = {}  # by start: kind, end
    for kind in _STRENGTH:
        best.update((node.start_byte, (kind, node.end_byte)) for node in nodes.get(kind, ()))
    references = []
    line, counted = 1, 0
    for start, (kind, end) in sorted(best.items()):
        if start in taken:
            continue
        line += data.count(b"\n", counted, start)
        counted = start
        name = data[start:end].decode("utf-8", "replace")
        references.append(
            Reference(name=name, kind=cast("ReferenceKind", kind), start=start, line=line)
        )
    return tuple(references)
