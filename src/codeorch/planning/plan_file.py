"""A plan as a file: written by `codeorch plan`, edited or rejected by hand, read by `--plan`."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from codeorch.domain import Contract, Estimate, Plan, Question, Task
from codeorch.errors import PlanInvalid, UserError
from codeorch.planning import plan_schema
from codeorch.planning.faults import Limits
from codeorch.planning.plan_schema import Draft

_HELP = """\
A plan of codeorch. Edit it and run: codeorch apply --plan THIS_FILE
Each task changes one file, and `goal` is all that its worker is told about it.
  action     create, edit (if left out), delete, or rename (then with old_path)
  needs      ids of the tasks that must be finished first
  context    other files whose outlines the worker sees
  weight     expected effort; heavier chains start first
  worker     { role, instructions, model, effort, tools }; see docs/settings.md
  diff       the finished edit; a task whose goal, path or file was changed since goes to a worker
groups       tasks written once: goal with {name} for values, paths or rows of path and values
contracts    names that several files share: symbol, signature, defined_in, used_in, import_line
codemods     rules without a model, done first: rename KIND `old` to `new`,
             KIND of function, class, method, variable, parameter, module
             [in `path-or-glob`], or replace `pattern` with `rewrite` [in `glob`]
questions    what the request left open; each assumption is in force unless you edit the tasks
next_stage   what is to be planned after this; leave it out for none"""


def read_file(file: Path, limits: Limits, name: str = "") -> plan_schema.Draft:
    """Read a plan file, TOML or JSON by its extension.

    `name` is what faults call it, where the file is a copy of the user's.

    Raises:
        UserError: it cannot be read, or the plan in it is invalid.
    """
    name = name or str(file)
    try:
        content = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}", "check the path") from error
    except ValueError as error:
        raise UserError(f"{name} is not valid: {error}", "mend the file") from error
    return read_text(content, name, limits)


def read_text(content: str, name: str, limits: Limits) -> plan_schema.Draft:
    """Read the plan in a file's content; the name says which format it has.

    Raises:
        UserError: the content is no plan, or the plan is invalid.
    """
    try:
        parsed = _parse(content, name)
        for key in ("request", "help"):
            parsed.pop(key, None)
        notes = _drop_stale_edits(parsed, limits)
        draft = plan_schema.read(parsed, limits, "manual")
        if not (draft.plan.tasks or draft.codemods):
            raise UserError(f"{name} holds no task", "add one, or a codemod; its head says how")
        plan = replace(draft.plan, notes=(*draft.plan.notes, *notes))
        return replace(draft, plan=plan)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is not valid: {error}", "mend the file") from error
    except PlanInvalid as error:
        more = f" (and {len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
        raise UserError(f"{name}: {error.faults[0]}{more}", "edit the plan file") from error


def _drop_stale_edits(parsed: Mapping[str, Any], limits: Limits) -> list[str]:
    """Take out the edits of tasks that are not what they were made for; says which."""
    notes: list[str] = []
    tasks = parsed.get("tasks")
    for row in tasks if isinstance(tasks, list) else ():
        if not isinstance(row, dict):
            continue
        made_for = row.pop("diff_for", None)
        goal, path = str(row.get("goal", "")).strip(), str(row.get("path", ""))
        old_path = str(row.get("old_path", ""))
        if row.get("diff") and made_for not in (None, _mark(goal, path, old_path, limits)):
            del row["diff"]
            notes.append(f"{path}: task or file is another one since, so a worker makes the edit")
    return notes


def _mark(goal: str, path: str, old_path: str, limits: Limits) -> str:
    """Return what an edit was made for, in twelve digits."""
    text = limits.text_of(old_path or path)
    made_for = f"{goal}\0{path}\0{old_path}\0{text}"
    return hashlib.sha256(made_for.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def request_in(file: Path) -> str:
    """Give the request that a plan file was made for; empty if it names none."""
    try:
        said = _parse(file.read_text(encoding="utf-8"), str(file)).get("request", "")
    except (OSError, ValueError, RecursionError):
        return ""  # read_file explains the fault to the user
    return said if isinstance(said, str) else ""


def write(draft: plan_schema.Draft, request: str, limits: Limits, name: str = "") -> str:
    """Write a plan that `read_text` understands: JSON for such a name, else commented TOML.

    `limits` has the files that its edits were made for.
    """
    plan = draft.plan
    head: dict[str, object] = {
        "request": request,
        "rationale": plan.rationale,
        "codemods": list(draft.codemods),
    }
    if plan.next_stage:
        head["next_stage"] = plan.next_stage
    lists: dict[str, list[Mapping[str, object]]] = {
        "questions": [_question(one) for one in plan.questions],
        "contracts": [_contract(one) for one in plan.contracts],
        "tasks": [_task(task, limits) for task in plan.tasks],
    }
    if name.endswith(".json"):
        whole = {"help": _HELP.split("\n"), **head, **lists}
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_toml_lines(head, lists, plan.notes)) + "\n"


def _parse(content: str, name: str) -> dict[str, Any]:
    parsed: Any = json.loads(content) if name.endswith(".json") else tomllib.loads(content)
    if not isinstance(parsed, dict):
        raise UserError(f"{name} holds no plan", "see `codeorch plan --help`")
    return parsed


def _question(one: Question) -> Mapping[str, object]:
    return {"text": one.text, "assumption": one.assumption, "blocks": one.blocks}


def _contract(one: Contract) -> Mapping[str, object]:
    return _without_empty({**asdict(one), "used_in": list(one.used_in)})


def _task(task: Task, limits: Limits) -> Mapping[str, object]:
    worker = {
        "role": task.worker.role,
        "instructions": task.worker.instructions,
        "model": task.worker.model,
        "effort": task.worker.effort,
        "tools": list(task.worker.tools),
    }
    return _without_empty(
        {
            "id": task.id,
            "path": task.path,
            "action": task.action,
            "old_path": task.old_path,
            "goal": task.goal,
            "needs": list(task.needs),
            "context": list(task.context),
            "weight": task.weight,
            "worker": _without_empty(worker),
            "diff": task.diff,
            "diff_for": _mark(task.goal, task.path, task.old_path, limits) if task.diff else "",
        }
    )


def _without_empty(fields: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value not in ("", [], None)}


def _toml_lines(
    head: Mapping[str, object],
    lists: Mapping[str, Sequence[Mapping[str, object]]],
    notes: Sequence[str],
) -> Iterator[str]:
    yield from (f"# {line}" for line in _HELP.split("\n"))
    for note in notes:
        yield "# Note: " + " ".join(_toml(note)[1:-1].split())
    yield ""
    yield from (_line(key, value) for key, value in head.items())
    if not lists["tasks"]:
        yield "tasks = []"
    for name, tables in lists.items():
        for table in tables:
            yield f"\n[[{name}]]"
            yield from (_line(key, value) for key, value in table.items())


def _line(key: str, value: object) -> str:
    if isinstance(value, str) and "\n" in value and _is_literal(value):
        return f"{key} = '''\n{value}'''"
    return f"{key} = {_toml(value)}"


def _is_literal(text: str) -> bool:
    """Tell whether a text may stand in TOML as it is, over several lines."""
    strange = any((char < " " and char not in "\t\n") or char == "\x7f" for char in text)
    return "'''" not in text and not text.endswith("'") and not strange


def _toml(value: object) -> str:
    """Write a string, number, list or flat table; JSON strings are TOML strings, DEL aside."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


_NAME = "the plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan, the draft that it was made of, and how another draft would become one."""

    plan: Plan
    draft: Draft
    limits: Limits
    join: Callable[[Draft], Plan]

    @classmethod
    def of(cls, draft: Draft, limits: Limits, join: Callable[[Draft], Plan]) -> "Proposal":
        """Join a draft into the plan that is proposed."""
        return cls(plan=join(draft), draft=draft, limits=limits, join=join)

    def write(self, request: str) -> str:
        """Write the plan as a file to edit."""
        return write(self.draft, request, self.limits)

    def read(self, text: str) -> "Proposal":
        """Read the plan from such a file.

        Raises:
            UserError: it is no valid plan.
            PlanInvalid: one of its codemods cannot be done.
        """
        draft = read_text(text, _NAME, self.limits)
        return replace(self, plan=self.join(draft), draft=draft)


# Gives the plan to be carried out, the proposed one or an edited one; None rejects it. The second
# argument says what the workers of a plan will cost.
Approve = Callable[[Proposal, Callable[[Plan], Estimate | None]], Plan | None]
