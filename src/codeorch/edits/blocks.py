"""SEARCH/REPLACE blocks -> hunks. Their markers part them; fences around them do not matter."""

import re
from collections.abc import Iterator, Sequence

from codeorch.edits.extract import DIVIDE, REPLACE, SEARCH
from codeorch.edits.hunks import Answer, FileHeader, Hunk, Refusal, between
from codeorch.edits.lines import Lines
from codeorch.edits.locate import occurrences

_PATH = re.compile(r"[\w.@~+$()\[\]-]*[/.][\w./@~+$()\[\] -]*$")
_MOST_DIVIDERS = 20  # the first is the divider, unless the file itself has such lines


def read_blocks(lines: Sequence[str], file: Lines) -> Answer:
    """Read SEARCH/REPLACE blocks.

    Raises:
        Refusal: a block is not finished.
    """
    hunks: list[Hunk] = []
    block: list[str] | None = None
    is_divided = False
    for line in lines:
        if block is None:
            block, is_divided = ([] if SEARCH.match(line) else None), False
        elif is_divided and REPLACE.match(line):
            hunks.append(_hunk(block, file))
            block = None
        else:
            block.append(line)
            is_divided = is_divided or bool(DIVIDE.match(line))
    if block is not None:
        raise Refusal(
            code="truncated", brief="a SEARCH/REPLACE block is not finished", hunk=len(hunks) + 1,
            detail="Each block needs `<<<<<<< SEARCH`, `=======` and `>>>>>>> REPLACE`.",
        )  # fmt: skip
    names = tuple(FileHeader(old=name, new=name) for name in block_names(lines))
    return Answer(dialect="blocks", hunks=tuple(hunks), headers=names, fenced=True)


def block_names(lines: Sequence[str]) -> Iterator[str]:
    """Name the files that stand above blocks, on a line of their own."""
    for at, line in enumerate(lines):
        if SEARCH.match(line):
            above = [text.strip() for text in lines[max(0, at - 3) : at]]
            named = [
                text.strip("`*#: ")
                for text in above
                if text and not text.startswith(("```", "~~~"))
            ]
            if named and _PATH.match(named[-1]):
                yield named[-1]


def _hunk(block: Sequence[str], file: Lines) -> Hunk:
    """Part a block at its divider; among several, at the last that leaves what the file has."""
    dividers = [at for at, line in enumerate(block) if DIVIDE.match(line)][:_MOST_DIVIDERS]
    fitting = [at for at in dividers if occurrences(block[:at], file, 2)]
    at = fitting[-1] if fitting else dividers[0]
    return Hunk(lines=between(block[:at], block[at + 1 :]))
