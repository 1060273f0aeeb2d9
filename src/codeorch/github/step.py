"""What a step of a workflow is given and gives: the runner's variables, outputs and log.

The only module of this package that reads the environment.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codeorch.errors import UserError
from codeorch.invisible import without_invisible

_TOKEN = "GITHUB_TOKEN"  # noqa: S105 - a name
_PUBLISH_TOKEN = "PUBLISH_TOKEN"  # noqa: S105 - a name
_LONGEST_LINE = 500
_SUMMARY_LIMIT = 1 << 20  # bytes; GitHub takes no larger one


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: where it runs, what it was called with, and what it holds."""

    variables: Mapping[str, str] = field(repr=False)  # of the runner, without tokens
    token: str = field(default="", repr=False)
    publish_token: str = field(default="", repr=False)  # of an App or bot; empty = there is none

    @classmethod
    def of_environment(cls) -> "Step":
        """Return the step that this process is, and take its tokens out of the environment.

        Processes that are started from here on do not inherit them.
        """
        token = os.environ.pop(_TOKEN, "").strip()
        publish = os.environ.pop(_PUBLISH_TOKEN, "").strip()
        return cls(variables=dict(os.environ), token=token, publish_token=publish)

    @staticmethod
    def set_identity(name: str, email: str) -> None:
        """Say who writes the commits of this process and its children."""
        for role in ("AUTHOR", "COMMITTER"):
            os.environ[f"GIT_{role}_NAME"] = name
            os.environ[f"GIT_{role}_EMAIL"] = email

    def get(self, name: str, default: str = "") -> str:
        """Return a variable of the runner."""
        return self.variables.get(name) or default

    def required(self, name: str) -> str:
        """Return a variable that every runner sets.

        Raises:
            UserError: it is not there.
        """
        if not (value := self.get(name)):
            raise UserError(
                f"{name} is not set", "this command is a step of the workflow codeorch-issue.yml"
            )
        return value

    def number(self, name: str, default: float) -> float:
        """Return an input that is a number above 0.

        Raises:
            UserError: it is none.
        """
        text = self.get(name)
        try:
            value = float(text) if text else default
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf"):
            what = name.removeprefix("INPUT_").lower().replace("_", "-")
            raise UserError(f"input {what}: {text!r} is no number above 0", "give a number")
        return value

    def lines(self, name: str) -> tuple[str, ...]:
        """Return the lines of an input, without empty ones."""
        return tuple(filter(None, map(str.strip, self.get(name).splitlines())))

    @property
    def folder(self) -> Path:
        """The folder for what goes from job to job."""
        return Path(self.required("RUNNER_TEMP"))

    @property
    def run_url(self) -> str:
        """The page of this run."""
        server, repository = self.required("GITHUB_SERVER_URL"), self.required("GITHUB_REPOSITORY")
        return f"{server}/{repository}/actions/runs/{self.required('GITHUB_RUN_ID')}"

    def set_outputs(self, **values: object) -> None:
        """Hand values out to later steps and jobs, each behind a delimiter that nobody knows."""
        mark = f"end_{secrets.token_hex(16)}"
        rows = [
            f"{name.replace('_', '-')}<<{mark}\n{value}\n{mark}\n" for name, value in values.items()
        ]
        self._append("GITHUB_OUTPUT", "".join(rows))

    def summarize(self, text: str) -> None:
        """Write Markdown onto the page of the run, as much as it takes."""
        raw = text.encode("utf-8", "replace")
        if len(raw) > _SUMMARY_LIMIT - 100:
            raw = raw[: _SUMMARY_LIMIT - 100] + b"\n\n(cut; the rest is in the artefact)\n"
        self._append("GITHUB_STEP_SUMMARY", raw.decode("utf-8", "ignore"))

    def _append(self, name: str, text: str) -> None:
        if file := self.get(name):
            with Path(file).open("a", encoding="utf-8", errors="replace") as stream:
                stream.write(text)


def log(text: str) -> None:
    """Print one line into the log; nothing in it can be a command to the runner.

    The runner reads commands at the start of lines (`::name::`) and anywhere (`##[name]`).
    """
    plain, _ = without_invisible(" ".join(text.split()))
    print("codeorch:", plain.replace("##[", "## [")[:_LONGEST_LINE], flush=True)  # noqa: T201


def plain_line(value: Any, limit: int = 200) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return foreign text as one visible line of bounded length."""
    visible, _ = without_invisible(re.sub(r"\s+", " ", str(value)))
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"
