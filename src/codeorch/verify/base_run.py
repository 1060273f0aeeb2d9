"""The tests of the base, run while the change is planned and made."""

import asyncio
import threading

from codeorch.domain import TestRun
from codeorch.errors import CodeorchError
from codeorch.git import Repo
from codeorch.sandbox import in_background
from codeorch.verify.run_tests import baseline
from codeorch.verify.test_setup import TestSetup


class BaseRun:
    """Runs the base's tests in a thread, at low priority; begun when it is made, in a loop."""

    def __init__(self, repo: Repo, base: str, setup: TestSetup) -> None:
        self._cancel = threading.Event()
        # Its own git processes: those of the other thread are not shared.
        own = Repo(repo.root, repo.git_dir)
        self._task = asyncio.create_task(asyncio.to_thread(self._run, own, base, setup))

    async def result(self) -> TestRun | None:
        """Wait for the run; None when it came to nothing, and has to be made where it is needed."""
        return await asyncio.shield(self._task)

    async def cancel(self) -> None:
        """End the run, if it is still going on, and wait until it has."""
        self._cancel.set()
        await asyncio.shield(self._task)

    def _run(self, repo: Repo, base: str, setup: TestSetup) -> TestRun | None:
        try:
            with in_background(self._cancel):
                run = baseline(repo, base, setup)
        except CodeorchError:
            return None  # the same is met again where the result is needed, and reported there
        return None if self._cancel.is_set() else run
