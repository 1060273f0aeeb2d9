"""The type checkers' word on the base, asked for while the change is planned and made."""

import asyncio
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress

from codeorch.domain import Snapshot
from codeorch.engines import Engines, check, family_configs, family_texts, tree_of
from codeorch.errors import ServiceError
from codeorch.sandbox import in_background, scratch_folder

_TURN_FILES = 50  # read in one go; then others of the event loop have their turn


class BaseCheck:
    """Checks all sources of some families at low priority; begun when it is made, in a loop.

    What comes of it is kept where `check` looks first, so the gate need not ask about the base. The
    first checker of a family is asked, as the gate does; one that fails says so there.
    """

    def __init__(self, snapshot: Snapshot, families: Iterable[str], engines: Engines) -> None:
        self._engines = engines
        self._cancel = {family: threading.Event() for family in families}
        self._tasks = {
            family: asyncio.create_task(self._check(snapshot, family)) for family in self._cancel
        }

    async def finish(self, families: Iterable[str]) -> None:
        """Wait for what the gate needs, and end the rest.

        A checker that can be asked about the changed files alone is not waited for: that is less
        than what it has still to do.
        """
        needed = {
            family
            for family in families
            if (checker := self._engines.checker_of(family)) and not checker.takes_paths
        }
        await self._end(self._cancel.keys() - needed)
        for family in needed & self._tasks.keys():
            await asyncio.shield(self._tasks[family])

    async def cancel(self) -> None:
        """End all that is still going on, and wait until it has."""
        await self._end(self._cancel)

    async def _end(self, families: Iterable[str]) -> None:
        for family in families:
            self._cancel[family].set()
        for family in families:
            await asyncio.shield(self._tasks[family])

    async def _check(self, snapshot: Snapshot, family: str) -> None:
        texts: dict[str, str] = {}
        for path, text in family_texts(snapshot, family):  # of a snapshot only its thread may read
            texts[path] = text
            if len(texts) % _TURN_FILES == 0:
                await asyncio.sleep(0)
            if self._cancel[family].is_set():
                return
        await asyncio.to_thread(self._ask, texts, family_configs(snapshot, family), family)

    def _ask(self, texts: Mapping[str, str], configs: Mapping[str, str], family: str) -> None:
        checker, cancel = self._engines.checker_of(family), self._cancel[family]
        if checker is None or cancel.is_set():
            return
        # A full disk, for one, is met again where the answer is needed, and told there.
        with suppress(ServiceError, OSError), in_background(cancel), scratch_folder("base") as to:
            check(tree_of(texts, family, to, configs), (), checker, self._engines)


def checkable_families(families: Iterable[str], engines: Engines) -> tuple[str, ...]:
    """Return those of some families, each once, whose base can be checked ahead of the gate."""
    if engines.cache is None:
        return ()
    return tuple(dict.fromkeys(each for each in families if engines.checker_of(each)))
