r"""Text or regular expression -> a pattern for single lines, whose time is bounded.

Python's `re` backtracks, and nothing can stop it from outside. So what it may cost is bounded
beforehand. Where a repeated part holds a repeat or alternatives of its own, the steps grow
exponentially: such a pattern is refused. What is left is polynomial: k repeats take at most about
n^k / k! steps on a line of n characters. `\w`, `\d`, `\s` and single characters can only repeat
along a run of these, so that for them n is the longest run. A line on which the pattern could take
more than `_STEPS` is left out, and counted.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from math import factorial
from typing import Final

from codeorch.retrieval.look_ups.places import LookUpError, compiled

_STEPS: Final = 20_000_000  # of one line; about half a second
_LONGEST_LINE: Final = 2_000  # characters; a longer line is data
_LONGEST: Final = 300  # characters of a pattern
_OPTIONAL: Final = 8  # each doubles the steps
_MANY: Final = 8  # repetitions that `{m,n}` may ask for before it counts as any number
_TOKEN: Final = re.compile(
    r"(?P<flags>\(\?[aiLmsux]+\))"
    r"|(?P<group>\((?:\?(?:P<\w+>|[aiLmsux-]*:|[=!>]|<[=!]))?)"
    r"|(?P<close>\))|(?P<bar>\|)"
    r"|(?P<repeat>[*+?]|\{\d*,?\d*\})(?P<lazy>[?+]?)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<escape>\\.)|(?P<plain>[^\\])",
    re.DOTALL,
)
_RUNS: Final = re.compile(r"\w+|\s+|(\W)\1*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cost:
    """The repeats of a pattern: `wide` ones may run over a whole line, others over a run of it."""

    wide: int
    narrow: int
    optional: int


class LinePattern:
    """Finds a text, or what a regular expression matches, in single lines.

    Raises:
        LookUpError: the expression is none, or could take for ever.
    """

    def __init__(self, text: str, *, regex: bool, any_case: bool = False) -> None:
        if not text.strip() or "\n" in text or "\0" in text:
            raise LookUpError("Give a `text` that stands in one line.")
        if len(text) > _LONGEST:
            raise LookUpError(
                f"The text has {len(text)} characters; give at most {_LONGEST} of it."
            )
        self.text, self.is_regex = text, regex
        self.literal = _literal(text) if regex else text
        self._cost = _cost(text) if regex else _Cost(wide=0, narrow=0, optional=0)
        try:
            self._pattern = compiled(
                text if regex else re.escape(text), re.IGNORECASE if any_case else 0
            )
        except (re.error, OverflowError, RecursionError) as error:
            raise LookUpError(
                f"{text!r} is no regular expression: {error}. Escape what is meant literally, or "
                "leave `regex` out."
            ) from error
        if any_case or self._pattern.flags & re.IGNORECASE:
            self.literal = ""

    def may_match(self, text: str) -> bool:
        """Return whether it is worth looking at the lines of a text."""
        return not self.literal or self.literal in text

    def matches(self, line: str) -> bool | None:
        """Return whether a line matches; None when finding out could take too long."""
        if self.literal and self.literal not in line:
            return False
        if len(line) > _LONGEST_LINE and not self._is_plain:
            return None
        if self._steps(len(line), len(line)) > _STEPS:
            longest = max((len(run[0]) for run in _RUNS.finditer(line)), default=0)
            if self._steps(len(line), longest) > _STEPS:
                return None
        return self._pattern.search(line) is not None

    @cached_property
    def _is_plain(self) -> bool:
        return not (self._cost.wide or self._cost.narrow or self._cost.optional)

    def _steps(self, line: int, run: int) -> float:
        wide, narrow = self._cost.wide, self._cost.narrow
        steps = (line**wide / factorial(wide)) * (run**narrow / factorial(narrow))
        return float(steps * 2**self._cost.optional * max(1, line))


def _cost(text: str) -> _Cost:
    """Count the repeats of an expression.

    Raises:
        LookUpError: a repeated part holds repeats or alternatives, or too many parts are optional.
    """
    groups: list[bool] = [False]  # whether each open group holds repeats or alternatives
    last, inner = "", False  # the token before, and whether it is a group that holds some
    repeated: list[tuple[str, str]] = []  # what is repeated, and how often
    for token in _TOKEN.finditer(text):
        kind = _kind(token)
        if kind == "repeat" and last:
            if inner and token["repeat"] != "?":
                raise LookUpError(
                    f"{text!r} repeats a group that holds repeats or alternatives, which can take "
                    "for ever. Leave the outer repeat out, or use a set such as [ab]*."
                )
            repeated.append((last, token["repeat"]))
        inner = _enter(groups, kind)
        last = token[0]
    many = [_is_narrow(part) for part, times in repeated if _is_many(times)]
    optional = len(repeated) - len(many)
    if optional > _OPTIONAL:
        raise LookUpError(f"{text!r} has {optional} optional parts; use at most {_OPTIONAL}.")
    return _Cost(wide=many.count(False), narrow=many.count(True), optional=optional)


def _enter(groups: list[bool], kind: str) -> bool:
    """Note a token in the open groups; returns whether it closes one with repeats inside."""
    if kind == "group":
        groups.append(False)
    elif kind == "close" and len(groups) > 1:
        inner = groups.pop()
        groups[-1] |= inner
        return inner
    elif kind in ("bar", "repeat"):
        groups[-1] = True
    return False


def _kind(token: re.Match[str]) -> str:
    kind = token.lastgroup or ""
    return "repeat" if kind == "lazy" else kind


def _is_many(repeat: str) -> bool:
    if repeat in "*+":
        return True
    most = repeat.strip("{}").rpartition(",")[2]
    return repeat != "?" and (not most or int(most) > _MANY)


def _is_narrow(token: str) -> bool:
    return token in (r"\w", r"\d", r"\s") or (len(token) == 1 and token not in {".", ")"})


def _literal(text: str) -> str:
    """Return the longest text that every match holds; empty when there is none for sure."""
    if re.search(r"\(\?[a-zA-Z]*[ix]", text):
        return ""
    runs: list[str] = [""]
    depth = 0
    for token in _TOKEN.finditer(text):
        kind = _kind(token)
        depth += (kind == "group") - (kind == "close")
        plain = kind == "plain" and token[0] not in ".^$"
        escaped = kind == "escape" and not token[0][1].isalnum()
        if depth == 0 and kind == "bar":
            return ""
        if depth == 0 and (plain or escaped):
            runs[-1] += token[0][-1]
        elif kind == "repeat" and runs[-1]:
            runs[-1] = runs[-1][:-1]  # what is repeated may be missing
            runs.append("")
        else:
            runs.append("")
    return max(runs, key=len)
