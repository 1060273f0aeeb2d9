"""A task -> what a fork of the planner's conversation is told besides: only what is new in it."""

import re
from collections.abc import Iterator, Sequence

from codeorch.analysis.outline import outline
from codeorch.analysis.symbol_index import sure_words
from codeorch.domain import SourceFile, Symbol
from codeorch.llm import Conversation
from codeorch.llm.prompts import fence
from codeorch.retrieval import ShownLines
from codeorch.workers import related_code
from codeorch.workers.context import ForkPoint, TaskContext
from codeorch.workers.task_part import changed_contracts, notes_before, task_part

_SMALL = 2_500  # characters; a file up to this length is shown whole
_MEDIUM = 6_000  # characters; so is one up to this, where half of it would be shown in pieces
_ROOM = 6_000  # characters of what is shown of a longer one
_ROOM_OUTLINE = 1_500
_ROOM_DIFF = 6_000  # characters of each finished diff
_HEAD = 30  # lines at the top of a file that may hold its imports
_AROUND = 4  # lines around a place of use
_LONG = 120  # lines; of a longer definition only the places in it are shown
_SHORT = 30  # lines; of a function up to this, a place in it shows the whole
_FEW_ALIKE = 2  # definitions of one name that may all be meant
_FEW_PLACES = 8  # lines that may hold a name before it says little about where the change goes


def forked_conversation(context: TaskContext, fork: ForkPoint, instructions: str) -> Conversation:
    """Return the planner's conversation with the block of one task at its end."""
    return fork.conversation.say("\n\n".join(_parts(context, fork, instructions)))


def _parts(context: TaskContext, fork: ForkPoint, instructions: str) -> Iterator[str]:
    yield task_part(context, instructions)
    yield from filter(None, [changed_contracts(context), *_before(context)])
    yield from filter(None, _file(context, fork))


def _before(context: TaskContext) -> Iterator[str]:
    """Show what the tasks that this one needs have done, where the plan does not show it."""
    for done in context.prerequisites:
        if not done.task.needs_model or done.task.id not in context.task.needs:
            continue
        diff = context.round.diffs[done.task.id]
        cut = diff[:_ROOM_DIFF] + "\n[the rest is left out]\n" if diff[_ROOM_DIFF:] else diff
        yield f"# Done before you: {done.task.path}\n{fence(cut, 'diff')}"
    if notes := list(notes_before(context)):
        yield "# Reported by workers before you\n" + "\n".join(notes)


def _file(context: TaskContext, fork: ForkPoint) -> Iterator[str]:
    """Show what the task needs of its file and has not been shown, or was changed since."""
    file = context.file
    if file is None:
        yield f"{context.task.path} does not exist yet."
        return
    if _is_changed(context, file):
        yield "Your file was changed since you read it; what follows is how it is now."
    seen, lines = _seen(context, fork, file), related_code.lines_of(file)
    if seen.has(file.path, 1, len(lines)):
        yield "You have read all of your file above."
        return
    ranges = lines_in_block(context, fork)
    if ranges == ((1, len(lines)),):
        yield f"{file.path} ({len(lines)} lines)\n{fence(file.text, file.language)}"
        return
    for begin, end in ranges:
        text = "\n".join(lines[begin - 1 : end])
        yield f"{file.path}, lines {begin} to {end}\n{fence(text, file.language)}"
    yield f"{file.path} has {len(lines)} lines; read what you change and have not seen."
    is_unknown = not ranges or len(file.text) > _MEDIUM
    if is_unknown and not seen.ranges.get(file.path):
        short = outline(file, _ROOM_OUTLINE)
        yield f"Its outline:\n{fence(short, file.language)}" if short else ""


def _is_changed(context: TaskContext, file: SourceFile) -> bool:
    return file.text != context.round.snapshot.bare(file.path).text


def _seen(context: TaskContext, fork: ForkPoint, file: SourceFile) -> ShownLines:
    return ShownLines() if _is_changed(context, file) else fork.look_ups.shown


