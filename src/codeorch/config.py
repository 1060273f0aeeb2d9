"""Settings: flags over environment over project over user configuration over defaults.

What a repository may say about itself is limited: nothing in it can redirect the key, raise a
ceiling or loosen a protection, because the text of a repository is not the user's word.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_args

from codeorch.domain import Effort, WorkerKind
from codeorch.errors import UserError

PLANNER_MODEL = "claude-opus-5-5"
WORKER_MODEL = "claude-sonnet-5-5"
CHEAP_MODEL = "claude-haiku-5-5"

# What `[tool.codeorch]` or `.codeorch.toml` in a repository may set. Everything else is the
# user's: where the key goes, what is protected, how the tests are confined.
PROJECT_KEYS = frozenset(
    {
        "planner_model",
        "worker_model",
        "cheap_model",
        "test_cmd",
        "lint_cmd",
        "setup_cmd",
        "test_timeout_s",
        "fast",
        "format",
        "task_timeout_s",
        "exclude",
        "workers",
        "land",
        "squash",
        "verify",
        "prereview_select",
        "prereview_ignore",
        "prereview_fail_on",
    }
)
# What a rung of the retry ladder can change; several are joined with `+`.
RETRY_CHANGES = frozenset({"diagnosis", "dialect", "effort", "model", "temperature"})

_CHOICES = {
    "strategy": ("auto", "top-down", "dependency"),
    "scripts": ("on", "off"),
    "worker_start": ("auto", "fork", "fresh"),
    "land": ("all", "green-subset"),
    "engines": ("found", "own", "off"),
    "prereview_fail_on": ("sure", "likely", "never"),
}
_LEAST = {"look_ups": 0}  # of whole numbers; of all others 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that steers a run, merged from all sources."""

    planner_model: str = PLANNER_MODEL
    worker_model: str = WORKER_MODEL
    cheap_model: str = CHEAP_MODEL
    provider: str = ""  # who runs the server, e.g. openai, ollama; empty = as the others say
    default_model: str = ""  # for all that have none; may carry the provider in front
    price: str = ""  # US dollars for a million tokens in and out, `0.5/2.5`; empty = by the table
    base_url: str = ""  # of the provider's API; empty = its own
    openai_base_url: str = ""  # of an OpenAI-compatible server; empty = none
    max_parallel: int = 16
    max_tasks: int = 200
    max_rounds: int = 3
    workers: Mapping[str, WorkerKind] = field(default_factory=dict)  # kinds besides the predefined
    worker_tools: tuple[str, ...] = ()  # look-ups of workers whose task names none; empty = all
    worker_start: str = "auto"  # fork the planner's conversation, begin fresh, or by price
    scripts: str = "on"  # let the planner write scripts for many like files, run in the sandbox
    look_ups: int = 12  # turns in which the planner may look things up
    retry_ladder: tuple[str, ...] = ("diagnosis", "diagnosis+dialect+effort+model+temperature")
    strategy: str = "auto"  # how to break a request down: top-down, dependency, auto
    task_timeout_s: float = 30.0  # one answer of one worker
    max_cost: float = 0.0  # US dollars for a whole run; 0 = no ceiling
    max_tokens: int = 0  # for a whole run, in and out; 0 = no ceiling
    budget_alert: float = 0.8  # share of a ceiling past which the user is told
    no_store: bool = False  # keep no answers, so that no run can be resumed
    plan_timeout_s: float = 180.0
    test_cmd: str = ""
    lint_cmd: str = ""
    setup_cmd: str = ""
    test_timeout_s: float = 600.0
    test_network: bool = False
    unsafe_tests: bool = False
    format: bool = False  # let the project's formatters go over the changed files
    fast: bool = False  # run the tests closest to the change first, and stop if they break
    container: str = ""  # image that the tests run in; empty = a sandbox of this machine
    no_test: bool = False
    require_green: bool = False  # tests that fail as they did before are no success
    land: str = "all"  # or green-subset: the most tasks that break no test
    squash: bool = False  # one commit for all tasks instead of one for each
    verify: bool = False  # run the project's pre-commit on the result
    engines: str = "found"  # type checkers as a second opinion: own programs, found ones too, off
    engine_timeout_s: float = 60.0  # for all that one engine is asked about one question
    prereview_select: tuple[str, ...] = ()  # rules of a pre-review; empty = the usual ones
    prereview_ignore: tuple[str, ...] = ()
    prereview_fail_on: str = "sure"  # or likely, never: what gives exit code 1
    allow: tuple[str, ...] = ()  # protected paths that may be changed
    exclude: tuple[str, ...] = ()  # globs that are never shown or changed

    def model(self, name: str) -> str:
        """Return the model that is set for a model class, e.g. `worker`; another name as it is."""
        classes = {
            "planner": self.planner_model,
            "worker": self.worker_model,
            "cheap": self.cheap_model,
        }
        return classes.get(name, name)


