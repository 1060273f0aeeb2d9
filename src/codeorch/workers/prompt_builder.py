"""Parts -> one prompt under a budget, and what all prompts of a round begin with."""

from collections.abc import Iterable

from codeorch.analysis.outline import tree
from codeorch.domain import Contract, Plan, Question, Snapshot
from codeorch.llm.prompts import fence
from codeorch.workers.context import RoundContext

CHARS_A_TOKEN = 3.5  # of code in the common models' alphabets; a budget needs no better figure
_LISTED = 20


class PromptBuilder:
    r"""Parts in the order of reading, added in the order of importance while there is room.

    What does not fit is named in front, so that nobody takes what is shown for everything.
    `tokens` is the budget of all parts, `order` the names of the places, first to last.

    >>> builder = PromptBuilder(tokens=10, order=("file", "task"))
    >>> builder.must("task", "Mend it.")
    >>> builder.add("file", "x" * 100, "the file")
    >>> builder.text
    'Left out here for lack of room: the file.\n\nMend it.'
    """

    def __init__(self, tokens: int, order: tuple[str, ...]) -> None:
        self.room = int(tokens * CHARS_A_TOKEN)
        self._parts: dict[str, list[str]] = {place: [] for place in order}
        self._omitted: dict[str, None] = {}

    def must(self, place: str, part: str) -> None:
        """Add a part at a place, whatever it costs."""
        self._parts[place].append(part)
        self.room -= len(part)

    def add(self, place: str, part: str, name: str) -> None:
        """Add a part at a place if it fits; else its name is listed as left out."""
        if len(part) > self.room:
            self.omit(name)
        else:
            self.must(place, part)

    def omit(self, name: str) -> None:
        """List something as left out."""
        self._omitted[name] = None

    @property
    def text(self) -> str:
        """The parts in the order of reading."""
        parts = [part for parts in self._parts.values() for part in parts]
        names = list(self._omitted)
        if names:
            more = [f"and {len(names) - _LISTED} more"] if names[_LISTED:] else []
            titles = ", ".join([*names[:_LISTED], *more])
            parts.insert(0, f"Left out here for lack of room: {titles}.")
        return "\n\n".join(parts)


_ROOM_CONVENTIONS = 6_000  # characters of the conventions at the top; of a folder's own, half
_ROOM_MAP = 8_000
_ROOM_GOAL = 200
# The first of each row that a folder has speaks for it.
_NAMES = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", "CONTRIBUTING.rst", "CONTRIBUTING")
_AT_THE_TOP = (*_NAMES, ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md")


def shared_part(round_context: RoundContext) -> str:
    """Return the part of the prompt that is the same for all workers of a round."""
    plan = round_context.plan
    parts = ["# Change request\n" + fence(round_context.request.text)]
    if top := _first_with_text(round_context.snapshot, "", _AT_THE_TOP):
        parts.append(convention_section(round_context.snapshot, top))
    near = [task.path for task in plan.tasks if not task.answer]
    parts.append("# All files\n" + fence(tree(round_context.snapshot.files, _ROOM_MAP, near)))
    if plan.rationale:
        parts.append("# How the plan sees the request\n" + plan.rationale)
    if plan.questions:
        parts.append("# What is assumed\n" + "\n".join(_assumption(q) for q in plan.questions))
    if plan.contracts:
        parts.append("# Contracts\n" + "\n".join(_contract(c) for c in plan.contracts))
    tasks = "\n".join(
        f"- {task.action} {task.path}: {_first_sentence(task.goal)}"
        for task in plan.tasks if not task.answer
    )  # fmt: skip
    return "\n\n".join([*parts, "# All tasks of the plan, one worker each\n" + tasks])


def convention_paths(plan: Plan, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the paths of the conventions that the workers of a plan are shown."""
    paths = [task.path for task in plan.tasks if not task.answer]
    conventions = [_first_with_text(snapshot, "", _AT_THE_TOP) if paths else ""]
    conventions += [nearest_conventions(path, snapshot) for path in paths]
    return tuple(path for path in dict.fromkeys(conventions) if path)


def nearest_conventions(path: str, snapshot: Snapshot) -> str:
    """Return the path of the conventions nearest above a path; empty if only the top has some."""
    folder = path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        if conventions := _first_with_text(snapshot, f"{folder}/", _NAMES):
            return conventions
    return ""


def convention_section(snapshot: Snapshot, path: str) -> str:
    """Return the section that shows a file of conventions, its end left out when it is long."""
    text = snapshot.bare(path).text
    room = _ROOM_CONVENTIONS // 2 if "/" in path.removeprefix(".github/") else _ROOM_CONVENTIONS
    cut = text[:room].rpartition("\n")[0] + "\n[the rest is left out]" if text[room:] else text
    return f"# The project's conventions: {path}\n{fence(cut)}"


def _first_with_text(snapshot: Snapshot, folder: str, names: Iterable[str]) -> str:
    paths = (folder + name for name in names)
    return next((p for p in paths if p in snapshot.files and snapshot.bare(p).text.strip()), "")


def _contract(contract: Contract) -> str:
    used = f"; used in {', '.join(contract.used_in)}" if contract.used_in else ""
    line = f"; import: `{contract.import_line}`" if contract.import_line else ""
    return (
        f"- {contract.symbol}: `{contract.signature}`, defined in {contract.defined_in}{used}{line}"
    )


def _assumption(question: Question) -> str:
    return f"- {question.text} {question.answer or question.assumption}"


def _first_sentence(goal: str) -> str:
    line = goal.split("\n", 1)[0]
    return line if len(line) <= _ROOM_GOAL else line[:_ROOM_GOAL].rpartition(" ")[0] + " ..."
