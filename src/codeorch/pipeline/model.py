"""Settings and keys -> the model that a run asks: journal, patience, budget, service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codeorch.config import Settings
from codeorch.engine import Engine, Exchange, InlineEngine, Journal, RunLog
from codeorch.engine.aside import Aside
from codeorch.engine.receipts import clear
from codeorch.llm import Budgeted, Model, Patient, Purse, ReplayModel, Service, open_service

Answers = Literal["all", "own", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Who pays. A key is never shown, stored or handed to a test."""

    anthropic: str = ""
    openai: str = ""


def open_model(
    settings: Settings,
    keys: Keys,
    store: Path,
    log: RunLog,
    alert: Callable[[str], None] = lambda _: None,
    *,
    answers: Answers = "all",
) -> Journal | None:
    """Open the model that is configured; None when there is neither a key nor a server.

    `store` is the folder of the kept answers. With `own`, other runs' answers are not used;
    with `kept`, nothing is asked, and no key is needed.
    """
    receipts = store / "receipts"
    service = ReplayModel({}) if answers == "kept" else _service(settings, keys, receipts)
    if service is None:
        return None
    purse = Purse(
        max_cost_usd=settings.max_cost,
        max_tokens=settings.max_tokens,
        alert_share=settings.budget_alert,
        alert=alert,
    )
    paid = Patient(Budgeted(service, purse))
    salt = (
        f"{settings.openai_base_url or settings.base_url}~{log.run_id if answers == 'own' else ''}"
    )
    engine = _engine(paid, settings, store)
    return Journal(engine, log, salt=salt, book=purse.book, offline=answers == "kept")


async def exchanges(store: Path, ids: Sequence[str]) -> list[Exchange]:
    """Give what was asked under some ids, and what came back."""
    from codeorch.engine.durable import DurableEngine  # noqa: PLC0415 - only here

    if not (store / "engine.sqlite").exists():
        return []
    engine = DurableEngine(ReplayModel({}), store, 1)
    try:
        return [exchange for name in ids for exchange in await engine.asked(name)]
    finally:
        await engine.aclose()


async def forget(store: Path, before_s: float) -> int:
    """Drop kept answers older than a time in seconds since 1970; give how many."""
    from codeorch.engine.durable import DurableEngine  # noqa: PLC0415 - only here

    if not (store / "engine.sqlite").exists():
        return 0
    clear(store / "receipts")
    engine = DurableEngine(ReplayModel({}), store, 1)
    try:
        return await engine.forget(before_s)
    finally:
        await engine.aclose()


def _service(settings: Settings, keys: Keys, receipts: Path) -> Model | None:
    service: Service = "openai" if settings.openai_base_url else "anthropic"
    url = settings.openai_base_url or settings.base_url
    key = keys.openai if service == "openai" else keys.anthropic
    if service == "anthropic" and not key:
        return None
    if settings.engine == "inline":
        return open_service(service, url=url, key=key)
    aside = Aside(service, url=url, key=key, receipts=receipts)
    aside.warm()
    return aside


def _engine(model: Model, settings: Settings, store: Path) -> Engine:
    if settings.engine == "inline":
        return InlineEngine(model)
    from codeorch.engine.durable import DurableEngine  # noqa: PLC0415 - only here

    return DurableEngine(model, store, settings.max_parallel)
