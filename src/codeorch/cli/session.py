"""What a command works with: repository, settings, model, run id. The environment is read here."""

import asyncio
import os
import secrets
import signal
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from codeorch.answers import RecordedModel
from codeorch.config import Settings, load_settings
from codeorch.git import Repo
from codeorch.keys import Keys, keys_in_environment

T = TypeVar("T")

_ENDINGS = (signal.SIGINT, signal.SIGTERM)


def open_repo() -> Repo:
    """Open the repository of the current folder."""
    return Repo.open(Path.cwd())


def settings_for(root: Path, flags: Mapping[str, Any]) -> Settings:
    """Merge configuration files, environment and flags."""
    from platformdirs import user_config_path

    settings = load_settings(root, user_config_path("codeorch") / "config.toml", flags)
    if not settings.base_url and os.environ.get("ANTHROPIC_BASE_URL"):
        settings = replace(settings, base_url=os.environ["ANTHROPIC_BASE_URL"])
    return settings


def keys() -> Keys:
    """Return the keys, or the process that holds them for us."""
    return keys_in_environment()


def finish(run: Coroutine[Any, Any, T], model: RecordedModel | None) -> T:
    """Run to the end and close the model, however it ends.

    Ctrl-C and SIGTERM end the run wherever it is. While answers are awaited the run is cancelled,
    which ends all calls in good order, and some seconds are given to those that have begun to
    arrive; while the repository is read or tests run there is nothing to cancel, and the interrupt
    is raised on the spot. So it is at a second signal.
    """
    running: list[asyncio.Task[Any]] = []

    async def whole() -> T:
        running.extend(filter(None, [asyncio.current_task()]))
        try:
            return await run
        finally:
            if model is not None:
                await model.aclose()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not running or asyncio.current_task(loop) is not None:
            signal.default_int_handler(number, frame)
        loop.call_soon_threadsafe(running.pop().cancel)

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        if threading.current_thread() is not threading.main_thread():
            return runner.run(whole())
        before = {number: signal.signal(number, interrupt) for number in _ENDINGS}
        try:
            return runner.run(whole())
        except asyncio.CancelledError as error:
            raise KeyboardInterrupt from error
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def host_notice(settings: Settings) -> str:
    """Say where the key and the code go, when it is not the provider's own service."""
    url = settings.openai_base_url or settings.base_url
    return f"the model is asked at {url}" if url else ""


def variables() -> dict[str, str]:
    """Give the user's shell variables; the check passes on only harmless ones."""
    return dict(os.environ)


def new_run_id() -> str:
    """Make an id that no other run has."""
    return secrets.token_hex(4)


def store(repo: Repo) -> Path:
    """Name the folder of all that is kept of runs, inside the git directory."""
    return repo.git_dir / "codeorch"


def runs_folder(repo: Repo) -> Path:
    """Name the folder of the runs."""
    return store(repo) / "runs"
