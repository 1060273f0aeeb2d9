"""A prompt in the making, under a budget, and what all prompts of a round begin with."""

from collections.abc import Iterable

from codeorch.analysis.outline import tree
from codeorch.domain import Contract, Plan, Question, Snapshot
from codeorch.llm.prompts import fence
from codeorch.workers.context import Scene

CHARS_A_TOKEN = 3.5  # of code in the common models' alphabets; a budget needs no better figure
_NAMED = 20


class Page:
    """Parts in the order of reading, taken in the order of importance while there is room.

    What does not fit is named at the end, so that nobody takes what is shown for everything.
    """

    def __init__(self, tokens: int, order: tuple[str, ...]) -> None:
        self.left = int(tokens * CHARS_A_TOKEN)
        self._parts: dict[str, list[str]] = {place: [] for place in order}
        self._omitted: dict[str, None] = {}

    def must(self, place: str, part: str) -> None:
        """Take a part whatever it costs."""
        self._parts[place].append(part)
        self.left -= len(part)

    def add(self, place: str, part: str, name: str) -> None:
        """Take a part if it fits; else remember its name."""
        if len(part) > self.left:
            self.omit(name)
        else:
            self.must(place, part)

    def omit(self, name: str) -> None:
        """Remember something that is not shown."""
        self._omitted[name] = None

    @property
    def text(self) -> str:
        """The page as it will be read."""
        parts = [part for parts in self._parts.values() for part in parts]
        names = list(self._omitted)
        if names:
            more = [f"and {len(names) - _NAMED} more"] if names[_NAMED:] else []
            listed = ", ".join([*names[:_NAMED], *more])
            parts.insert(0, f"Left out here for lack of room: {listed}.")
        return "\n\n".join(parts)


_ROOM_CONVENTIONS = 6_000  # characters of the conventions at the top; of a folder's own, half
_ROOM_MAP = 8_000
_ROOM_GOAL = 200
# The first of each row that a folder has speaks for it.
_NAMES = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", "CONTRIBUTING.rst", "CONTRIBUTING")
_AT_THE_TOP = (*_NAMES, ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md")


def shared_part(scene: Scene) -> str:
    """Write what is the same for all workers of a round."""
    plan = scene.plan
    parts = ["# Change request\n" + fence(scene.request.text)]
    if top := _found(scene.snapshot, "", _AT_THE_TOP):
        parts.append(told(scene.snapshot, top))
    near = [task.path for task in plan.tasks if not task.answer]
    parts.append("# All files\n" + fence(tree(scene.snapshot.files, _ROOM_MAP, near)))
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


def conventions(plan: Plan, snapshot: Snapshot) -> tuple[str, ...]:
    """Name the files whose conventions the workers of a plan are shown."""
    paths = [task.path for task in plan.tasks if not task.answer]
    found = [_found(snapshot, "", _AT_THE_TOP) if paths else ""]
    found += [nearest(path, snapshot) for path in paths]
    return tuple(path for path in dict.fromkeys(found) if path)


def nearest(path: str, snapshot: Snapshot) -> str:
    """Name the conventions that lie nearest above a path, the top left out; empty if none do."""
    folder = path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        if found := _found(snapshot, f"{folder}/", _NAMES):
            return found
    return ""


def told(snapshot: Snapshot, path: str) -> str:
    """Show the conventions of a file, the end left out when it is long."""
    text = snapshot.bare(path).text
    room = _ROOM_CONVENTIONS // 2 if "/" in path.removeprefix(".github/") else _ROOM_CONVENTIONS
    cut = text[:room].rpartition("\n")[0] + "\n[the rest is left out]" if text[room:] else text
    return f"# The project's conventions: {path}\n{fence(cut)}"


def _found(snapshot: Snapshot, folder: str, names: Iterable[str]) -> str:
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
