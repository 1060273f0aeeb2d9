"""Newly failing tests: which this run has written, and the definitions that their traces name."""

import re
from collections.abc import Iterator, Mapping, Sequence

from codeorch.domain import FilePatch, Round, Snapshot, SourceFile, Symbol, Verdict, VerdictStatus
from codeorch.llm.prompts import fence
from codeorch.planning.dependencies import files_of
from codeorch.source import is_test

WHERE_IT_FAILED = "# Where it failed, as it is now"
_ROOM, _ROOM_BODY = 5_000, 2_500  # characters of all definitions, and of each
_NAMED = 10  # tests that fail alike
_FRAME = re.compile(r"(?<![\w./+-])([\w./+-]+\.\w+)(?:\", line |:|\()(\d+)")
_PARAMETERS = re.compile(r"\[.*\]$")
_WORDS = re.compile(r"[^\W\d]\w*")


def is_broken(verdict: Verdict) -> bool:
    """Tell whether tests are worse than before."""
    return verdict.status == VerdictStatus.BROKEN


def own_tests(last: Round) -> Mapping[str, str]:
    """Return the newly failing tests that the change has written, with the path of each.

    A test is the change's own if its name stands in a changed test file and did not before. Where
    a test's id names a file, it has to be that one.
    """
    patches = [p for p in last.patches if p.after is not None and is_test(p.path)]
    return {
        name: path for name in last.verdict.broken if (path := _file_of_new_test(name, patches))
    }


def _file_of_new_test(name: str, patches: Sequence[FilePatch]) -> str:
    own_name = _own_name(name)
    holders = [
        patch.path for patch in patches
        if _holds(patch.after, own_name) and not _holds(patch.before, own_name)
    ]  # fmt: skip
    named = [path for path in holders if _is_in(name, path)]
    return named[0] if named else holders[0] if len(holders) == 1 and not _names_file(name) else ""


def bare_name(test: str) -> str:
    """Return a test's id without the parameters of one of its cases."""
    return _PARAMETERS.sub("", test)


def _own_name(test: str) -> str:
    """Return the last part of a test's id, without its parameters: `test_a` of `t.py::test_a[1]`.

    `test_a (tests.test_x.Case)` is how unittest writes it, jest and vitest `file > suite test`.
    """
    bare = bare_name(test)
    if " (" in bare:
        return bare.partition(" (")[0]
    for mark in ("::", " > "):
        if mark in bare:
            return bare.rpartition(mark)[2]
    words = _WORDS.findall(bare.rpartition(" ")[2].rpartition(".")[2])  # Go: `pkg.TestA/part`
    return words[0] if words else bare


def _holds(data: bytes | None, name: str) -> bool:
    if data is None:
        return False
    text = data.decode("utf-8", "replace")
    if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
        return True
    # Where suites and tests are titled by texts, their titles are joined by spaces.
    words = name.split(" ")
    return any(
        re.search(rf"[\"'`]{re.escape(' '.join(words[n:]))}[\"'`]", text)
        for n in range(1, len(words))
    )


def _is_in(test: str, path: str) -> bool:
    module = path.rpartition(".")[0].replace("/", ".")
    return test.startswith(path) or module in test


def _names_file(test: str) -> bool:
    """Tell whether a test's id begins with a path."""
    return "::" in test or " > " in test


# ------------------------------------------------------------------------------- traces


def frames(log: str, snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    """Yield the places in the repository's files that a log names: path and line."""
    for match in _FRAME.finditer(log):
        for path in files_of(match[1], snapshot.files.keys())[:1]:
            yield path, int(match[2])


def failing_definitions(log: str, snapshot: Snapshot, room: int = _ROOM, *, but: str = "") -> str:
    """Show the definitions that the frames of a log lie in, each once, as they are now.

    One that lies in another of them is shown with that. Those of the file `but` are left out:
    whoever is told has written them.
    """
    around = [
        (snapshot.files[path], symbol)
        for path, number in frames(log, snapshot) if path != but
        if (symbol := _enclosing(snapshot.files[path], number)) is not None
    ]  # fmt: skip
    parts: dict[tuple[str, int], str] = {}
    for file, symbol in around:
        key = file.path, symbol.line
        if key in parts or any(
            one is file and _holds_symbol(other, symbol) for one, other in around
        ):
            continue
        body = "\n".join(file.text.split("\n")[symbol.line - 1 : symbol.end_line])
        if len(body) > min(room, _ROOM_BODY):
            continue
        room -= len(body)
        where = f"{file.path}, lines {symbol.line} to {symbol.end_line}"
        parts[key] = f"{where}\n{fence(body, file.language)}"
    return "\n".join(parts.values())


def _holds_symbol(outer: Symbol, inner: Symbol) -> bool:
    """Whether a definition lies in another one that is not too long to be shown."""
    spans = outer.line < inner.line and inner.end_line <= outer.end_line
    return spans and outer.end - outer.start <= _ROOM_BODY


def failures_joined(failures: Mapping[str, str], names: Sequence[str], room: int) -> str:
    """Return what a log says of some tests, those that end alike once, with the others' names."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        if name in failures:
            ends = [line.strip() for line in failures[name].split("\n") if line.strip()][-2:]
            alike.setdefault(tuple(ends), []).append(name)
    parts = [
        failures[first] + (f"\nThe same in {', '.join(others[:_NAMED])}" if others else "")
        + (f" and {len(others) - _NAMED} more" if others[_NAMED:] else "")
        for first, *others in alike.values()
    ]  # fmt: skip
    return "\n".join(parts)[:room]


def _enclosing(file: SourceFile, line: int) -> Symbol | None:
    around = [
        symbol for symbol in file.symbols
        if symbol.line <= line <= symbol.end_line and symbol.kind in ("function", "method")
    ]  # fmt: skip
    return min(around, key=lambda symbol: symbol.end_line - symbol.line, default=None)
