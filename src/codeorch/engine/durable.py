"""DBOS as the engine: each question is a queued workflow with one step, kept in SQLite.

The only importer of dbos. The orchestrator stays outside of workflows, because replanning is not
deterministic; see docs/architecture.md. What was learnt about DBOS 3.4:

- Recovery at launch would ask again what another run is asking. So every process is an executor
  of its own with a queue of its own, and takes up only what its run asks for.
- A step's answer is committed when the step ends; the waiter is told right then, because waiting
  for the end of the workflow means polling.
- The schema needs `unixepoch('subsec')` on Python 3.12, which SQLite before 3.42 has not.
"""

import asyncio
import contextlib
import fcntl
import importlib
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from codeorch.engine.port import Question
from codeorch.errors import ServiceError
from codeorch.llm import Model, Prompt, Reply

_FORM = "1"  # of what is stored; raised when it changes
_PRAGMAS = ("busy_timeout=30000", "journal_mode=wal", "synchronous=normal", "foreign_keys=on")
_POLL_S = 0.05
_DONE, _UNDER_WAY = "SUCCESS", ("PENDING", "ENQUEUED")

# DBOS has one instance in a process; its workflows find the engine here.
_engines: dict[str, "DurableEngine"] = {}
_workflow: list[Callable[..., Any]] = []


