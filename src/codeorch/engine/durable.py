"""DBOS as the engine: each question is a queued workflow, kept in SQLite.

The only importer of dbos. The orchestrator stays outside of workflows, because replanning is not
deterministic; see docs/architecture.md. What was learnt about DBOS 3.4:

- Recovery at launch would ask again what another run is asking. So every process is an executor
  of its own with a queue of its own, and takes up only what its run asks for.
- A workflow's task ends when its output is committed. Waiting for it by DBOS's handle means
  polling. A step inside would write the same answer once more.
- Fifty answers at once are written one by one: so the first goes on to its next question while
  the others wait, and all do not wait for all.
- The schema needs `unixepoch('subsec')`, which SQLite before 3.42 has not; we lend it ours.
- New queues are noticed once a second. So ours is written down before DBOS looks the first time.
"""

import asyncio
import contextlib
import fcntl
import importlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from codeorch.engine.port import Answer, Exchange, Question
from codeorch.engine.values import dump, load
from codeorch.errors import BudgetReached, ServiceError
from codeorch.llm import Model, Prompt, Reply

_NAME = "codeorch"
_FORM = "1"  # of what is stored; raised when it changes
_PRAGMAS = ("busy_timeout=30000", "journal_mode=wal", "synchronous=normal", "foreign_keys=on")
_POLL_S = 0.05
_CLOSING_S = 2.0
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
        self._asking: dict[str, asyncio.Future[Answer]] = {}  # by question
        self._waiting: dict[str, asyncio.Future[Reply]] = {}  # by workflow
        self._calls: dict[str, asyncio.Future[Reply]] = {}
        self._workflows: set[asyncio.Task[Any]] = set()
        self._turn = asyncio.Semaphore(1)  # to write an answer
        self._alive: IO[str] | None = None
        self._store: Any = None  # SQLAlchemy's engine
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

    async def asked(self, question_id: str) -> tuple[Exchange, ...]:
        """See `Engine.asked`."""
        async with self._ready():
            rows = await self._rows(question_id, load_input=True)
        return tuple(_exchange(row.input["args"][0], row.output) for row in rows)

    async def ask(self, question: Question) -> Answer:
        """See `Engine.ask`."""
        if question.id in self._asking:  # two tasks ask the same
            return await asyncio.shield(self._asking[question.id])
        asking = asyncio.ensure_future(self._asked(question))
        asking.add_done_callback(_seen)
        self._asking[question.id] = asking
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.cancel()
            await asyncio.wait([asking])
            raise
        finally:
            self._asking.pop(question.id, None)

    async def forget(self, before_s: float) -> int:
        """See `Engine.forget`."""
        from dbos import DBOS  # noqa: PLC0415 - 0.5 s

        async with self._ready():
            end = datetime.fromtimestamp(before_s, UTC).isoformat(timespec="milliseconds")
            old = await DBOS.list_workflows_async(end_time=end, load_input=False, load_output=False)
            await DBOS.delete_workflows_async([row.workflow_id for row in old])
        return len(old)

    async def aclose(self) -> None:
        """See `Engine.aclose`."""
        for call in self._calls.values():
            call.cancel()
        await asyncio.gather(*self._calls.values(), return_exceptions=True)
        if self._workflows:  # they are about to write down how they ended
            await asyncio.wait(self._workflows, timeout=_CLOSING_S)
        if self._launched is not None:
            with contextlib.suppress(ServiceError):
                await self._launched
            from dbos import DBOS  # noqa: PLC0415 - loaded

            await asyncio.to_thread(DBOS.destroy)
        if self._store is not None:
            self._store.dispose()  # DBOS leaves an engine that it was given
        _engines.pop(self._name, None)
        if self._alive is not None:
            Path(self._alive.name).unlink()  # noqa: ASYNC240 - one small file
            self._alive.close()
        await self._model.aclose()

    # ------------------------------------------------------------------------------- asking

    async def _asked(self, question: Question) -> Answer:
        """Take a kept answer, or see to it that one process asks, and wait for that."""
        async with self._ready():
            while True:
                rows = await self._rows(question.id)
                replies = [_reply(row.output) for row in rows if row.status == _DONE]
                if (kept := next(filter(None, replies), None)) is not None:
                    return Answer(reply=kept, kept=True)
                under_way = [row for row in rows if row.status in _UNDER_WAY]
                if not under_way:
                    return Answer(reply=await self._queued(question, f"{question.id}~{len(rows)}"))
                if not self._lives(under_way[0].queue_name):
                    return Answer(reply=await self._queued(None, under_way[0].workflow_id))
                await asyncio.sleep(4 * _POLL_S)  # another process is asking

    async def _queued(self, question: Question | None, name: str) -> Reply:
        """Put a question into our queue, or take up a workflow whose process is gone."""
        from dbos import DBOS, SetWorkflowID  # noqa: PLC0415 - loaded

        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[name] = waiting
        try:
            if question is None:
                await DBOS.resume_workflows_async([name], queue_name=self._name)
            else:
                payload = dump(question.prompt)
                with SetWorkflowID(name):
                    await DBOS.enqueue_workflow_async(self._name, _workflow[0], payload)
            return await waiting
        except asyncio.CancelledError:
            if name in self._calls:
                self._calls[name].cancel()
            else:
                await DBOS.cancel_workflow_async(name)
            raise
        finally:
            self._waiting.pop(name, None)

    async def carry_out(self, name: str, payload: str) -> str:
        """Ask the model, as the whole of a workflow. A failure is a value, too."""
        workflow = asyncio.current_task()
        assert workflow is not None
        self._workflows.add(workflow)
        workflow.add_done_callback(lambda ended: self._ended(name, ended))
        self._calls[name] = asyncio.ensure_future(
            self._model.ask(load(Prompt, json.loads(payload)))
        )
        output = dump(await _outcome(self._calls[name]))
        await self._turn.acquire()
        workflow.add_done_callback(lambda _: self._turn.release())
        return output

    def _ended(self, name: str, workflow: "asyncio.Task[Any]") -> None:
        """Hand what was committed to whoever waits for it."""
        self._workflows.discard(workflow)
        self._calls.pop(name, None)
        failure = None if workflow.cancelled() else workflow.exception()
        waiting = self._waiting.get(name)
        if waiting is None or waiting.done():
            return
        if workflow.cancelled() or failure is not None:
            said = f"an answer could not be kept: {failure or 'it was cancelled'}"
            waiting.set_exception(ServiceError(said, kind="engine", retryable=False))
        elif (reply := _reply(workflow.result())) is not None:
            waiting.set_result(reply)
        else:
            waiting.set_exception(_failure(json.loads(workflow.result())))

    async def _rows(self, question_id: str, *, load_input: bool = False) -> list[Any]:
        from dbos import DBOS  # noqa: PLC0415 - loaded

        return await DBOS.list_workflows_async(
            workflow_id_prefix=question_id, load_input=load_input
        )

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
        # Without a handler of ours, DBOS writes to the terminal.
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        if not _workflow:
            _workflow.append(DBOS.workflow(name="codeorch.ask")(_ask))
        _engines[self._name] = self
        file = self._folder / "engine.sqlite"
        _put_aside_if_damaged(file)
        self._store = _opened(file)
        url = f"sqlite:///{file}"
        await self._make_queue(url)
        DBOS(
            config={
                "name": _NAME,
                "system_database_url": url,
                "system_database_engine": self._store,
                "application_version": _FORM,
                "executor_id": self._name,
                "log_level": "CRITICAL",
                "notification_listener_polling_interval_sec": 4 * _POLL_S,  # closing waits for it
            }
        )
        DBOS.listen_queues([self._name])
        DBOS.launch()

    async def _make_queue(self, url: str) -> None:
        """Write our queue into the store before DBOS is launched."""
        from dbos import DBOS, DBOSClient  # noqa: PLC0415 - loaded

        await asyncio.to_thread(DBOS.migrate, url)
        client = DBOSClient(
            system_database_url=url, system_database_engine=self._store, application_name=_NAME
        )
        await client.register_queue_async(
            self._name, worker_concurrency=self._max_parallel, polling_interval_sec=_POLL_S
        )
        client.destroy()

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


