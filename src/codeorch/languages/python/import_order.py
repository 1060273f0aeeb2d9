"""Imports that a rename has put out of order, in order again, where the project's linter asks.

The order is that of isort's default and of ruff's rule I001: in each block `import x` comes before
`from x import y`, by name of the module; the names that one takes are constants, classes, and
others. A block that was in another order before stays as it is.
See https://docs.astral.sh/ruff/rules/unsorted-imports/
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import basename
from typing import TYPE_CHECKING, Any, Final

from codeorch.analysis.ast_grep import parse, span
from codeorch.analysis.text_edits import TextEdit, apply_edits
from codeorch.languages.python.facts import LANGUAGE

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_IMPORTS: Final = ("import_statement", "import_from_statement")
_ISORT: Final = re.compile(r"(?m)^\[(?:tool:)?isort\]|^\[settings\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBlock:
    """Imports that follow each other line by line, without anything between them."""

    start: int  # in characters
    end: int
    statements: tuple[str, ...]

    @property
    def is_ordered(self) -> bool:
        """Whether the order is the one that is known here."""
        return list(self.statements) == sort_imports(self.statements)


def asks_for_order(configs: Mapping[str, str]) -> bool:
    """Whether a project's configuration has its imports sorted."""
    return any(_asks(basename(path), text) for path, text in configs.items())


def _asks(name: str, text: str) -> bool:
    if name in ("setup.cfg", "tox.ini", ".isort.cfg"):
        return _ISORT.search(text) is not None
    if not name.endswith(".toml"):
        return False
    try:
        read: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    tool = read.get("tool", {}) if name == "pyproject.toml" else {"ruff": read}
    if not isinstance(tool, dict):
        return False
    return "isort" in tool or any(rule in ("I", "I001", "ALL") for rule in _ruff_rules(tool))


def _ruff_rules(tool: Mapping[str, Any]) -> Iterator[str]:
    """Give the rules that ruff is told to hold."""
    ruff = tool.get("ruff", {})
    tables = (ruff, ruff.get("lint", {})) if isinstance(ruff, dict) else ()
    for table in tables:
        for key in ("select", "extend-select") if isinstance(table, dict) else ():
            chosen = table.get(key, [])
            yield from (str(rule) for rule in chosen if isinstance(chosen, list))


def in_order(text: str, edits: Sequence[TextEdit]) -> tuple[TextEdit, ...]:
    """Return the edits of a file so that they leave its imports in order.

    A block is written anew only if it was in order before, and is not with the edits.
    """
    found: list[TextEdit] = []
    rest = list(edits)
    for block in _blocks(text):
        inside = [e for e in rest if block.start <= e.start and e.end <= block.end]
        if not inside or not block.is_ordered:
            continue
        moved = [
            TextEdit(start=e.start - block.start, end=e.end - block.start, text=e.text)
            for e in inside
        ]
        new = apply_edits(text[block.start : block.end], moved)
        after = list(_blocks(new))
        if len(after) == 1 and not after[0].is_ordered:
            rest = [each for each in rest if each not in inside]
            lines = "\n".join(sort_imports(after[0].statements))
            found.append(TextEdit(start=block.start, end=block.end, text=lines))
    return tuple(sorted([*rest, *found]))


def sort_imports(statements: Sequence[str]) -> list[str]:
    """Return import statements in order, and the names that each one takes."""
    return sorted((_with_names(each) for each in statements), key=_key)


def _key(statement: str) -> tuple[bool, bool, str, str]:
    is_from = statement.startswith("from ")
    module = statement.split()[1]
    return is_from, module.startswith("."), module.lower(), module


def _with_names(statement: str) -> str:
    """Put the names of a `from` import on one line in order."""
    head, taken, names = statement.partition(" import ")
    if not taken or not head.startswith("from ") or re.search(r"[(\n#;\\*]", names):
        return statement
    return f"{head}{taken}{', '.join(sorted(names.split(', '), key=_name_key))}"


def _name_key(taken: str) -> tuple[int, str, str]:
    name = taken.split(maxsplit=1)[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower(), name


def _blocks(text: str) -> Iterator[ImportBlock]:
    """Give the blocks of imports at the top level of a file."""
    group: list[Node] = []
    for node in [*parse(text, LANGUAGE.ast_grep).children(), None]:
        is_next = node is not None and node.kind() in _IMPORTS
        if group and not (is_next and node and _follows(text, group[-1], node)):
            yield _block(group)
            group = []
        if is_next and node is not None:
            group.append(node)


def _block(group: Sequence["Node"]) -> ImportBlock:
    start, end = span(group[0])[0], span(group[-1])[1]
    return ImportBlock(start=start, end=end, statements=tuple(each.text() for each in group))


def _follows(text: str, one: "Node", other: "Node") -> bool:
    """Whether a statement stands on the line after another, with nothing else on either."""
    return text[span(one)[1] : span(other)[0]] == "\n"
