"""Examples in docstrings -> texts of their own, that are read like any other file.

An example sees the names of its module, which is what the first line of such a text says. See
https://docs.python.org/3/library/doctest.html#how-are-docstring-examples-recognized
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from posixpath import basename
from typing import Final

from codeorch.analysis.ast_grep import of_kind, parse, span
from codeorch.analysis.proposals import Place, Proposal
from codeorch.languages.python.facts import LANGUAGE

_EXAMPLE: Final = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")
_MARK: Final = "::doctest-"  # between a file's path and the number of its docstring


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctests:
    """The examples of a repository's docstrings."""

    texts: Mapping[str, str]  # by a path of their own
    _lines: Mapping[str, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)
    _files: Mapping[str, str] = field(default_factory=dict)  # texts of the files around them

    @classmethod
    def of(cls, files: Mapping[str, str]) -> "Doctests":
        """Read them from the texts of files."""
        texts: dict[str, str] = {}
        lines: dict[str, tuple[tuple[int, int, int], ...]] = {}
        for path, text in files.items():
            if ">>> " not in text:
                continue
            root = parse(text, LANGUAGE.ast_grep)
            contents = (n for n in of_kind(root, "string_content") if ">>> " in n.text())
            for number, content in enumerate(contents):
                own = f"{path}{_MARK}{number}"
                head = f"from .{_module(path)} import *\n"
                lines[own] = tuple(_example_lines(content.text(), span(content)[0], len(head)))
                texts[own] = head + "".join(
                    text[start : start + size] for _, start, size in lines[own]
                )
        return cls(texts=texts, _lines=lines, _files=files)

    def in_file(self, proposal: Proposal) -> Proposal | None:
        """Return a proposal for an example as one for its file; None for what is not there."""
        path = proposal.place.path
        if path not in self.texts:
            return proposal
        for at, start, size in self._lines[path]:
            if at <= proposal.edit.start and proposal.edit.end <= at + size:
                moved = start - at
                edit = replace(
                    proposal.edit,
                    start=proposal.edit.start + moved,
                    end=proposal.edit.end + moved,
                )
                home = path.partition(_MARK)[0]
                number = self._files[home].count("\n", 0, edit.start) + 1
                place = Place(path=home, start=edit.start, line=number)
                return replace(proposal, edit=edit, place=place)
        return None


def _module(path: str) -> str:
    stem = basename(path).partition(".")[0]
    return "" if stem == "__init__" else stem


def _example_lines(text: str, start: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Give where each line of code lies in the text of its own, in the file, and how long it is."""
    offset, is_open = 0, False
    for line in text.splitlines(keepends=True):
        found = _EXAMPLE.match(line)
        is_code = found is not None and (is_open or ">>>" in found[0])
        if found is not None and is_code:
            size = len(line) - found.end()
            yield length, start + offset + found.end(), size
            length += size
        is_open = is_code
        offset += len(line)
