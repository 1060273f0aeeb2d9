"""The services that can be asked."""

import importlib
from collections.abc import Callable
from typing import Literal

from codeorch.llm.anthropic_model import AnthropicModel
from codeorch.llm.key_guard import GuardedModel
from codeorch.llm.model import Model, Prompt
from codeorch.llm.openai_model import OpenAIModel

Service = Literal["anthropic", "openai"]


_PACKAGES: dict[str, str] = {"anthropic": "anthropic", "openai": "httpx2"}


def load_service(service: str) -> None:
    """Import what a service needs, which may take more than a second."""
    importlib.import_module(_PACKAGES[service])


def open_service(
    service: Service,
    *,
    url: str = "",
    key: str = "",
    on_arrival: Callable[[Prompt], None] = lambda _: None,
) -> Model:
    """Open a service; an empty `url` is its own.

    `on_arrival` hears of each prompt whose answer has begun to arrive, where the service tells.
    """
    if service == "openai":
        return GuardedModel(OpenAIModel(base_url=url, api_key=key), key)
    model = AnthropicModel(api_key=key, base_url=url or None, on_arrival=on_arrival)
    model.warm()
    return GuardedModel(model, key)
