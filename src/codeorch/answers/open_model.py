"""The model that a run asks, put together.

RecordedModel -> RetryingModel -> BudgetedModel -> ProcessModel => StoredModel -> the service
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codeorch.answers.process_model import ProcessModel
from codeorch.answers.recorded_model import RecordedModel
from codeorch.answers.run_log import RunLog
from codeorch.answers.service_settings import address_of, service_of
from codeorch.answers.store import AnswerStore
from codeorch.answers.stored_model import StoredModel
from codeorch.api_keys import VARIABLES, Keys, start_model_process
from codeorch.config import Settings
from codeorch.llm import (
    Arrival,
    Budget,
    BudgetedModel,
    Model,
    PriceList,
    Prompt,
    RetryingModel,
    UnpaidModel,
    open_service,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelListener:
    """Who hears of a model: that much of a ceiling is used, and how much of an answer has come."""

    alert: Callable[[str], None] = lambda _: None
    on_arrival: Callable[[Prompt, Arrival], None] = lambda _prompt, _arrival: None


_NOBODY = ModelListener()
Answers = Literal["all", "own", "stored"]  # of all runs, of this run alone, or nothing is asked


def open_model(
    settings: Settings,
    keys: Keys,
    folder: Path,
    log: RunLog,
    listener: ModelListener = _NOBODY,
    *,
    answers: Answers = "all",
) -> RecordedModel | None:
    """Open the model that is configured; None when its provider needs a key and there is none.

    What stands behind the double arrow is in the model process. Without a store, and with keys
    that are in this process anyway, no other is needed. `folder` is that of the stored answers.
    With `own`, other runs' answers are not used; with `stored`, nothing is asked, and no key is
    needed.

    Raises:
        UserError: the settings name no service.
    """
    salt = f"{address_of(settings)}~{log.run_id if answers == 'own' else ''}"
    store = AnswerStore(None if settings.no_store else store_file(folder))
    prices = PriceList.read(settings.price)
    if answers == "stored":
        return RecordedModel(None, store, log, salt=salt, prices=prices)
    service = _open_service(settings, keys, folder, log.run_id, listener)
    if service is None:
        return None
    budget = Budget(
        max_cost_usd=settings.max_cost,
        max_tokens=settings.max_tokens,
        alert_share=settings.budget_alert,
        alert=listener.alert,
        prices=prices,
    )
    model = RetryingModel(BudgetedModel(service, budget))
    return RecordedModel(model, store, log, salt=salt, prices=prices, book=budget.book)


def store_file(folder: Path) -> Path:
    """Return where answers are stored in a folder."""
    return folder / "answers.sqlite"


def _open_service(
    settings: Settings,
    keys: Keys,
    folder: Path,
    run_id: str,
    listener: ModelListener,
) -> Model | None:
    chosen = service_of(settings)
    provider = chosen.provider
    if fault := keys.faults.get(provider.key):
        return UnpaidModel(fault)
    if provider.needs_key and not keys.has(provider.key):
        return None
    if settings.no_store and keys.process is None:
        model = open_service(
            provider.name,
            url=chosen.url,
            key=keys.by_service.get(provider.key, ""),
            key_name=VARIABLES.get(provider.key, ""),
            on_arrival=listener.on_arrival,
        )
        return StoredModel(model, AnswerStore(None), run_id)
    opening = {
        "provider": provider.name,
        "url": chosen.url,
        "key": provider.key,
        "store": "" if settings.no_store else str(store_file(folder)),
        "run_id": run_id,
    }
    process = keys.process or start_model_process(keys, provider.package)
    return ProcessModel(process, opening, listener.on_arrival)
