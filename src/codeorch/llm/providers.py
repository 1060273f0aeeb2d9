"""Providers by name: where they are, who pays, which API they speak, what they are known for."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from codeorch.errors import UserError
from codeorch.llm.capabilities import Capabilities
from codeorch.llm.cloud import BEDROCK, VERTEX, Cloud
from codeorch.llm.network import is_local

Api = Literal["messages", "chat"]

_ANTHROPIC = Capabilities(form="strict")
_OPENAI = Capabilities(
    form="strict",
    limit_name="max_completion_tokens",
)
# A server at large: nothing is sent that hardly any of them knows.
_SERVER = Capabilities(refused=frozenset({"reasoning_effort"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who runs a server. An empty `url` has to be given; an empty `key` means that none is needed.

    What holds for one model of a server `is_uniform` holds for the others, until one of them says
    something else. `prices` is the provider's name in the table of prices.
    """

    name: str
    api: Api = "chat"
    url: str = ""
    key: str = "openai"  # whose key is sent; see `api_keys.VARIABLES`
    needs_key: bool = False
    known: Capabilities = field(default_factory=lambda: _SERVER)
    is_uniform: bool = True
    prices: str = ""
    cloud: Cloud | None = None  # that serves Anthropic's models
    start: str = ""  # what starts a server on this machine

    @property
    def package(self) -> str:
        """The package that asks it."""
        return "anthropic" if self.api == "messages" else "openai"


_ALL = (
    Provider(name="anthropic", api="messages", url="https://api.anthropic.com", key="anthropic",
             needs_key=True, known=_ANTHROPIC, is_uniform=False, prices="anthropic"),
    Provider(name="bedrock", api="messages", url="https://bedrock-runtime.amazonaws.com", key="",
             known=_ANTHROPIC, is_uniform=False, prices="anthropic", cloud=BEDROCK),
    Provider(name="vertex", api="messages", url="https://aiplatform.googleapis.com", key="",
             known=_ANTHROPIC, is_uniform=False, prices="anthropic", cloud=VERTEX),
    Provider(name="openai", url="https://api.openai.com/v1", needs_key=True, known=_OPENAI,
             is_uniform=False, prices="openai"),
    Provider(name="openrouter", url="https://openrouter.ai/api/v1", key="openrouter",
             needs_key=True, known=Capabilities(), is_uniform=False, prices="openrouter"),
    Provider(name="openai-compatible"),
    Provider(name="ollama", url="http://localhost:11434/v1", key="",
             start="ollama serve"),
    Provider(name="lmstudio", url="http://localhost:1234/v1", key="",
             start="lms server start"),
    Provider(name="llama-cpp", url="http://localhost:8080/v1", key="",
             start="llama-server -m MODEL.gguf"),
    Provider(name="vllm", url="http://localhost:8000/v1",
             start="vllm serve MODEL"),
)  # fmt: skip
PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in _ALL}
DEFAULT = "anthropic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A provider's server, and the model that was named with it; empty = none was."""

    provider: Provider
    url: str
    model: str = ""

    @property
    def is_free(self) -> bool:
        """Whether nobody sends a bill: a server in the house, unless it passes on to Anthropic."""
        return self.provider.api == "chat" and is_local(self.url)


def find_provider(name: str) -> Provider:
    """Return a provider by its name.

    Raises:
        UserError: there is none of that name.
    """
    found = PROVIDERS.get(name.strip().casefold().replace("_", "-"))
    if found is None:
        near = difflib.get_close_matches(name, PROVIDERS, n=1)
        raise UserError(
            f"no provider {name!r}" + (f"; do you mean {near[0]}?" if near else ""),
            "known are: " + ", ".join(PROVIDERS),
        )
    return found


def choose_service(
    *, provider: str = "", model: str = "", base_url: str = "", openai_base_url: str = ""
) -> Service:
    """Return the service that settings mean.

    `openai_base_url` is that of an OpenAI-compatible server. A model may carry its provider in
    front, e.g. `ollama/qwen3:8b`, where neither names another one.

    Raises:
        UserError: there is no such provider, or it needs a base URL.
    """
    head, slash, tail = model.partition("/")
    if not provider and not openai_base_url and slash and head.casefold() in PROVIDERS:
        provider, model = head, tail
    elif provider and slash and head.casefold() == provider.casefold():
        model = tail
    elif slash and not (provider or base_url or openai_base_url):  # no model of Anthropic has one
        near = difflib.get_close_matches(head.casefold(), PROVIDERS, n=1)
        raise UserError(
            f"no provider {head!r} is known, which the model {model!r} names"
            + (f"; do you mean {near[0]}/{tail}?" if near else ""),
            "known are: " + ", ".join(PROVIDERS),
        )
    found = find_provider(provider or ("openai-compatible" if openai_base_url else DEFAULT))
    url = (openai_base_url if found.api == "chat" else "") or base_url or found.url
    if not url:
        raise UserError(
            f"the provider {found.name} needs the address of its server",
            "give --base-url, e.g. http://localhost:8080/v1",
        )
    return Service(provider=found, url=url, model=model)
