"""What changed and why, best read first; uses that the change left behind."""

from collections import Counter
from collections.abc import Iterator

from codeorch.domain import Certainty, ChangeKind, Completeness, Gap, Mention
from codeorch.report.document import Code, Line, Section, Tone, brief, line, many
from codeorch.report.record import FileChange, Record
from codeorch.report.sections.risk import Ranked, reading_order


def changed(record: Record) -> Section:
    """Tell each changed file, the riskiest first: lines, reason, and what to look at."""
    added = sum(file.added for file in record.files)
    removed = sum(file.removed for file in record.files)
    ranked = reading_order(record)
    title = f"Changed: {many(len(ranked), 'file')}, +{added:,} -{removed:,}"
    if any(one.signs for one in ranked):
        title += ", what to read first on top"
    by_rule = {
        t.id for one in record.rounds if one.plan.source == "codemod" for t in one.plan.tasks
    }
    goals = {name: task.goal for name, task in record.tasks.items() if name not in by_rule}
    lines = tuple(_file(one, goals) for one in ranked)
    return Section(title=title, lines=lines, lead=tuple(_where(record)))


def _where(record: Record) -> Iterator[Line]:
    if record.branch:
        yield line("Branch ", Code(record.branch.name), " at ", Code(record.branch.commit[:12]))
    elif record.commit:
        yield line("No branch was made; the result is commit ", Code(record.commit[:12]))


def _file(one: Ranked, goals: dict[str, str]) -> Line:
    file = one.file
    told = dict.fromkeys(
        brief(text)
        for result in one.results if result.task in goals
        for text in (goals[result.task], result.summary) if text
    )  # fmt: skip
    below = [line(text) for text in told]
    if file.formatted:
        below.append(line("formatted as the project has it, in a commit of its own"))
    below += [line(f"look at: {sign.what}", tone="warn") for sign in one.signs]
    return line(*_head(file), below=below)


def _head(file: FileChange) -> Iterator[str]:
    yield f"{file.change} "
    if file.old_path:
        yield Code(file.old_path)
        yield " to "
    yield Code(file.path)
    yield f" +{file.added} -{file.removed}"


_MEANING: dict[Certainty, tuple[str, Tone]] = {
    "sure": ("the code proves it", "bad"),
    "likely": ("nothing else fits", "bad"),
    "maybe": ("the text does not say", "warn"),
}

_KINDS: dict[ChangeKind, str] = {
    "removed": "removed", "renamed": "renamed", "moved": "moved",
    "signature": "another signature", "missing": "used, but nothing defines it",
}  # fmt: skip


def left_behind(record: Record) -> Section:
    """Tell the changed definitions, the uses left behind by certainty, and those excused."""
    found = record.last.completeness
    lines = [
        _gap(gap) for certainty in _MEANING for gap in found.gaps if gap.certainty == certainty
    ]
    lines += [
        line(*_place(one.gap), f": excused: {brief(one.why)} ({brief(one.gap.suggestion)})")
        for one in found.excused
    ]
    lines += [
        line(
            "changed: ", Code(one.symbol), " in ", Code(one.path),
            f": {_KINDS[one.change]}{', ' if one.detail else ''}{brief(one.detail)}",
        )
        for one in found.changes
    ]  # fmt: skip
    return Section(title="Uses of changed definitions", lines=tuple(lines), lead=tuple(_sum(found)))


def mentions(record: Record) -> Section:
    """Tell where a changed name stands in strings, comments and docs, and was left alone."""
    planned = (mention for one in record.rounds for mention in one.plan.mentions)
    found = list(dict.fromkeys((*planned, *record.last.completeness.mentions)))
    title = f"Mentions left alone: {len(found):,} in strings, comments and docs"
    return Section(title=title, lines=tuple(_mention(one) for one in found))


def _sum(found: Completeness) -> Iterator[Line]:
    if not (found.changes or found.gaps or found.excused):
        return
    counts = Counter(gap.certainty for gap in found.gaps)
    told = [
        f"{counts[word]} {word} ({meaning})" for word, (meaning, _) in _MEANING.items()
        if counts[word]
    ]  # fmt: skip
    changed = f"{many(len(found.changes), 'definition')} changed for those who use it"
    left = "left behind: " + ", ".join(told) if told else "no use is left behind"
    excused = f"; {len(found.excused)} excused in writing" if found.excused else ""
    yield line(f"{changed}; {left}{excused}", tone="bad" if found.open else "plain")


def _gap(gap: Gap) -> Line:
    return line(
        f"{gap.certainty}: ", *_place(gap), f": {brief(gap.suggestion)}: ",
        Code(brief(gap.text, 120)), tone=_MEANING[gap.certainty][1],
    )  # fmt: skip


def _place(gap: Gap) -> Iterator[str]:
    yield Code(f"{gap.path}:{gap.line}")


def _mention(one: Mention) -> Line:
    return line(Code(f"{one.path}:{one.line}"), ": ", Code(brief(one.text, 120)))
