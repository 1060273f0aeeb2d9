"""What one run is given, and the clock that times its stages."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from codeorch import planning
from codeorch.answers import RunLog
from codeorch.api_keys import VARIABLES
from codeorch.config import Settings
from codeorch.domain import ParseFile, Request, SourceFile, Task, Timing
from codeorch.edits import apply, check_not_emptied, encode
from codeorch.errors import UserError
from codeorch.events import Listener, Stage, StageStarted, ignore
from codeorch.git import Repo
from codeorch.llm import PROVIDERS, Model
from codeorch.source import parse_file


class EditParser:
    """Parses the new texts of a run's edits, each of them once.

    Planning looks at what a ready answer makes of a file; the worker that carries the answer out
    gets the same parse.
    """

    def __init__(self, parse: ParseFile = parse_file) -> None:
        self._parse = parse
        self._previews: dict[tuple[str, bytes], SourceFile | str] = {}

    def __call__(self, path: str, data: bytes) -> SourceFile | str:
        """Return the file that some bytes are; a str says why they cannot be one."""
        preview = self._previews.pop((path, data), None)
        return self._parse(path, data) if preview is None else preview

    def preview(self, file: SourceFile, task: Task) -> SourceFile:
        """Return a file with a task's ready answer in place; as it is, if the new one is no text.

        Raises:
            ReplyError: the answer does not apply.
        """
        names = () if task.is_codemod else tuple(filter(None, (task.path, task.old_path)))
        applied = apply(
            file.text, task.answer, task.path,
            action=task.action, symbols=file.symbols, task_names=names,
        )  # fmt: skip
        if not task.is_codemod and task.action == "edit":
            check_not_emptied(file.text, applied.text, task.path)
        data = encode(applied.text, file.encoding)
        key = (task.path, data)
        if key not in self._previews:
            self._previews[key] = self._parse(*key)
        preview = self._previews[key]
        return file if isinstance(preview, str) else preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run: what is wanted, where, and with what."""

    repo: Repo
    request: Request
    settings: Settings
    run_id: str
    model: Model | None = None  # None = only requests that need no model
    plan_file: Path | None = None  # a plan made by hand
    plan_name: str = ""  # of that file, as the user knows it
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell, for tests
    branch: str = ""  # empty = a name made from the request
    dry_run: bool = False  # make no branch and run no tests
    replayed: bool = False  # run no tests, and make a branch only if it is named
    listener: Listener = ignore
    log: RunLog = field(default_factory=RunLog)  # what this run has asked and planned before
    notices: tuple[str, ...] = ()  # known before the run
    ask: planning.Ask | None = None  # None = nobody is there to be asked
    approve: planning.Approve | None = None
    parser: EditParser = field(default_factory=EditParser)


class Clock:
    """Times stages from the run's start and tells the listener of each."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._start = time.monotonic()
        self.timings: list[Timing] = []

    @contextmanager
    def stage(self, name: Stage, detail: str = "") -> Iterator[None]:
        """Time what is done inside."""
        self._listener(StageStarted(stage=name, detail=detail))
        start = time.monotonic() - self._start
        yield
        end = time.monotonic() - self._start
        self.timings.append(Timing(stage=name, start_s=start, end_s=end))


def no_model(settings: Settings) -> UserError:
    """Return what to tell the user whose request needs a model where there is none."""
    provider = PROVIDERS[settings.provider or "anthropic"]
    return UserError(
        "this request needs a model, and there is no key for one",
        f"set {VARIABLES.get(provider.key, 'a key')}; or name another --provider, e.g. ollama; "
        "or give a plan file with --plan; renames and pattern replacements need none of them",
    )
