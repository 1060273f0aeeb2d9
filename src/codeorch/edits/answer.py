"""A model's answer -> hunks or texts. Five dialects, read without being told which."""

from collections.abc import Sequence

from codeorch.edits.blocks import block_names, read_blocks
from codeorch.edits.entities import with_plain_markers
from codeorch.edits.extract import SEARCH, extract
from codeorch.edits.headers import is_extended, is_start, read_header
from codeorch.edits.hunks import Answer, Refusal
from codeorch.edits.lines import Lines
from codeorch.edits.unified import read_unified, read_v4a


def read_answer(answer: str, file: Lines) -> Answer:
    """Find the edit in an answer.

    Raises:
        Refusal: there is none, or it is cut off.
    """
    lines = _lines(with_plain_markers(answer))
    if any(SEARCH.match(line) for line in lines):
        return read_blocks(lines, file)
    content = extract(lines)
    ended = not lines or not lines[-1]
    if any(line.startswith("*** ") for body in content.bodies for line in body) and any(
        is_start(line, "") and line.startswith("*** ") for body in content.bodies for line in body
    ):
        return read_v4a(content.bodies, fenced=content.fenced, ended=ended)
    if content.bodies:
        return read_unified(content.bodies, fenced=content.fenced, ended=ended)
    if content.texts:
        texts = ("\n".join(fence.lines) + "\n" if fence.lines else "" for fence in content.texts)
        return Answer(dialect="whole", texts=tuple(texts), fenced=True)
    raise Refusal(
        code="empty", brief="the answer holds no edit", detail="Give a diff in one ```diff fence."
    )


def paths_in(answer: str) -> tuple[str, ...]:
    """Name every path that the headers of an answer name, unquoted and without a/ and b/."""
    lines = _lines(with_plain_markers(answer))
    heads = [read_header([line]) for at, line in enumerate(lines) if _is_header(lines, at)]
    named = [name for head in heads for name in (head.old, head.new) if name]
    return tuple(dict.fromkeys([*named, *block_names(lines)]))


def _is_header(lines: Sequence[str], at: int) -> bool:
    after = lines[at + 1] if at + 1 < len(lines) else ""
    before = lines[at - 1] if at else ""
    line = lines[at]
    return (
        is_start(line, after)
        or is_extended(line)
        or (line.startswith("+++ ") and is_start(before, line))
        or (line.startswith(("--- ", "+++ ")) and (not at or after.startswith("@@")))
    )


def _lines(answer: str) -> list[str]:
    return answer.replace("\r\n", "\n").split("\n")