def load_settings(root: Path, user_file: Path, flags: Mapping[str, Any]) -> Settings:
    """Return the settings of a run: defaults, the user's file, the project's files, the flags.

    `root` is the repository's top folder, which may hold `pyproject.toml` and `.codeorch.toml`;
    files that do not exist count as empty. `flags` maps names of settings to the values of this
    run, without those that were not set.

    Raises:
        UserError: a file cannot be read; a setting is unknown, of the wrong type, or not for a
            repository to set.
    """
    settings = _merge(Settings(), _read_table(user_file, ()), str(user_file), None)
    for file, path in (
        (root / "pyproject.toml", ("tool", "codeorch")),
        (root / ".codeorch.toml", ()),
    ):
        settings = _merge(settings, _read_table(file, path), file.name, PROJECT_KEYS)
    return _merge(settings, flags, "the command line", None)


def _read_table(file: Path, path: tuple[str, ...]) -> Mapping[str, Any]:
    try:
        table: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UserError(f"{file.name} cannot be read: {error}", "mend the file") from error
    for key in path:
        table = table.get(key, {})
    if not isinstance(table, dict):
        raise UserError(f"{file.name}: [{'.'.join(path)}] is not a table", "mend the file")
    return table


def _merge(
    settings: Settings, values: Mapping[str, Any], source: str, allowed: frozenset[str] | None
) -> Settings:
    known = {setting.name for setting in fields(Settings)}
    changes: dict[str, Any] = {}
    for raw, value in values.items():
        key = raw.replace("-", "_")
        if key not in known:
            raise UserError(
                f"{source}: unknown setting {raw!r}", "known are: " + ", ".join(sorted(known))
            )
        if allowed is not None and key not in allowed:
            raise UserError(
                f"{source}: {raw!r} cannot be set by a repository",
                "give it on the command line or in your own configuration",
            )
        if key == "workers":
            changes[key] = {**settings.workers, **_workers(source, value)}
        else:
            changes[key] = _validate(source, raw, value, getattr(settings, key))
    _check_ladder(source, changes.get("retry_ladder", ()))
    return replace(settings, **changes)


def _workers(source: str, tables: object) -> dict[str, WorkerKind]:
    """Return the kinds of worker that tables define, by their names in lower case."""
    if not isinstance(tables, dict):
        raise UserError(f"{source}: workers must be tables", "write [workers.NAME]")
    return {
        str(name).strip().lower(): _worker(f"{source}: worker {name!r}", table)
        for name, table in tables.items()
    }


def _worker(source: str, table: object) -> WorkerKind:
    known = {setting.name for setting in fields(WorkerKind)}
    if not isinstance(table, dict) or not {"description", "instructions"} <= table.keys():
        raise UserError(f"{source} lacks a description or instructions", "write both as text")
    if unknown := sorted(table.keys() - known):
        raise UserError(
            f"{source}: unknown setting {unknown[0]!r}", "known are: " + ", ".join(sorted(known))
        )
    example = WorkerKind(description="", instructions="", effort="low", timeout_s=1.0)
    values: dict[str, Any] = {
        key: _validate(source, key, value, getattr(example, key)) for key, value in table.items()
    }
    if values.get("effort", "low") not in get_args(Effort):
        raise UserError(
            f"{source}: no effort {values['effort']!r}", "known are: " + _choices_of(Effort)
        )
    return replace(WorkerKind(description="", instructions=""), **values)


def _choices_of(literal: object) -> str:
    return ", ".join(get_args(literal))


def _check_ladder(source: str, rungs: tuple[str, ...]) -> None:
    for rung in rungs:
        if not set(rung.split("+")) <= RETRY_CHANGES:
            raise UserError(
                f"{source}: retry_ladder: {rung!r} is no change for a retry",
                f"known are, joined with +: {', '.join(sorted(RETRY_CHANGES))}",
            )


def _validate(source: str, name: str, value: object, default: object) -> object:
    """Return the value in the type of the default.

    Raises:
        UserError: it has another type, or is out of range.
    """
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    if (
        isinstance(default, float)
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ):
        if value > 0:
            return float(value)
        raise UserError(f"{source}: {name} must be above 0", "give a number")
    if (choices := _CHOICES.get(name.replace("-", "_"))) and value not in choices:
        raise UserError(f"{source}: {name} must be one of {', '.join(choices)}", f"got {value!r}")
    if type(value) is type(default):
        least = _LEAST.get(name.replace("-", "_"), 1)
        if isinstance(value, int) and not isinstance(value, bool) and value < least:
            raise UserError(f"{source}: {name} must be at least {least}", "give a whole number")
        return value
    expected = "list of strings" if isinstance(default, tuple) else type(default).__name__
    raise UserError(f"{source}: {name} must be a {expected}", f"got {value!r}")
