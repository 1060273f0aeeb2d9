"""Parts -> one prompt under a budget, and what all prompts of a round begin with."""

from collections.abc import Iterable, Iterator, Sequence

from codeorch.domain import Plan, Snapshot
from codeorch.llm.prompts import fence, text
from codeorch.retrieval import ShownLines
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
_ROOM_ALL_CONVENTIONS = 9_000  # of all together
_ROOM_GOAL = 200
# What is written for models; what CONTRIBUTING asks for stands in the planner's facts. The first of
# each row that a folder has speaks for it.
_NAMES = ("AGENTS.md", "CLAUDE.md")
_AT_THE_TOP = (*_NAMES, ".github/copilot-instructions.md")


def plan_part(round_context: RoundContext) -> str:
    """Return what fresh workers of a round are told first, the same for all of them."""
    texts = round_context.texts
    if "plan" not in texts:
        texts["plan"] = _plan_part(round_context)
    return texts["plan"]


def _plan_part(round_context: RoundContext) -> str:
    plan = round_context.plan
    parts = ["# Change request\n" + fence(round_context.request.text)]
    if round_context.facts:
        parts.append("\n".join(["# The project", *round_context.facts]))
    if top := _first_with_text(round_context.snapshot, "", _AT_THE_TOP):
        parts.append(convention_section(round_context.snapshot, top))
    if plan.rationale:
        parts.append("# How the plan sees the request\n" + plan.rationale)
    tasks = "\n".join(
        f"- {task.action} {task.path}: {_first_sentence(task.goal)}"
        for task in plan.tasks if task.needs_model and not task.continues
    )  # fmt: skip
    parts.append("# All tasks of the plan, one worker each\n" + tasks)
    if ready := [task.path for task in plan.tasks if not task.needs_model]:
        parts.append(f"Done before you, by the plan itself: {_names_of(ready)}.")
    return "\n\n".join([*parts, *_assumptions(plan)])


def fork_part(plan: Plan, snapshot: Snapshot, shown: ShownLines) -> str:
    """Return what all forks of the planner's conversation are told first: its plan is accepted.

    Conventions are part of it, as far as the planner has not read them: here they are paid once.
    """
    ready = [task.path for task in plan.tasks if not task.needs_model]
    parts = ["The plan is accepted."]
    if plan.notes:
        parts.append("\n".join(f"- {note}" for note in plan.notes))
    if ready:
        parts.append(
            f"Its own edits are made: {_names_of(ready)}. Look-ups go on to show the commit before."
        )
    tasks = [f"{t.id} ({t.path})" for t in plan.tasks if t.needs_model and not t.continues]
    parts.append(f"Tasks for workers, one each: {_names_of(tasks)}.")
    parts += _unseen_conventions(plan, snapshot, shown)
    return "\n\n".join([*parts, *_assumptions(plan), text("work").strip()])


def _unseen_conventions(plan: Plan, snapshot: Snapshot, shown: ShownLines) -> Iterator[str]:
    room = _ROOM_ALL_CONVENTIONS
    for path in convention_paths(plan, snapshot):
        if shown.has(path, 1, len(snapshot.bare(path).text.splitlines())):
            continue
        section = convention_section(snapshot, path)
        room -= len(section)
        yield section if room >= 0 else f"Read {path} before you change a file in its folder."


def _assumptions(plan: Plan) -> list[str]:
    lines = "\n".join(f"- {q.text} {q.answer or q.assumption}" for q in plan.questions)
    return [f"# What is assumed\n{lines}"] if lines else []


def _names_of(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if names[_LISTED:] else ""
    return ", ".join(names[:_LISTED]) + more


def convention_paths(plan: Plan, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the paths of the conventions that the workers of a plan are shown."""
    paths = [task.path for task in plan.tasks if task.needs_model]
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
    whole = snapshot.bare(path).text
    room = _ROOM_CONVENTIONS // 2 if "/" in path.removeprefix(".github/") else _ROOM_CONVENTIONS
    cut = whole[:room].rpartition("\n")[0] + "\n[the rest is left out]" if whole[room:] else whole
    return f"# The project's conventions: {path}\n{fence(cut)}"


def _first_with_text(snapshot: Snapshot, folder: str, names: Iterable[str]) -> str:
    paths = (folder + name for name in names)
    return next((p for p in paths if p in snapshot.files and snapshot.bare(p).text.strip()), "")


def _first_sentence(goal: str) -> str:
    line = goal.split("\n", 1)[0]
    return line if len(line) <= _ROOM_GOAL else line[:_ROOM_GOAL].rpartition(" ")[0] + " ..."
