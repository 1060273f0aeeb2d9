"""Prompt -> Reply, with the worker's look-ups in between: read-only, bounded, in the commit."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from itertools import islice
from typing import Any, Final

from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import LOOK_UPS, Snapshot, SourceFile, Usage
from codeorch.errors import ServiceError
from codeorch.llm import Call, Model, Prompt, Reply, Returned, Tool, Turn, usage_of
from codeorch.llm.prompts import look_ups
from codeorch.workers.contracts import short_name
from codeorch.workers.related_code import lines_of, source_of

CALLS: Final = 12  # of one attempt
ROOM: Final = 40_000  # characters that all look-ups of one attempt may show
_ROOM_EACH: Final = 8_000
_LINES: Final = 201
_PLACES: Final = 40  # lines of a list
_DEFINITIONS: Final = 5
_WIDTH: Final = 160  # characters of a line in a list


def granted(names: Sequence[str], *, everything: bool) -> tuple[Tool, ...]:
    """Describe the look-ups that a worker may use: those the plan grants, or all."""
    return tuple(
        tool for tool in look_ups()
        if tool.name in LOOK_UPS and (everything or tool.name in names)
    )  # fmt: skip


class LookUps:
    """The look-ups of one attempt."""

    def __init__(self, snapshot: Snapshot, names: SymbolIndex, tools: Sequence[Tool]) -> None:
        self._snapshot = snapshot
        self._names = names
        self._granted = {tool.name for tool in tools}
        self.calls_left = CALLS if tools else 0
        self._room = ROOM

    def execute(self, name: str, given: Mapping[str, Any]) -> str:
        """Answer one call; whatever is wrong with it is said in the answer."""
        if name not in self._granted:
            return f"There is no tool {name!r}."
        if self.calls_left <= 0 or self._room <= 0:
            self.calls_left = 0
            return "No look-ups are left. Give your edit now, then call `result`."
        self.calls_left -= 1
        answer = self._answer(name, {key: str(value) for key, value in given.items()})
        limit = min(_ROOM_EACH, self._room)
        if len(answer) > limit:
            answer = answer[:limit].rpartition("\n")[0] + "\n[cut off here; ask for less]"
        self._room -= len(answer)
        return answer

    def _answer(self, name: str, given: Mapping[str, str]) -> str:
        match name:
            case "show_symbol":
                return self._symbol(given.get("name", ""), given.get("path", ""))
            case "show_lines":
                return self._lines(given)
            case "search_text":
                return self._search(given.get("text", ""), given.get("within", "*"))
            case _:
                return self._references(given.get("name", ""))

    def _symbol(self, wanted: str, path: str) -> str:
        name = short_name(wanted)
        paths = list(self._names.definers(name))
        given = [p for p in paths if p == resolve_path(path, paths)]
        files = (file for p in given or paths if (file := self._file(p)) is not None)
        found = (
            f"{file.path}, lines {symbol.line} to {symbol.end_line}:\n{source_of(file, symbol)}"
            for file in files for symbol in file.symbols
            if symbol.name == name and symbol.qualified.endswith(wanted.strip("`() "))
        )  # fmt: skip
        shown = list(islice(found, _DEFINITIONS))
        return "\n\n".join(shown) or f"Nothing in the repository defines {wanted!r}."

    def _lines(self, given: Mapping[str, str]) -> str:
        file = self._file(given.get("path", ""))
        if file is None:
            return self._no_file(given.get("path", ""))
        first, last = _number(given.get("first")), _number(given.get("last"))
        lines = lines_of(file)
        if first is None or last is None or not 1 <= first <= len(lines) or last < first:
            return f"{file.path} has the lines 1 to {len(lines)}; give `first` and `last` of them."
        last = min(last, len(lines), first + _LINES - 1)
        return "\n".join([f"{file.path}, lines {first} to {last}:", *lines[first - 1 : last]])

    def _search(self, text: str, within: str) -> str:
        if not text.strip():
            return "Give a text to search for."
        files = (
            self._snapshot.bare(p) for p in self._snapshot.files if fnmatch(p, plain_path(within))
        )
        found = (
            _place(file.path, number, line)
            for file in files if text in file.text
            for number, line in enumerate(lines_of(file), 1) if text in line
        )  # fmt: skip
        return _listed(found, f"No line contains {text!r}.")

    def _references(self, wanted: str) -> str:
        name = short_name(wanted)
        paths = dict.fromkeys((*self._names.definers(name, tests=False), *self._names.users(name)))
        files = (file for path in paths if (file := self._file(path)) is not None)
        places = (
            _place(file.path, number, lines_of(file)[number - 1])
            for file in files for number in _lines_with(file, name)
        )  # fmt: skip
        return _listed(places, f"Nothing in the repository is called {wanted!r}.")

    def _file(self, path: str) -> SourceFile | None:
        files = self._snapshot.files
        return files.get(resolve_path(path, files.keys()))

    def _no_file(self, path: str) -> str:
        name = path.rpartition("/")[2]
        same = [p for p in self._snapshot.files if p.rpartition("/")[2] == name][:5]
        return f"There is no file {path!r}." + (f" Is it {' or '.join(same)}?" if same else "")


def _lines_with(file: SourceFile, name: str) -> Collection[int]:
    lines = {symbol.line for symbol in file.symbols if symbol.name == name}
    return sorted(lines | {one.line for one in file.references if one.name == name})


def _place(path: str, number: int, line: str) -> str:
    shown = line.strip()
    return f"{path}:{number}: {shown[:_WIDTH]}{' ...' if shown[_WIDTH:] else ''}"


def _listed(places: Iterator[str], nothing: str) -> str:
    """List the first places; those after them are not even looked for."""
    shown = list(islice(places, _PLACES + 1))
    more = ["[and more; search for something rarer]"] if shown[_PLACES:] else []
    return "\n".join([*shown[:_PLACES], *more]) or nothing


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() and len(value) < 9 else None


_WHOLE = ("tool_use", "end_turn")  # not every server says that it ends with calls


class Dialogue:
    """One attempt's conversation; what it cost and what was said stay known if it breaks off."""

    def __init__(self, prompt: Prompt, model: Model, look_ups: LookUps) -> None:
        self.usage = Usage()
        self._prompt = prompt
        self._key = prompt.key
        self._model = model
        self._look_ups = look_ups

    async def reply(self) -> Reply:
        """Ask, and answer look-ups until the worker has its answer or none are left.

        Raises:
            ServiceError: a question was not answered.
        """
        number = 1
        while True:
            try:
                reply = await self._model.ask(self._prompt)
            except ServiceError as error:
                self.usage += usage_of(error)
                raise
            self.usage += reply.usage
            wants_to_look = reply.form is None and reply.calls and reply.stop in _WHOLE
            if not wants_to_look or self._look_ups.calls_left == 0:
                return reply
            number += 1
            self._look_up(reply, number)

    def closed(self, reply: Reply | None, verdict: str) -> tuple[Turn, ...]:
        """Give all that was said, ended by a reply and what became of the calls in it."""
        said = (*self._prompt.history, Turn(role="user", text=self._prompt.user))
        if reply is None:
            return said
        calls = reply.calls
        if reply.form is not None and self._prompt.tool is not None:
            form = Call(id=f"form_{len(said)}", name=self._prompt.tool.name, input=reply.form)
            calls = (*calls, form)
        text = reply.text.strip() or ("" if calls else "(empty)")
        returned = tuple(Returned(id=call.id, text=verdict) for call in calls)
        answer = Turn(role="assistant", text=text, calls=calls, thinking=reply.thinking)
        return (*said, answer, *((Turn(role="user", text="", returned=returned),) if calls else ()))

    def _look_up(self, reply: Reply, number: int) -> None:
        asked = (
            *self._prompt.history,
            Turn(role="user", text=self._prompt.user),
            Turn(
                role="assistant", text=reply.text.strip(), calls=reply.calls,
                thinking=reply.thinking,
            ),
        )  # fmt: skip
        shown = tuple(
            Returned(id=call.id, text=self._look_ups.execute(call.name, call.input))
            for call in reply.calls
        )
        left = self._look_ups.calls_left
        self._prompt = replace(
            self._prompt,
            key=f"{self._key}/look{number - 1}",
            history=(*asked, Turn(role="user", text="", returned=shown)),
            user=f"{left} look-ups left." if left else "No look-ups left: give your edit now.",
        )
