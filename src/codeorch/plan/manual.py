"""A plan as a file: written by `codeorch plan`, edited by hand, read by `apply --plan`."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codeorch.domain import Plan, Task
from codeorch.errors import PlanInvalid, UserError
from codeorch.plan import form

_HEAD = """\
# A plan of codeorch. Edit it and run: codeorch apply --plan THIS_FILE
# Each task changes one file. `needs` lists ids of tasks that come first. `codemods` are rules that
# need no model: rename function|class|method|variable `old` to `new` [in `path-or-glob`],
# replace `pattern` with `rewrite` [in `glob`].
"""


def read_file(file: Path, limits: form.Limits) -> form.Draft:
    """Read a plan file, TOML or JSON by its extension.

    Raises:
        UserError: it cannot be read, or the plan in it is invalid.
    """
    try:
        content = file.read_text(encoding="utf-8")
        parsed: Any = json.loads(content) if file.suffix == ".json" else tomllib.loads(content)
        if not isinstance(parsed, dict):
            raise UserError(f"{file} holds no plan", "see `codeorch plan --help`")
        parsed.pop("request", None)
        return form.read(parsed, limits, "manual")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}", "check the path") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is not valid: {error}", "mend the file") from error
    except PlanInvalid as error:
        more = f" (and {len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
        raise UserError(f"{file}: {error.faults[0]}{more}", "edit the plan file") from error


def request_in(file: Path) -> str:
    """Give the request that a plan file was made for; empty if it names none."""
    try:
        content = file.read_text(encoding="utf-8")
        parsed: Any = json.loads(content) if file.suffix == ".json" else tomllib.loads(content)
    except (OSError, ValueError, RecursionError):
        return ""  # read_file explains the fault to the user
    said = parsed.get("request", "") if isinstance(parsed, dict) else ""
    return said if isinstance(said, str) else ""


def write_toml(plan: Plan, request: str, codemods: tuple[str, ...] = ()) -> str:
    """Write a plan as commented TOML that `read_file` understands."""
    lines = [_HEAD, _line("request", request), _line("rationale", plan.rationale)]
    lines.append(_line("codemods", list(codemods)))
    for contract in plan.contracts:
        lines += [
            "\n[[contracts]]",
            _line("symbol", contract.symbol),
            _line("signature", contract.signature),
            _line("defined_in", contract.defined_in),
            _line("used_in", list(contract.used_in)),
        ]
    if not plan.tasks:
        lines.append("tasks = []")
    for task in plan.tasks:
        lines += ["\n[[tasks]]", *(_line(key, value) for key, value in _fields(task).items())]
    return "\n".join(lines) + "\n"


def _fields(task: Task) -> Mapping[str, object]:
    worker = {
        "role": task.worker.role,
        "instructions": task.worker.instructions,
        "model": task.worker.model,
        "effort": task.worker.effort,
    }
    every = {
        "id": task.id,
        "path": task.path,
        "action": task.action,
        "old_path": task.old_path,
        "goal": task.goal,
        "needs": list(task.needs),
        "context": list(task.context),
        "weight": task.weight,
        "worker": {key: value for key, value in worker.items() if value},
    }
    return {key: value for key, value in every.items() if value not in ("", [])}


def _line(key: str, value: object) -> str:
    return f"{key} = {_toml(value)}"


def _toml(value: object) -> str:
    """Write a string, number, list or flat table; JSON strings are TOML strings, DEL aside."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
