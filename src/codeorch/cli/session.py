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

from codeorch.config import Settings, load
from codeorch.engine import Journal
from codeorch.pipeline import Keys
from codeorch.repo import Repo

T = TypeVar("T")


def open_repo() -> Repo:
    """Open the repository of the current folder."""
    return Repo.open(Path.cwd())


def settings_for(root: Path, flags: Mapping[str, Any]) -> Settings:
    """Merge configuration files, environment and flags."""
    from platformdirs import user_config_path

    settings = load(root, user_config_path("codeorch") / "config.toml", flags)
    if not settings.base_url and os.environ.get("ANTHROPIC_BASE_URL"):
        settings = replace(settings, base_url=os.environ["ANTHROPIC_BASE_URL"])
    return settings


def keys() -> Keys:
    """Take the keys from the environment."""
    return Keys(
        anthropic=os.environ.get("ANTHROPIC_API_KEY", ""),
        openai=os.environ.get("OPENAI_API_KEY", ""),
    )


def finish(run: Coroutine[Any, Any, T], model: Journal | None) -> T:
    """Run to the end and close the model, however it ends.

    Ctrl-C ends the run wherever it is: asyncio's own handler would wait for the next await, and
    there is none while the repository is read or the tests run.
    """

    async def whole() -> T:
        try:
            if model is not None:
                await model.start()
            return await run
        finally:
            if model is not None:
                await model.aclose()

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        return asyncio.run(whole())
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        return asyncio.run(whole())
    finally:
        signal.signal(signal.SIGINT, before)


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
