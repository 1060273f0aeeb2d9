"""The folder of a run: what was asked for, the log, the record; enough to go on after a kill."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from codeorch.answers.run_log import RunLog
from codeorch.config import Settings
from codeorch.domain import Request, require_schema_version
from codeorch.errors import UserError

_PLAN_FILES = ("plan.toml", "plan.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """A run as it was asked for. No key is in it."""

    run_id: str
    request: Request
    settings: Settings
    branch: str = ""
    dry_run: bool = False
    fresh: bool = False  # do not use the answers of other runs
    plan_name: str = ""  # of the plan file, as the user knows it


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's files, under the git directory."""

    path: Path

    @classmethod
    def create(cls, runs: Path, spec: RunSpec, plan_file: Path | None = None) -> "RunFolder":
        """Make the folder of a new run.

        Raises:
            UserError: it cannot be written, or the plan file cannot be read.
        """
        folder = cls(runs / spec.run_id)
        plan = None if plan_file is None else _bytes_of(plan_file)
        try:
            folder.path.mkdir(parents=True)
            if plan_file is not None and plan is not None:
                name = "plan.json" if plan_file.suffix == ".json" else "plan.toml"
                (folder.path / name).write_bytes(plan)
            folder.save(replace(spec, plan_name=str(plan_file or "")))
        except OSError as error:
            raise UserError(f"the run cannot be kept: {error}", "see to the permissions") from error
        return folder

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def plan_file(self) -> Path | None:
        """The plan that the user wrote for this run."""
        return next((p for name in _PLAN_FILES if (p := self.path / name).exists()), None)

    def save(self, spec: RunSpec) -> None:
        """Write what was asked for, whole or not at all."""
        draft = self.path / "job.tmp"
        draft.write_text(json.dumps(asdict(spec), ensure_ascii=False), encoding="utf-8")
        draft.replace(self.path / "job.json")

    def spec(self) -> RunSpec:
        """Read what was asked for.

        Raises:
            UserError: it is damaged, or was written by another version.
        """
        from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - 0.1 s

        try:
            return TypeAdapter(RunSpec).validate_json((self.path / "job.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise UserError(
                f"run {self.run_id} cannot be taken up: its description is missing or damaged",
                "start it anew; answers that were paid for are used again",
            ) from error

    def request_text(self) -> str:
        """Return the request in the user's words; empty when the description is damaged."""
        try:
            return self.spec().request.text
        except UserError:
            return ""

    def log(self) -> RunLog:
        """Open the log."""
        return RunLog(self.path / "log.jsonl")

    def record(self) -> dict[str, Any] | None:
        """Return the record of a finished run; None while there is none.

        Raises:
            UserError: another version of codeorch wrote it.
        """
        try:
            value = json.loads((self.path / "record.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(value, dict):
            return None
        require_schema_version(value, self.run_id)
        return value

    def drop_if_empty(self) -> bool:
        """Remove the folder of a run that ended before anything was asked or planned.

        Returns whether it is gone.
        """
        is_empty = not self.log().begun
        if is_empty:
            shutil.rmtree(self.path)
        return is_empty

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes from carrying out the same run.

        Raises:
            UserError: one does already.
        """
        with (self.path / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UserError(
                    f"run {self.run_id} is going on in another process", "wait for it to end"
                ) from error
            yield


def _bytes_of(plan_file: Path) -> bytes:
    try:
        return plan_file.read_bytes()
    except FileNotFoundError as error:
        raise UserError(
            f"the plan file {plan_file} does not exist", "write one with `codeorch plan`"
        ) from error
    except OSError as error:
        raise UserError(
            f"the plan file {plan_file} cannot be read: {error.strerror}", "see to its permissions"
        ) from error


def all_runs(runs: Path) -> list[RunFolder]:
    """Return the folders of all runs, newest first."""
    folders = [RunFolder(file.parent) for file in runs.glob("*/job.json")]
    return sorted(folders, key=lambda folder: (folder.path / "job.json").stat().st_mtime_ns)[::-1]