class DurableEngine:
    """Asks through DBOS, so that answers outlive the process. One at a time in a process."""

    def __init__(self, model: Model, folder: Path, max_parallel: int) -> None:
        self._model = model
        self._folder = folder
        self._max_parallel = max_parallel
        self._name = f"{os.getpid()}-{time.time_ns():x}"
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._calls: dict[str, asyncio.Task[Reply]] = {}
        self._alive: IO[str] | None = None
        self._launched: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Load DBOS in a thread; the first question waits for it and launches it."""
        loop = asyncio.get_running_loop()
        loaded = loop.run_in_executor(None, importlib.import_module, "dbos")
        self._launched = asyncio.ensure_future(self._launch(loaded))

    async def answered(self, question_id: str) -> Reply | None:
        """See `Engine.answered`."""
        async with self._ready():
            for row in await self._rows(question_id):
                if row.status == _DONE and (reply := _reply(row.output)) is not None:
                    return reply
        return None

    async def ask(self, question: Question) -> Reply:
        """See `Engine.ask`."""
        if question.id in self._waiting:  # two tasks ask the same
            return await asyncio.shield(self._waiting[question.id])
        waiting = asyncio.get_running_loop().create_future()
        waiting.add_done_callback(_seen)
        self._waiting[question.id] = waiting
        try:
            async with self._ready():
                if (reply := await self._submit(question)) is not None:
                    waiting.set_result(reply)
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            await asyncio.shield(self._cancel(question.id))
            raise
        finally:
            self._waiting.pop(question.id, None)

    async def forget(self, before_s: float) -> int:
        """See `Engine.forget`."""
        from dbos import DBOS  # noqa: PLC0415 - 0.5 s

        async with self._ready():
            end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before_s))
            old = await DBOS.list_workflows_async(end_time=end, load_input=False, load_output=False)
            await DBOS.delete_workflows_async([row.workflow_id for row in old])
        return len(old)

    async def aclose(self) -> None:
        """See `Engine.aclose`."""
        for call in self._calls.values():
            call.cancel()
        await asyncio.gather(*self._calls.values(), return_exceptions=True)
        if self._launched is not None:
            with contextlib.suppress(ServiceError):
                await self._launched
            from dbos import DBOS  # noqa: PLC0415 - loaded

            await asyncio.to_thread(DBOS.destroy)
        _engines.pop(self._name, None)
        if self._alive is not None:
            Path(self._alive.name).unlink()  # noqa: ASYNC240 - one small file
            self._alive.close()
        await self._model.aclose()

    # ------------------------------------------------------------------------------- asking

    async def _submit(self, question: Question) -> Reply | None:
        """Put a question into our queue, or wait for the process that is asking it already."""
        from dbos import DBOS, SetWorkflowID  # noqa: PLC0415 - loaded

        while True:
            rows = await self._rows(question.id)
            replies = [_reply(row.output) for row in rows if row.status == _DONE]
            if (kept := next(filter(None, replies), None)) is not None:
                return kept
            under_way = [row for row in rows if row.status in _UNDER_WAY]
            if not under_way:
                name = f"{question.id}~{len(rows)}"
                with SetWorkflowID(name):
                    await DBOS.enqueue_workflow_async(
                        self._name, _workflow[0], question.id, json.dumps(asdict(question.prompt))
                    )
                return None
            if not self._lives(under_way[0].queue_name):
                names = [under_way[0].workflow_id]
                await DBOS.resume_workflows_async(names, queue_name=self._name)
                return None
            await asyncio.sleep(4 * _POLL_S)

    async def _cancel(self, question_id: str) -> None:
        """Stop a call that runs, and take out of the queue what does not run yet."""
        if question_id in self._calls:
            self._calls[question_id].cancel()
            return
        from dbos import DBOS  # noqa: PLC0415 - loaded

        async with self._ready():
            names = [
                row.workflow_id for row in await self._rows(question_id)
                if row.status in _UNDER_WAY and row.queue_name == self._name
            ]  # fmt: skip
            await DBOS.cancel_workflows_async(names)

    async def call(self, question_id: str, prompt: Prompt) -> dict[str, Any]:
        """Ask the model, as the one step of a workflow. A failure is a value, too."""
        call = asyncio.ensure_future(self._model.ask(prompt))
        self._calls[question_id] = call
        try:
            return {"reply": asdict(await call)}
        except ServiceError as error:
            return {"error": str(error), "kind": error.kind, "retryable": error.retryable}
        except asyncio.CancelledError:
            return {"error": "it was cancelled", "kind": "cancelled", "retryable": True}
        finally:
            self._calls.pop(question_id, None)

    def told(self, question_id: str, output: str) -> None:
        """Hand what was committed to whoever waits for it."""
        waiting = self._waiting.get(question_id)
        if waiting is None or waiting.done():
            return
        if (reply := _reply(output)) is not None:
            waiting.set_result(reply)
        else:
            failed = json.loads(output)
            waiting.set_exception(
                ServiceError(failed["error"], kind=failed["kind"], retryable=failed["retryable"])
            )

    async def _rows(self, question_id: str) -> list[Any]:
        from dbos import DBOS  # noqa: PLC0415 - loaded

        return await DBOS.list_workflows_async(workflow_id_prefix=question_id, load_input=False)

    # ------------------------------------------------------------------------------- the store

    async def _launch(self, loaded: "asyncio.Future[Any]") -> None:
        try:
            await loaded
        except ImportError as error:
            raise ServiceError(f"dbos: {error}", kind="engine", retryable=False) from error
        from dbos import DBOS  # noqa: PLC0415 - loaded

        (self._folder / "live").mkdir(parents=True, exist_ok=True)
        self._alive = (self._folder / "live" / self._name).open("w")
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        if not _workflow:
            _workflow.append(DBOS.workflow(name="codeorch.ask")(_ask))
        _engines[self._name] = self
        file = self._folder / "engine.sqlite"
        DBOS(
            config={
                "name": "codeorch",
                "system_database_url": f"sqlite:///{file}",
                "system_database_engine": _opened(file),
                "application_version": _FORM,
                "executor_id": self._name,
                "log_level": "CRITICAL",
            }
        )
        DBOS.listen_queues([self._name])
        DBOS.launch()
        await DBOS.register_queue_async(
            self._name, worker_concurrency=self._max_parallel, polling_interval_sec=_POLL_S
        )

    @asynccontextmanager
    async def _ready(self) -> AsyncIterator[None]:
        """Wait for the launch, and turn failures of the store into ours."""
        if self._launched is None:
            await self.start()
        assert self._launched is not None
        await asyncio.shield(self._launched)
        from dbos import error as dbos_error  # noqa: PLC0415 - loaded
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - loaded

        try:
            yield
        except (dbos_error.DBOSException, SQLAlchemyError) as error:
            first = str(error).strip().split("\n", 1)[0]
            raise ServiceError(
                f"the store of answers failed: {first}", kind="engine", retryable=False
            ) from error

    def _lives(self, name: str | None) -> bool:
        """Whether the process of a queue is still there: it holds a lock as long as it lives."""
        if name is None:
            return False
        if name == self._name:  # told already, and about to be marked as done
            return True
        try:
            with (self._folder / "live" / name).open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


async def _ask(question_id: str, payload: str) -> str:
    """Carry out one question: the workflow that DBOS keeps."""
    from dbos import DBOS  # noqa: PLC0415 - loaded

    engine = next(reversed(_engines.values()))

    async def step() -> str:
        return json.dumps(await engine.call(question_id, _load(Prompt, json.loads(payload))))

    output = await DBOS.run_step_async({"name": "ask"}, step)
    engine.told(question_id, output)
    return output


def _reply(output: Any) -> Reply | None:  # noqa: ANN401 - whatever was stored
    """Read a stored output; None for a failure."""
    value = json.loads(output) if isinstance(output, str) else {}
    return _load(Reply, value["reply"]) if "reply" in value else None


def _load(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any of our values
    from pydantic import TypeAdapter  # noqa: PLC0415 - 0.1 s

    return TypeAdapter(kind).validate_python(value)


def _opened(file: Path) -> Any:  # noqa: ANN401 - SQLAlchemy's engine
    """Open the store, fast and safe for several processes."""
    import sqlalchemy  # noqa: PLC0415 - 0.2 s

    opened = sqlalchemy.create_engine(f"sqlite:///{file}")

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401
        connection.isolation_level = "IMMEDIATE"
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("unixepoch", 1, lambda _: time.time())

    sqlalchemy.event.listen(opened, "connect", prepare)
    return opened


def _seen(future: "asyncio.Future[Reply]") -> None:
    """Take note of a failure that nobody waits for any more."""
    if not future.cancelled():
        future.exception()
