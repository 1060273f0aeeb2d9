"""What changed, and why, in the order in which it is best read."""

from collections.abc import Iterator

from codeorch.report.page import Code, Line, Section, brief, line, many
from codeorch.report.record import FileChange, Record
from codeorch.report.telling.risk import Ranked, reading_order


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
