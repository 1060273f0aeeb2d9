"""Code with `$NAME` and `$$$NAME` in it -> the trees that it may be read as.

The same for what is looked for and for what is written: both are read by the grammar of the files,
each in all the surroundings that the language knows (a statement, an expression, a type, ...).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import SyntaxNode, syntax_tree

VARIABLE: Final = re.compile(r"\$\$\$(?P<many>[A-Z_][A-Z0-9_]*)?|\$(?P<one>[A-Z_][A-Z0-9_]*)")
_Nodes = Sequence[SyntaxNode]
_STAND_IN: Final = "codeorch_{}_capture"  # a name that any grammar takes for an expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What stands for code: `$NAME` for one piece, `$$$NAME` for any number of them."""

    name: str  # as written; a nameless one has its number
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A node of a template; one that is nothing but a capture carries it, at every level."""

    kind: str
    text: str
    is_named: bool
    parts: tuple["Part", ...]
    atom: int = -1  # of a leaf or a capture: its place among the template's atoms
    capture: Capture | None = None

    @property
    def is_many(self) -> bool:
        """Whether any number of pieces may stand here."""
        return self.capture is not None and self.capture.many

    def walk(self) -> Iterator["Part"]:
        """Yield the part and all below."""
        yield self
        for each in self.parts:
            yield from each.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """A word, a sign or a capture of a template, and the space before it."""

    text: str
    lead: str
    capture: Capture | None = None

    @property
    def key(self) -> str:
        """What it is known by where two templates are compared."""
        return self.capture.name if self.capture else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One way to read a template: its nodes side by side, most often one, and its atoms."""

    roots: tuple[Part, ...]
    atoms: tuple[Atom, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that a text must hold for the template to be in it."""
        plain = (atom.text for atom in self.atoms if atom.capture is None)
        return tuple(text for text in plain if re.fullmatch(r"\w+", text))


def variables(text: str) -> dict[str, int]:
    """Count the named captures of a template."""
    counts: dict[str, int] = {}
    for each in VARIABLE.finditer(text):
        if (each["many"] or each["one"] or "_") != "_":
            counts[each.group()] = counts.get(each.group(), 0) + 1
    return counts


class TemplateReader:
    """Reads the templates of one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def read(self, template: str) -> list[Template]:
        """Return every way to read a template, without doubles; none when it is no code."""
        captures: dict[str, Capture] = {}

        def stand_in(found: re.Match[str]) -> str:
            name = found.group()
            if (found["many"] or found["one"] or "_") == "_":
                name = f"{name}{len(captures)}"
            word = _STAND_IN.format(len(captures))
            captures[word] = Capture(name=name, many=name.startswith("$$$"))
            return word

        code = VARIABLE.sub(stand_in, template.strip())
        if not code:
            return [Template(roots=(), atoms=())]
        found: dict[object, Template] = {}
        for prefix, suffix in self._language.syntax.surroundings:
            nodes = self._nodes(prefix, code, suffix)
            end = len(prefix) + len(code)
            if nodes and (read := _Builder(captures, end).template(nodes)):
                found.setdefault(_shape(read.roots), read)
        return list(found.values())

    def _nodes(self, prefix: str, code: str, suffix: str) -> _Nodes:
        """Read code between other code; empty where it cannot stand there, or is no node."""
        root = syntax_tree(f"{prefix}{code}{suffix}", self._language.ast_grep)
        if any(each.is_broken for each in root.walk()):
            return ()
        start = len(prefix)
        end = start + len(code)
        sequences = self._language.syntax.sequences
        if nodes := _spanning(root, start, end, sequences):
            return nodes
        if not suffix.startswith(";"):
            return ()
        nodes = _spanning(root, start, end + 1, sequences)  # a statement whose `;` is not written
        return nodes if len(nodes) == 1 else ()


def _spanning(root: SyntaxNode, start: int, end: int, sequences: frozenset[str]) -> _Nodes:
    """Return the innermost node that spans a range, or else the neighbours that do."""
    node: SyntaxNode | None = root
    found: _Nodes = ()
    while node is not None:
        inside = [each for each in node.parts if start <= each.start and each.end <= end]
        spans = bool(inside) and (inside[0].start, inside[-1].end) == (start, end)
        if (node.start, node.end) == (start, end) and node.parent and node.kind not in sequences:
            found = (node,)
        elif spans and not found:
            found = inside
        node = next((x for x in node.parts if x.start <= start and end <= x.end), None)
    return found


class _Builder:
    """Makes parts and atoms of nodes."""

    def __init__(self, captures: dict[str, Capture], end: int) -> None:
        self._captures = captures
        self._end = end  # what stands behind belongs to the surroundings
        self._atoms: list[Atom] = []
        self._at = -1  # where the last atom ended

    def template(self, nodes: Sequence[SyntaxNode]) -> Template | None:
        """Return the template; None where a capture is a part of a word or of a text."""
        self._at = nodes[0].start
        roots = tuple(self._part(node) for node in nodes)
        plain = [atom.text for atom in self._atoms if atom.capture is None]
        if any(word in text for text in plain for word in self._captures):
            return None
        return Template(roots=roots, atoms=tuple(self._atoms))

    def _part(self, node: SyntaxNode) -> Part:
        capture = self._captures.get(node.text)
        if capture or not node.parts:
            return self._leaf(node, capture)
        inside = [each for each in node.parts if each.start < self._end]
        parts = tuple(self._part(each) for each in inside)
        return Part(kind=node.kind, text=node.text, is_named=node.is_named, parts=parts)

    def _leaf(self, node: SyntaxNode, capture: Capture | None) -> Part:
        part = self._chain(node, capture)
        self._atoms.append(Atom(text=node.text, lead=node.space_from(self._at), capture=capture))
        self._at = node.end
        return part

    def _chain(self, node: SyntaxNode, capture: Capture | None) -> Part:
        """Return a leaf; of a capture, the same again for each node that is nothing else."""
        below = tuple(self._chain(each, capture) for each in node.parts)
        return Part(
            kind=node.kind, text=node.text, is_named=node.is_named, parts=below,
            atom=len(self._atoms), capture=capture,
        )  # fmt: skip


def _shape(parts: Sequence[Part]) -> object:
    return tuple((each.kind, each.text, _shape(each.parts)) for each in parts)