async def _ask(payload: str) -> str:
    """Carry out one question: the workflow that DBOS keeps."""
    from dbos import DBOS  # noqa: PLC0415 - loaded

    engine = next(reversed(_engines.values()))
    return await engine.carry_out(str(DBOS.workflow_id), payload)


async def _outcome(call: "asyncio.Future[Reply]") -> Mapping[str, Any]:
    try:
        return {"reply": await call}
    except ServiceError as error:
        return {"error": str(error), "kind": error.kind, "retryable": error.retryable}
    except asyncio.CancelledError:
        return {"error": "it was cancelled", "kind": "cancelled", "retryable": True}


def _reply(output: Any) -> Reply | None:  # noqa: ANN401 - whatever was stored
    """Read a stored output; None for a failure."""
    value = json.loads(output) if isinstance(output, str) else {}
    return load(Reply, value["reply"]) if "reply" in value else None


def _exchange(payload: str, output: str | None) -> Exchange:
    prompt: Prompt = load(Prompt, json.loads(payload))
    failed = json.loads(output) if output else {"error": "no answer came"}
    return Exchange(prompt=prompt, reply=_reply(output), error=str(failed.get("error", "")))


def _failure(value: Mapping[str, Any]) -> ServiceError:
    if value["kind"] == "budget":
        return BudgetReached(value["error"])
    return ServiceError(value["error"], kind=value["kind"], retryable=value["retryable"])


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


def _put_aside_if_damaged(file: Path) -> None:
    """Move a file away that is no database, so that a new one can be made; nothing is deleted."""
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=30)) as connection:
            connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, or it may not be read
            raise ServiceError(
                f"the answers cannot be kept in {file}: {error}", kind="engine", retryable=False
            ) from error
        for part in file.parent.glob(f"{file.name}*"):
            if ".damaged-" not in part.name:
                part.rename(part.with_name(f"{part.name}.damaged-{time.time_ns()}"))


def _seen(future: "asyncio.Future[Answer]") -> None:
    """Take note of a failure that nobody waits for any more."""
    if not future.cancelled():
        future.exception()
