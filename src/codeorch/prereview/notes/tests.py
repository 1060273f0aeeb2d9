"""CO201: tests that name a public definition which changed, and of which none was changed."""

import re
from collections.abc import Iterator

from codeorch.domain import Symbol
from codeorch.prereview.finding import Finding
from codeorch.prereview.notes.change import Change

_SHORTEST = 4  # letters of a name that a test can be found by
_MOST_NAMED = 3
_KINDS = ("function", "method", "class")


def untouched_tests(change: Change) -> Iterator[Finding]:
    """Yield a note for each changed public definition whose tests stayed as they are.

    Where the change touches any test at all, somebody has thought of them.
    """
    if change.touches("test"):
        return
    after = change.after
    tests = [file for path in after.files if (file := after.bare(path)).role == "test"]
    for file in change.files():
        if file.role != "source":
            continue
        for symbol in dict.fromkeys(change.changed_symbols(file)):
            if _is_public(symbol):
                word = re.compile(rf"(?<!\w){re.escape(symbol.name)}(?!\w)")
                users = [each.path for each in tests if word.search(each.text)]
                if users:
                    yield change.note(
                        "CO201", file.path, symbol.line,
                        f"`{symbol.qualified}` changed, and none of its tests: {_list(users)}",
                        symbol=symbol.qualified,
                    )  # fmt: skip


def _is_public(symbol: Symbol) -> bool:
    parts = symbol.qualified.split(".")
    return (
        symbol.kind in _KINDS
        and len(symbol.name) >= _SHORTEST
        and not any(part.startswith("_") for part in parts)
    )


def _list(paths: list[str]) -> str:
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return ", ".join(paths[:_MOST_NAMED]) + more
