"""What one run has asked, planned and proven so far: an append-only file, one JSON value a line.

It is what a run is resumed and replayed from, and it holds the times. A line that was cut off by
a kill is left out when the file is read.
"""

import contextlib
import errno
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codeorch.answers.question_id import fields, load
from codeorch.domain import Plan, Usage, Verdict
from codeorch.errors import ServiceError
from codeorch.events import Event


class RunLog:
    """The log of a run; without a file it is kept in memory only."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lead = b""
        self._start = time.time()
        self._questions: dict[str, str] = {}
        self._failures: dict[str, ServiceError] = {}
        self._plans: dict[int, tuple[Plan | None, Usage]] = {}
        self._talks: dict[int, Mapping[str, Any]] = {}
        self._verdicts: dict[str, Verdict] = {}
        raw = file.read_bytes() if file is not None and file.exists() else b""
        for line in _lines(raw):
            self._take(line)
        if raw and not raw.endswith(b"\n"):
            self._lead = b"\n"  # the last line was cut off; ours must not join it

    @property
    def run_id(self) -> str:
        """The run's id; empty without a file."""
        return self._file.parent.name if self._file is not None else ""

    @property
    def begun(self) -> bool:
        """Whether anything was asked or planned: else there is nothing to go on with."""
        return bool(self._questions or self._plans)

    # ------------------------------------------------------------------------------- questions

    def question(self, place: str) -> str | None:
        """Return the id of the question that was asked at a place of this run."""
        return self._questions.get(place)

    def places(self, task: str) -> tuple[str, ...]:
        """Return the places where questions of a task were asked, in their order."""
        return tuple(place for place in self._questions if _task_of(place) == task)

    def failure(self, place: str) -> ServiceError | None:
        """Return the failure that ended the attempt at a place."""
        return self._failures.get(place)

    def add_question(self, place: str, question_id: str) -> None:
        """Note a question before it is sent."""
        self._add({"kind": "asked", "place": place, "id": question_id})

    def add_failure(self, place: str, error: ServiceError) -> None:
        """Note that an attempt is over without an answer."""
        self._add(
            {
                "kind": "failed",
                "place": place,
                "error": str(error),
                "of": error.kind,
                "retryable": error.retryable,
                "context_tokens": error.context_tokens,
            }
        )

    def drop_tasks(self, tasks: frozenset[str]) -> None:
        """Let tasks be asked anew: what was asked and what failed for them counts no more."""
        self._add({"kind": "retry", "tasks": sorted(tasks)})

    # ------------------------------------------------------------------------------- values

    def plan(self, number: int) -> tuple[Plan | None, Usage] | None:
        """Return the plan of a round, from 1, and what it cost; a Plan of None ended the run."""
        return self._plans.get(number)

    def talk(self, number: int) -> Mapping[str, Any] | None:
        """Return the conversation that the plan of a round came from, as it was added."""
        return self._talks.get(number)

    def add_plan(
        self,
        number: int,
        plan: Plan | None,
        usage: Usage,
        talk: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the plan of a round, and the conversation that it came from, as plain JSON."""
        value = None if plan is None else asdict(plan)
        line = {"kind": "plan", "round": number, "plan": value, "usage": asdict(usage)}
        self._add(line if talk is None else {**line, "talk": talk})

    def verdict(self, tree: str) -> Verdict | None:
        """Return the verdict on a tree."""
        return self._verdicts.get(tree)

    def add_verdict(self, tree: str, verdict: Verdict) -> None:
        """Keep the verdict on a tree."""
        self._add({"kind": "verdict", "tree": tree, "verdict": asdict(verdict)})

    def add_event(self, event: Event) -> None:
        """Note what happens, for the times: its plain fields, and the task that it is about."""
        line = {name: one for name, one in fields(event).items() if isinstance(one, str | int)}
        task = getattr(getattr(event, "result", event), "task", None)
        if task is not None:
            line["task"] = task.id
        with contextlib.suppress(OSError):  # a full disk: nobody needs the times to go on
            self._write({"kind": "event", "event": type(event).__name__, **line})

    # ------------------------------------------------------------------------------- the file

    def _add(self, line: dict[str, Any]) -> None:
        self._take(line)
        self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is None:
            return
        stamped = {"at_s": round(time.time() - self._start, 3), **line}
        text = json.dumps(stamped, ensure_ascii=False) + "\n"
        # Python's own files take ten times as long to open, and there is a line for each event.
        file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            data = self._lead + text.encode("utf-8", "surrogatepass")
            is_cut = os.write(file, data) < len(data)  # the disk is full
        finally:
            os.close(file)
        self._lead = b"\n" if is_cut else b""
        if is_cut:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._file))

    def _take(self, line: Mapping[str, Any]) -> None:
        match line["kind"]:
            case "asked":
                self._questions[line["place"]] = line["id"]
                self._failures.pop(line["place"], None)
            case "failed":
                self._failures[line["place"]] = ServiceError(
                    line["error"],
                    kind=line["of"],
                    retryable=line["retryable"],
                    context_tokens=line.get("context_tokens", 0),
                )
            case "plan":
                plan, usage = load(Plan, line["plan"]), load(Usage, line["usage"])
                self._plans[line["round"]] = (plan, usage)
                if line.get("talk") is not None:
                    self._talks[line["round"]] = line["talk"]
            case "verdict":
                self._verdicts[line["tree"]] = load(Verdict, line["verdict"])
            case "retry":
                self._drop(frozenset(line["tasks"]))
            case _:  # events are told for people
                pass

    def _drop(self, tasks: frozenset[str]) -> None:
        """Forget what was asked for some tasks, and all that was planned after the first."""
        places = [*self._questions, *self._failures]
        first = min((_round_of(place) for place in places if _task_of(place) in tasks), default=1)
        for place in places:
            if _task_of(place) in tasks or _round_of(place) > first:
                self._questions.pop(place, None)
                self._failures.pop(place, None)
        self._plans = {number: plan for number, plan in self._plans.items() if number <= first}


def _round_of(place: str) -> int:
    """Return the round of a place such as `1/work/t3/2`."""
    head = place.partition("/")[0]
    return int(head) if head.isdigit() else 0


def worker_of(place: str) -> tuple[str, int]:
    """Return the task and the attempt of a place such as `1/work/t3/2`; empty and 0 of others."""
    parts = place.split("/")
    if len(parts) < 3 or parts[1] != "work":
        return "", 0
    return parts[2], int(parts[3]) if parts[3:] and parts[3].isdecimal() else 0


def _task_of(place: str) -> str:
    return worker_of(place)[0]


def _lines(raw: bytes) -> list[dict[str, Any]]:
    lines = []
    for line in raw.split(b"\n"):
        try:
            value = json.loads(line.decode("utf-8", "surrogatepass"))
        except ValueError:
            continue  # cut off by a kill
        if isinstance(value, dict) and "kind" in value:
            lines.append(value)
    return lines
