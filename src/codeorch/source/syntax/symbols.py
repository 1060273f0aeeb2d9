"""Captured definitions -> symbols: parents, signatures and the first line of documentation."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from codeorch.domain import Symbol, SymbolKind
from codeorch.source.syntax.grammars import text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_OWNERS = frozenset({"class", "interface", "enum", "scope"})
_WITH_BODY = frozenset({"class", "interface", "enum", "module", "function", "method"})
_LONGEST = 200  # characters of a signature, and of the first line of documentation
_COMMENT = re.compile(r"\s*(//|/\*|\*|#(?=[\s#]|$)|--\s)")
_MARKS = re.compile(r"^[\s/*#!-]+|</?[a-z]+( [^>]*)?>|[\s*/]+$")
_ATTRIBUTE = re.compile(r"\s*(#!?\[.*\]|@\w[\w.]*(\(.*\))?)\s*$")
_ANNOTATIONS = re.compile(
    r"^((@(?!interface\b)\w[\w.]*(\([^()]*\))?|\[[A-Z][^\]]*\]|#\[[^\]]*\])\s+)+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A definition as captured; `node` includes decorators and `export`, `inner` does not."""

    kind: str  # a symbol's kind, or `scope`
    node: "Node"
    inner: "Node"
    name: "Node"
    owner: str

    def joined(self, other: "Capture") -> "Capture":
        """Make one of two captures of the same name."""
        wide, narrow = sorted(
            (self, other), key=lambda one: one.node.start_byte - one.node.end_byte
        )
        kinds = [one.kind for one in (narrow, wide) if one.kind not in ("variable", "field")]
        return Capture(
            kind=kinds[0] if kinds else self.kind,
            node=wide.node,
            inner=narrow.inner,
            name=self.name,
            owner=self.owner or other.owner,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A definition that has begun and not ended."""

    start: int
    end: int
    kind: str
    path: str  # dotted names

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


def symbols(found: Iterable[Capture], data: bytes) -> tuple[Symbol, ...]:
    """Give the symbols in order, outer ones before inner ones."""
    return tuple(_in_order(found, data))


def _in_order(found: Iterable[Capture], data: bytes) -> Iterator[Symbol]:
    around: list[_Open] = []
    line, counted = 1, 0
    for one in sorted(found, key=lambda each: (each.node.start_byte, -each.node.end_byte)):
        start, end = one.node.start_byte, one.node.end_byte
        while around and (around[-1].end <= start or around[-1].span == (start, end)):
            around.pop()
        outer = around[-1] if around else _Open(start=0, end=0, kind="", path="")
        name, owner = text_of(one.name, data), one.owner.partition("<")[0].replace("::", ".")
        parent = ".".join(part for part in (outer.path, owner) if part)
        if one.kind in _OWNERS or one.name.end_byte + 1 < end:  # what C's `typedef` holds is before
            path = f"{parent}.{name}" if parent else name
            around.append(_Open(start=start, end=end, kind=one.kind, path=path))
        if one.kind == "scope":
            continue
        line, counted = line + data.count(b"\n", counted, start), start
        # What stands before it on its line, and above that, is about the outer one.
        inline = bool(outer.kind) and data.find(b"\n", outer.start, start) < 0
        method = one.kind == "function" and (outer.kind in _OWNERS or owner)
        yield Symbol(
            name=name,
            kind=cast("SymbolKind", "method" if method else one.kind),
            signature=_signature(one, data, inline=inline),
            start=start,
            end=end,
            name_start=one.name.start_byte,
            line=line,
            end_line=line + data.count(b"\n", start, max(start, end - 1)),
            parent=parent,
            doc=_doc(one, data, inline=inline),
        )


def _signature(one: Capture, data: bytes, *, inline: bool) -> str:
    """Give the definition in one line, as written, without decorators and body."""
    start = data.rfind(b"\n", 0, one.inner.start_byte) + 1
    before = data[start : one.inner.start_byte]
    if inline or not re.fullmatch(rb"[\w\s()]*", before):  # more than `export`, `type`
        start = one.inner.start_byte
    body = _body(one.inner)
    parts = (child for child in one.inner.named_children if child.type.endswith("comment"))
    stops = (part.start_byte for part in (body, *parts) if part is not None)
    end = min((at for at in stops if at > one.name.end_byte), default=one.inner.end_byte)
    text = data[start : min(end, start + 4 * _LONGEST)].decode("utf-8", "replace")
    text = _ANNOTATIONS.sub("", text.strip())
    if body is None and one.kind in _WITH_BODY:
        text = text.partition("{")[0]
    elif one.kind in ("variable", "field", "macro"):
        text = text.partition("\n")[0]
    return _shortened(" ".join(text.split()).rstrip(" {;,"))


def _body(node: "Node") -> "Node | None":
    value = node.child_by_field_name("value") or node.child_by_field_name("definition") or node
    body = value.child_by_field_name("body")
    if body is not None:
        return body
    children = (child for child in value.named_children if child.type.endswith("_body"))
    return next(children, None)


def _doc(one: Capture, data: bytes, *, inline: bool) -> str:
    """Give the first line of a docstring, or of the comment right above."""
    body = one.inner.child_by_field_name("body")
    first = _first_child(body)
    if first is not None and first.type == "expression_statement":
        first = _first_child(first)
    if first is not None and first.type == "string" and one.kind in _WITH_BODY:
        return _first_line(text_of(first, data).lstrip("rbuRBU").strip("\"'"))
    if inline:
        return ""
    line_start = data.rfind(b"\n", 0, one.node.start_byte) + 1
    above = data[max(0, line_start - 2_000) : line_start].decode("utf-8", "replace")
    comment: list[str] = []
    for line in reversed(above.split("\n")[:-1]):
        if _ATTRIBUTE.match(line) and not comment:
            continue
        if not _COMMENT.match(line):
            break
        comment.append(_MARKS.sub("", line))
    return next((_first_line(line) for line in reversed(comment) if line), "")


def _first_child(node: "Node | None") -> "Node | None":
    return node.named_child(0) if node is not None and node.named_child_count else None


def _first_line(text: str) -> str:
    return _shortened(text.strip().split("\n", 1)[0].strip())


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
