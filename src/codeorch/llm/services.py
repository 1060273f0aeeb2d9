"""Opens the model of a provider's server, and loads the package that it needs."""

import importlib
from pathlib import Path

from codeorch.llm.anthropic_client import AnthropicClient
from codeorch.llm.client import Client, Server
from codeorch.llm.known_servers import KnownServers
from codeorch.llm.model import Model
from codeorch.llm.openai_client import OpenAIClient
from codeorch.llm.providers import PROVIDERS
from codeorch.llm.service_model import OnArrival, ServiceModel

_PACKAGES = frozenset({"anthropic", "openai"})


def load_package(name: str) -> None:
    """Import a provider's package, which may take more than a second; unknown names do nothing."""
    if name in _PACKAGES:
        importlib.import_module(name)


def open_service(
    provider: str,
    *,
    url: str = "",
    key: str = "",
    key_name: str = "",
    servers_file: Path | None = None,
    on_arrival: OnArrival = lambda _prompt, _arrival: None,
) -> Model:
    """Open the server of a provider; an empty `url` is the provider's own.

    What is learnt of the server is kept in `servers_file`. `on_arrival` hears of each prompt whose
    answer has begun to arrive, and how much of it has come.
    """
    who = PROVIDERS[provider]
    server = Server(url=url or who.url, key=key, key_name=key_name, start=who.start)
    client: Client = (
        AnthropicClient(server, cloud=who.cloud, cloud_url="" if server.url == who.url else url)
        if who.api == "messages"
        else OpenAIClient(server)
    )
    # Whoever stands at another address passes all models on alike.
    is_uniform = who.is_uniform or server.url != who.url
    return ServiceModel(
        client,
        KnownServers(servers_file, server.url, who.known, is_uniform=is_uniform),
        server,
        opens_cache=who.api == "messages",
        on_arrival=on_arrival,
    )
