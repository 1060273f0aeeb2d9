"""What changed and why, best read first; uses that the change left behind."""

from collections import Counter
from collections.abc import Iterator

from codeorch.domain import Certainty, ChangeKind, Completeness, Mention, MissedUse, Tone
from codeorch.report.document import Code, Line, Section, brief, line, many
from codeorch.report.record import FileChange, Record
from codeorch.report.sections.risk import FileRisk, reading_order


def changed_files(record: Record) -> Section:
    """Return each changed file, the riskiest first: lines, reason, and what to look at."""
    added = sum(file.added for file in record.files)
    removed = sum(file.removed for file in record.files)
    risks = reading_order(record)
    title = f"Changed: {many(len(risks), 'file')}, +{added:,} -{removed:,}"
    if any(risk.signs for risk in risks):
        title += ", what to read first on top"
    by_rule = {t.id for r in record.rounds if r.plan.source == "codemod" for t in r.plan.tasks}
    goals = {name: task.goal for name, task in record.tasks.items() if name not in by_rule}
    lines = tuple(_file(risk, goals) for risk in risks)
    return Section(title=title, lines=lines, lead=tuple(_where(record)))


def _where(record: Record) -> Iterator[Line]:
    if record.branch:
        yield line("Branch ", Code(record.branch.name), " at ", Code(record.branch.commit[:12]))
    elif record.commit:
        yield line("No branch was made; the result is commit ", Code(record.commit[:12]))


def _file(risk: FileRisk, goals: dict[str, str]) -> Line:
    file = risk.file
    texts = dict.fromkeys(
        brief(text)
        for result in risk.results if result.task in goals
        for text in (goals[result.task], result.summary) if text
    )  # fmt: skip
    below = [line(text) for text in texts]
    if file.formatted:
        below.append(line("formatted as the project has it, in a commit of its own"))
    below += [line(f"look at: {sign.what}", tone="warn") for sign in risk.signs]
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


def missed_uses(record: Record) -> Section:
    """Return the changed definitions, the missed uses by certainty, and those waived."""
    completeness = record.last.completeness
    lines = [
        _missed_use(gap)
        for certainty in _MEANING
        for gap in completeness.gaps
        if gap.certainty == certainty
    ]
    lines += [
        line(*_place(one.gap), f": waived: {brief(one.why)} ({brief(one.gap.suggestion)})")
        for one in completeness.waived_uses
    ]
    lines += [
        line(
            "changed: ", Code(one.symbol), " in ", Code(one.path),
            f": {_KINDS[one.change]}{', ' if one.detail else ''}{brief(one.detail)}",
        )
        for one in completeness.changes
    ]  # fmt: skip
    lead = tuple(_sum(completeness, len(_mention_places(record))))
    return Section(title="Uses of changed definitions", lines=tuple(lines), lead=lead)


def mentions(record: Record) -> Section:
    """Return where a changed name stands in strings, comments and docs, and was left alone."""
    places = _mention_places(record)
    title = f"Mentions left alone: {len(places):,} in strings, comments and docs"
    return Section(title=title, lines=tuple(_mention(one) for one in places))


def _mention_places(record: Record) -> list[Mention]:
    of_plans = (mention for one in record.rounds for mention in one.plan.mentions)
    return list(dict.fromkeys((*of_plans, *record.last.completeness.mentions)))


def _sum(completeness: Completeness, mentions: int) -> Iterator[Line]:
    changes, gaps, waived = completeness.changes, completeness.gaps, completeness.waived_uses
    if not (changes or gaps or waived):
        return
    counts = Counter(gap.certainty for gap in gaps)
    parts = [
        f"{counts[word]} {word} ({meaning})" for word, (meaning, _) in _MEANING.items()
        if counts[word]
    ]  # fmt: skip
    definitions = f"{many(len(changes), 'definition')} changed for those who use it"
    missed = f"missed uses: {', '.join(parts)}" if parts else _silence(mentions)
    waivers = f"; {len(waived)} waived in writing" if waived else ""
    text = f"{definitions}; {missed}{waivers}; {_type_checkers(completeness)}"
    yield line(text, tone="bad" if completeness.open else "plain")


def _silence(mentions: int) -> str:
    """Say that no use is missed, where nothing is left to look at."""
    return f"{many(mentions, 'mention')} left alone" if mentions else "no use is missed"


def _type_checkers(completeness: Completeness) -> str:
    """Say which type checker has read the result, and which languages none has."""
    checkers, unchecked = completeness.type_checkers, completeness.unchecked
    if not checkers:
        return "not checked by a type checker"
    rest = f", not {' and '.join(unchecked)}" if unchecked else ""
    return f"checked by {' and '.join(checkers)}{rest}"


def _missed_use(gap: MissedUse) -> Line:
    return line(
        f"{gap.certainty}: ", *_place(gap), f": {brief(gap.suggestion)}: ",
        Code(brief(gap.text, 120)), tone=_MEANING[gap.certainty][1],
    )  # fmt: skip


def _place(gap: MissedUse) -> Iterator[str]:
    yield Code(f"{gap.path}:{gap.line}")


def _mention(one: Mention) -> Line:
    return line(Code(f"{one.path}:{one.line}"), ": ", Code(brief(one.text, 120)))
