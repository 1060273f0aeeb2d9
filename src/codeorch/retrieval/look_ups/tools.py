"""Calls of the look-up tools -> what they give back: granted, bounded, and counted."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import LOOK_UPS, Snapshot
from codeorch.llm import Call, Returned, Tool
from codeorch.llm.prompts import look_ups
from codeorch.retrieval.look_ups.file_outline import outline_of
from codeorch.retrieval.look_ups.name_uses import UseFinder
from codeorch.retrieval.look_ups.places import LookUpError, file_at, plural
from codeorch.retrieval.look_ups.read_code import CodeReader
from codeorch.retrieval.look_ups.references import ReferenceList
from codeorch.retrieval.look_ups.related import Companions, RelatedFiles
from codeorch.retrieval.look_ups.search_lines import LineSearch
from codeorch.retrieval.look_ups.shown_lines import ShownLines

CHARACTERS: Final = 3.6  # of a token, about
_TURN: Final = 12_000  # tokens of one turn
_EACH: Final[Mapping[str, int]] = {
    "read": 6_000, "search": 2_500, "references": 2_500, "outline": 2_000, "related": 1_000,
    "codemod": 1_500,
}  # fmt: skip
_LEAST: Final = 400  # tokens; with less left there is no answer worth having
_PLACES: Final = 12  # of one call
_NONE_LEFT: Final = "No look-ups are left: answer now with what you have."


def look_up_tools() -> tuple[Tool, ...]:
    """Return the look-up tools, always in the same order."""
    tools = {tool.name: tool for tool in look_ups()}
    return tuple(tools[name] for name in LOOK_UPS)


# Sentence of a codemod, room in characters -> what it would change, or why it cannot be done.
TryCodemod = Callable[[str, int], str]


@dataclass(frozen=True, kw_only=True)
class Codebase:
    """What look-ups read: one commit.

    `ranked` are paths, the best first: they are shown first. `companions` knows past commits,
    `try_codemod` what a codemod would change.
    """

    snapshot: Snapshot
    names: SymbolIndex
    ranked: Sequence[str] = ()
    companions: Companions | None = None
    try_codemod: TryCodemod | None = None

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """The place of each ranked path."""
        return {path: place for place, path in enumerate(self.ranked)}

    @cached_property
    def use_finder(self) -> UseFinder:
        """What finds uses; it keeps what it has parsed."""
        return UseFinder(self.snapshot)


class LookUps:
    """The read-only look-ups of one conversation.

    `turns` and `tokens` bound what all answers together may take. `granted` names the tools that
    may be called; None = all. `shown` has the lines that the conversation holds already.
    """

    def __init__(
        self,
        codebase: Codebase,
        *,
        turns: int = 12,
        tokens: int = 40_000,
        granted: Collection[str] | None = None,
        shown: ShownLines | None = None,
    ) -> None:
        self.shown = shown if shown is not None else ShownLines()
        self.turns_left = turns
        self.tokens_left = tokens
        self._slips_left = turns  # turns of nothing but slips that cost nothing
        self._granted = granted
        self._codebase = codebase

    def fork(
        self, *, turns: int = 3, tokens: int = 10_000, granted: Collection[str] | None = None
    ) -> "LookUps":
        """Return look-ups for a conversation that goes on from this one, with limits of its own.

        What this one was shown is not shown again; what was read and parsed is shared.
        """
        return LookUps(
            self._codebase, turns=turns, tokens=tokens, granted=granted, shown=self.shown.copy()
        )

    def codebase_at(self, snapshot: Snapshot, names: SymbolIndex) -> Codebase:
        """Return what is looked up in as edits have left it: ranked as before, but read anew."""
        return replace(self._codebase, snapshot=snapshot, names=names, try_codemod=None)

    @property
    def has_left(self) -> bool:
        """Whether a further call would be answered."""
        return self.turns_left > 0 and self.tokens_left >= _LEAST

    @property
    def left(self) -> str:
        """Say in one line what is left."""
        if not self.has_left:
            return _NONE_LEFT
        turns, tokens = plural(self.turns_left, "turn"), self.tokens_left // 100 * 100
        return f"Look-ups left: {turns}, about {tokens:,} tokens."

    def answer(self, calls: Sequence[Call]) -> tuple[Returned, ...]:
        """Answer the calls of one turn, in their order.

        A call that cannot be answered says what would be valid, and costs nothing; a turn of such
        calls alone is no turn, at least not for ever.
        """
        if not self.has_left:
            return tuple(Returned(id=call.id, text=_NONE_LEFT) for call in calls)
        room = min(_TURN, self.tokens_left)
        spent = 0
        found: list[Returned] = []
        for call in calls:
            text, cost = self._answer_call(call, room - spent)
            spent += cost
            found.append(Returned(id=call.id, text=text))
        if spent:
            self.turns_left -= 1
            self.tokens_left -= spent
        elif calls:
            self._slips_left -= 1
            self.turns_left -= self._slips_left < 0
        return tuple(found)

    def _answer_call(self, call: Call, tokens: int) -> tuple[str, int]:
        """Answer a call; returns the text, and what it costs in tokens."""
        try:
            answer = self._parse_call(call)
            if tokens < _LEAST:
                return "There is no room left in this turn: call again in the next one.", 0
            room = int(min(tokens, _EACH[call.name]) * CHARACTERS)
            text = answer(room)
        except LookUpError as error:
            return str(error), 0
        return text, int(len(text) / CHARACTERS) + 1

    def _parse_call(self, call: Call) -> Callable[[int], str]:
        """Return what answers a call, given room in characters.

        Raises:
            LookUpError: there is no such tool, it is not granted, or its arguments are not valid.
        """
        valid = [name for name in LOOK_UPS if self._granted is None or name in self._granted]
        if call.name not in LOOK_UPS:
            raise LookUpError(f"There is no look-up {call.name!r}. {_list('There are', valid)}")
        if call.name not in valid:
            raise LookUpError(
                f"`{call.name}` is not granted to this task. {_list('Granted are', valid)}"
            )
        given, code = _Arguments(call), self._codebase
        match call.name:
            case "read":
                places = given.texts("places")
                return lambda room: self._read(places, room)
            case "search":
                return self._search(given)
            case "references":
                name = given.text("name")
                return lambda room: ReferenceList(
                    snapshot=code.snapshot, names=code.names, finder=code.use_finder,
                    rank=code.rank, room=room,
                ).references(name)  # fmt: skip
            case "outline":
                path = given.text("path")
                return lambda room: outline_of(path, code.snapshot, room)
            case "codemod":
                return self._codemod(given.text("rule"))
            case _:
                file = file_at(code.snapshot, given.text("path"))
                related = RelatedFiles(
                    snapshot=code.snapshot, names=code.names, companions=code.companions
                )
                return lambda _room: related.related(file)

    def _read(self, places: Sequence[str], room: int) -> str:
        """Show the first places; say which ones are to be asked for again."""
        code = self._codebase
        later = places[_PLACES:]
        text = CodeReader(
            snapshot=code.snapshot, names=code.names, shown=self.shown, room=room
        ).read(places[:_PLACES])
        if not later:
            return text
        return f"{text}\n\n[{_PLACES} places at once; ask next for: {', '.join(later)}]"

    def _codemod(self, rule: str) -> Callable[[int], str]:
        try_codemod = self._codebase.try_codemod
        if try_codemod is None:
            raise LookUpError("Codemods are for the planner; give your edit as a diff.")
        return lambda room: try_codemod(rule, room)

    def _search(self, given: "_Arguments") -> Callable[[int], str]:
        text, glob = given.text("text"), given.text("glob", "")
        regex, context = given.flag("regex"), given.number("context", 0)
        code = self._codebase
        return lambda room: LineSearch(
            snapshot=code.snapshot, rank=code.rank, shown=self.shown, room=room
        ).search(text, regex=regex, glob=glob, context=context)


class _Arguments:
    """The arguments of a call, which a model may have written in any form.

    Raises:
        LookUpError: from every method: what would be valid.
    """

    def __init__(self, call: Call) -> None:
        schema = next(tool.schema for tool in look_up_tools() if tool.name == call.name)
        self._valid = ", ".join(f"`{name}`" for name in schema["properties"])
        self._name, self._given = call.name, call.input
        if strange := [key for key in call.input if key not in schema["properties"]]:
            raise LookUpError(
                f"`{call.name}` has no argument {strange[0]!r}; it takes {self._valid}."
            )

    def text(self, key: str, default: str | None = None) -> str:
        value = self._given.get(key, default)
        if not isinstance(value, str):
            raise self._slip(key, "a text")
        return value

    def texts(self, key: str) -> list[str]:
        value = self._given.get(key)
        some = [value] if isinstance(value, str) else value
        if not isinstance(some, list) or not all(isinstance(one, str) for one in some):
            raise self._slip(key, "a list of texts")
        if not some:
            raise self._slip(key, "at least one text")
        return list(dict.fromkeys(some))

    def flag(self, key: str) -> bool:
        value = self._given.get(key) or False
        if not isinstance(value, bool):
            raise self._slip(key, "true or false")
        return value

    def number(self, key: str, default: int) -> int:
        value: Any = self._given.get(key)
        if value is None:
            return default
        if isinstance(value, str) and value.isdecimal() and len(value) < 4:
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._slip(key, "a number")
        return value

    def _slip(self, key: str, what: str) -> LookUpError:
        return LookUpError(f"`{self._name}` needs {what} as `{key}`; it takes {self._valid}.")


def _list(verb: str, names: Sequence[str]) -> str:
    return f"{verb}: {', '.join(names)}." if names else "None is granted: answer now."
