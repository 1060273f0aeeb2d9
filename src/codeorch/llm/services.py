"""The services that can be asked."""

import importlib
from typing import Literal

from codeorch.llm.anthropic_model import AnthropicModel
from codeorch.llm.model import Model
from codeorch.llm.openai_model import OpenAIModel

Service = Literal["anthropic", "openai"]


_PACKAGES: dict[str, str] = {"anthropic": "anthropic", "openai": "httpx2"}


def load_service(service: str) -> None:
    """Import what a service needs, which may take more than a second."""
    importlib.import_module(_PACKAGES[service])


def open_service(service: Service, *, url: str = "", key: str = "") -> Model:
    """Open a service; an empty `url` is its own."""
    if service == "openai":
        return OpenAIModel(base_url=url, api_key=key)
    model = AnthropicModel(api_key=key, base_url=url or None)
    model.warm()
    return model