def lines_in_block(context: TaskContext, fork: ForkPoint) -> tuple[tuple[int, int], ...]:
    """Return the lines of a task's file that its block shows, as ranges from 1.

    Those are definitions that the task names, places of use and the head, as far as they were not
    shown; all lines where the file is short, or where half of a longer one is asked for.
    """
    file = context.file
    if file is None:
        return ()
    seen, lines = _seen(context, fork, file), related_code.lines_of(file)
    if seen.has(file.path, 1, len(lines)):
        return ()
    wanted = ShownLines()
    room = 0 if len(file.text) <= _SMALL else _ROOM
    for first, last in _wanted(context, file, lines, seen) if room else ():
        for begin, end in seen.missing(file.path, first, min(last, len(lines))):
            for some in wanted.missing(file.path, begin, end):
                room -= sum(len(line) + 1 for line in lines[some[0] - 1 : some[1]])
                if room >= 0:
                    wanted.add(file.path, *some)
    if len(file.text) <= max(_SMALL, min(_MEDIUM, 2 * (_ROOM - room))):
        return ((1, len(lines)),)
    return tuple(wanted.ranges.get(file.path, ()))


def _wanted(
    context: TaskContext, file: SourceFile, lines: Sequence[str], seen: ShownLines
) -> Iterator[tuple[int, int]]:
    """Yield ranges of lines, the most useful first: definitions, places of use, head, end.

    What stands around a definition or a place is of no use where that itself was read.
    """
    definitions = list(_goal_symbols(context, file))
    for symbol in definitions:
        if not seen.has(file.path, symbol.line, symbol.end_line):
            yield max(1, symbol.line - _AROUND), symbol.end_line
    for number in _places(context, file, lines):
        if not seen.has(file.path, number, number):
            yield _piece_around(file, number)
    first = min((symbol.line for symbol in file.symbols), default=_HEAD + 1)
    yield 1, min(first - 1, _HEAD)
    if file.role == "test" and not definitions:  # a test is added after the last one, and like it
        filled = [number for number, line in enumerate(lines, start=1) if line.strip()]
        yield _piece_around(file, filled[-1] if filled else 1)


def _goal_symbols(context: TaskContext, file: SourceFile) -> Iterator[Symbol]:
    """Yield the definitions that a task names.

    Of those that share a name, as `__init__` of many classes, it means those whose class it names,
    too; else a name that many have says nothing.
    """
    said = related_code.words(context)
    said |= {part for word in said for part in word.split(".")}
    for name in related_code.targets(context):
        alike = [symbol for symbol in file.symbols if symbol.name == name]
        owned = [one for one in alike if one.parent.rpartition(".")[2] in said]
        if len({one.qualified for one in alike}) > _FEW_ALIKE or owned:
            alike = owned
        yield from (one for one in alike if one.end_line - one.line < _LONG)


def _places(context: TaskContext, file: SourceFile, lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines that use a name of the task, if not many do, or a contract is about it."""
    agreed = related_code.agreed_names(context)
    names = agreed | {*related_code.targets(context)} | sure_words(context.task.goal)
    definitions = {(symbol.name, symbol.line) for symbol in file.symbols}
    for name in sorted(names):
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        found = [
            number for number, line in enumerate(lines, start=1)
            if word.search(line) and (name, number) not in definitions
        ]  # fmt: skip
        if name in agreed or len(found) <= _FEW_PLACES:
            yield from found


def _piece_around(file: SourceFile, number: int) -> tuple[int, int]:
    """Return a line with those around it, or the whole function around it where that is short."""
    first, last = max(1, number - _AROUND), number + _AROUND
    around = [
        symbol for symbol in file.symbols
        if symbol.line <= number <= symbol.end_line < symbol.line + _SHORT
        and symbol.kind in ("function", "method")
    ]  # fmt: skip
    outer = min(around, key=lambda symbol: symbol.line, default=None)
    return (min(first, outer.line), max(last, outer.end_line)) if outer else (first, last)
