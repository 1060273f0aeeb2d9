"""What came back from the service, on disk before anything else is done with it."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from codeorch.engine.port import content_id
from codeorch.engine.values import dump, load
from codeorch.llm import Model, Prompt, Reply


class Receipts:
    """A model that writes each reply down the moment it is whole; see `Model`.

    The engine commits a reply some milliseconds later, when it has been priced and passed on. A
    process that is killed in between leaves its receipts; the next one that is to ask the same
    question finds the reply there. A process that ends well has no use for them.
    """

    def __init__(self, model: Model, folder: Path) -> None:
        self._model = model
        self._folder = folder
        self._left: dict[str, dict[str, Any]] | None = None
        self._file: IO[bytes] | None = None

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt; see `Model.ask`."""
        name = content_id(prompt)
        if (left := self._left_over().get(name)) is not None:
            reply: Reply = load(Reply, left)
            return reply
        reply = await self._model.ask(prompt)
        line = dump({"id": name, "reply": reply}) + "\n"
        self._opened().write(line.encode())
        return reply

    async def aclose(self) -> None:
        """Close the model that is asked, and drop all receipts: what was of use is kept elsewhere.

        Those of killed processes go, too, or a later wish to be asked anew would find them.
        """
        await self._model.aclose()
        if self._file is not None:
            self._file.close()
            self._file = None
        clear(self._folder)

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{os.getpid()}-{time.time_ns():x}.jsonl"
            self._file = path.open("ab", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX)  # as long as this process lives
        return self._file

    def _left_over(self) -> dict[str, dict[str, Any]]:
        """Read what killed processes left, once."""
        if self._left is None:
            self._left = dict(_lines(self._folder))
        return self._left


def clear(folder: Path) -> None:
    """Drop the receipts of processes that are gone."""
    for path in folder.glob("*.jsonl"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink()


def _lines(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            try:
                value = json.loads(line)
            except ValueError:
                continue  # cut off by a kill
            yield value["id"], value["reply"]
