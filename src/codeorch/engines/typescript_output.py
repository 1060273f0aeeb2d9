"""What TypeScript's compiler prints -> what it says of names and calls."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from codeorch.engines.checkers import Diagnostic
from codeorch.engines.rules import TYPESCRIPT_RULES
from codeorch.engines.source_tree import SourceTree
from codeorch.engines.text_positions import ECMASCRIPT_LINE_END, TreePositions

_LONGEST_CALL: Final = 2000  # characters of arguments
_LINE: Final = re.compile(r"([^\n]+?)\((\d+),(\d+)\): error (TS\d+): (.+)")
_QUOTED: Final = re.compile(r"'([^']*)'")
_ERROR: Final = re.compile(r"([^\n]+?)\(\d+,\d+\): error TS(\d+): ")
# Of syntax; JavaScript that holds types of TypeScript or Flow is as broken to the compiler.
_SYNTAX: Final = re.compile(r"(?:1|8|17)\d{3}")
_CONFIGURATION_ERROR: Final = re.compile(
    rb"^(?:tsconfig\.json\(\d+,\d+\): )?error TS\d+", re.MULTILINE
)
_COUNTS: Final = re.compile(r"Expected (?:at least )?(\d+)(?:-\d+)? arguments?, but got (\d+)")
_CALLEE: Final = re.compile(r"(?:new\s+)?(?:[\w$]+\s*\.\s*)*([\w$]+)")
_BEFORE_CALL: Final = re.compile(r"([\w$]+)\s*(?:<[^()<>]*>)?\s*(?:\?\.)?$")
_SECOND_QUOTED: Final = frozenset({"TS2305", "TS2459", "TS2614", "TS2694", "TS2724"})


def diagnostics(output: bytes, tree: SourceTree) -> Iterator[Diagnostic]:
    """Read what the compiler prints; further lines of a message are indented, and left out.

    Raises:
        ValueError: it refuses its configuration, and then says nothing of the code.
    """
    if _CONFIGURATION_ERROR.search(output):
        raise ValueError(output[:200])
    positions = TreePositions(tree=tree, line_end=ECMASCRIPT_LINE_END)
    for line in output.decode("utf-8", "replace").split("\n"):
        told = _LINE.fullmatch(line.rstrip("\r"))
        if told is None or told[4] not in TYPESCRIPT_RULES or told[1] not in tree.paths:
            continue
        path, rule, message = told[1], told[4], told[5]
        place = {"line": int(told[2]) - 1, "character": int(told[3]) - 1}
        start = positions.location(path, place).start
        text = tree.texts[path]
        yield Diagnostic(
            path=path,
            line=text.count("\n", 0, start) + 1,  # its own lines end at U+2028, too
            rule=rule,
            message=_QUOTED.sub(r"`\1`", message),
            name=_name(rule, message, text, start),
        )


def _name(rule: str, message: str, text: str, start: int) -> str:
    """Return the name that a message is about; of calls it names none, so the code tells."""
    if TYPESCRIPT_RULES[rule] == "call":
        return _callee(message, text, start)
    quoted = [each.strip('"') for each in _QUOTED.findall(message)]
    index = 1 if rule in _SECOND_QUOTED else 0
    name = quoted[index] if index < len(quoted) else ""
    if TYPESCRIPT_RULES[rule] == "module":
        name = name.rpartition("/")[2].partition(".")[0]
    return name


def _callee(message: str, text: str, start: int) -> str:
    """Return what is called: it stands where arguments are missing, or before those left over."""
    counts = _COUNTS.match(message)
    if counts is None:
        return ""
    if int(counts[2]) < int(counts[1]):
        callee = _CALLEE.match(text, start)
        return callee[1] if callee else ""
    depth = 0
    for place in range(start - 1, max(start - _LONGEST_CALL, -1), -1):
        depth += {")": 1, "(": -1}.get(text[place], 0)
        if depth < 0:
            before = _BEFORE_CALL.search(text[max(place - _LONGEST_CALL, 0) : place])
            return before[1] if before else ""
    return ""


def broken_files(output: bytes, tree: SourceTree) -> Collection[str]:
    """Return the files whose syntax kept the compiler from looking at anything else.

    It says nothing of types where there is an error of syntax anywhere.
    """
    lines = output.decode("utf-8", "replace").split("\n")
    errors = [error for error in map(_ERROR.match, lines) if error]
    if not all(_SYNTAX.fullmatch(error[2]) for error in errors):
        return ()
    return {error[1] for error in errors} & set(tree.paths)
