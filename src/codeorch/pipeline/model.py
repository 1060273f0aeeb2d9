"""Settings and keys -> the model that a run asks, and the store of its answers.

    RecordedModel -> RetryingModel -> BudgetedModel -> ProcessModel => StoredModel -> the service

What stands behind the double arrow is in the model process. Without a store, and with keys that
are in this process anyway, no other is needed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from codeorch.answers import AnswerStore, ProcessModel, RecordedModel, RunLog, StoredModel
from codeorch.config import Settings
from codeorch.keys import Keys, start_model_process
from codeorch.llm import Budget, BudgetedModel, Model, RetryingModel, Service, open_service

Answers = Literal["all", "own", "kept"]


def open_model(
    settings: Settings,
    keys: Keys,
    store: Path,
    log: RunLog,
    alert: Callable[[str], None] = lambda _: None,
    *,
    answers: Answers = "all",
) -> RecordedModel | None:
    """Open the model that is configured; None when there is neither a key nor a server.

    `store` is the folder of the stored answers. With `own`, other runs' answers are not used;
    with `kept`, nothing is asked, and no key is needed.
    """
    salt = (
        f"{settings.openai_base_url or settings.base_url}~{log.run_id if answers == 'own' else ''}"
    )
    stored = AnswerStore(None) if settings.no_store else open_store(store)
    if answers == "kept":
        return RecordedModel(None, stored, log, salt=salt)
    service = _service(settings, keys, store, log.run_id)
    if service is None:
        return None
    budget = Budget(
        max_cost_usd=settings.max_cost,
        max_tokens=settings.max_tokens,
        alert_share=settings.budget_alert,
        alert=alert,
    )
    model = RetryingModel(BudgetedModel(service, budget))
    return RecordedModel(model, stored, log, salt=salt, book=budget.book)


def open_store(folder: Path) -> AnswerStore:
    """Return the store of answers in a folder; its file is made when it is first used."""
    return AnswerStore(folder / "answers.sqlite")


def _service(settings: Settings, keys: Keys, store: Path, run_id: str) -> Model | None:
    service: Service = "openai" if settings.openai_base_url else "anthropic"
    url = settings.openai_base_url or settings.base_url
    if service == "anthropic" and not keys.has(service):
        return None
    if settings.no_store and keys.process is None:
        model = open_service(service, url=url, key=keys.by_service.get(service, ""))
        return StoredModel(model, AnswerStore(None), run_id)
    opening = {
        "service": service,
        "url": url,
        "store": "" if settings.no_store else str(store / "answers.sqlite"),
        "run_id": run_id,
    }
    return ProcessModel(keys.process or start_model_process(keys), opening)
