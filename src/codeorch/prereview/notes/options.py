"""CO202: options of a command that came or went, and documents that did not follow."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from codeorch.prereview.finding import Finding
from codeorch.prereview.notes.change import Change

# Whole strings: what is only part of one belongs to another command.
_OPTION: Final = re.compile(r"""["'`](--[a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?=[="'`/ ])""")
_SIBLINGS: Final = 2  # options of the same file that documents name, so that they name options


def undocumented_options(change: Change) -> Iterator[Finding]:
    """Yield a note for an option that no document names, or that one still names.

    A new one counts only where documents name others of the same file; one that went only where
    no source has it any more.
    """
    after = change.after
    docs = {p: after.bare(p).text for p in after.files if after.bare(p).role == "docs"}
    if change.touches("docs") or not docs:
        return
    for file in change.files():
        if file.role == "source":
            before = change.before.bare(file.path).text if file.path in change.before.files else ""
            old, new = set(_OPTION.findall(before)), set(_OPTION.findall(file.text))
            if sum(bool(_naming(each, docs)) for each in old & new) >= _SIBLINGS:
                yield from _new_options(change, file.path, new - old, docs)
            for option in sorted(old - new):
                yield from _removed_options(change, option, docs)


def _new_options(
    change: Change, path: str, fresh: Collection[str], docs: Mapping[str, str]
) -> Iterator[Finding]:
    for number, line in change.added_lines(path):
        for option in _OPTION.findall(line):
            if option in fresh and not _naming(option, docs):
                message = f"`{option}` is new, and no document names it as they do others"
                yield change.note("CO202", path, number, message, symbol=option)


def _removed_options(change: Change, option: str, docs: Mapping[str, str]) -> Iterator[Finding]:
    after = change.after
    sources = (after.bare(p) for p in after.files if after.bare(p).role == "source")
    if any(option in each.text for each in sources):
        return
    for path in _naming(option, docs):
        lines = docs[path].split("\n")
        number = next(n for n, line in enumerate(lines, 1) if option in line)
        message = f"`{option}` is gone, and this document still names it"
        yield change.note("CO202", path, number, message, symbol=option)


def _naming(option: str, docs: Mapping[str, str]) -> list[str]:
    whole = re.compile(rf"(?<![\w-]){re.escape(option)}(?![\w-])")
    return [path for path, text in docs.items() if whole.search(text)]
