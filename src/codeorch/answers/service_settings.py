"""Settings -> the service that they mean, and the settings that follow from it."""

from collections.abc import Mapping
from dataclasses import replace

from codeorch.config import Settings
from codeorch.llm import PriceList, Service, choose_service

_MODELS = ("planner_model", "worker_model", "cheap_model")
_DEFAULTS = {name: getattr(Settings(), name) for name in _MODELS}


def service_of(settings: Settings) -> Service:
    """Return the service that settings mean.

    Raises:
        UserError: there is no such provider, or it needs a base URL.
    """
    return choose_service(
        provider=settings.provider,
        model=settings.default_model,
        base_url=settings.base_url,
        openai_base_url=settings.openai_base_url,
    )


def address_of(settings: Settings) -> str:
    """Return the address of the server; empty where it is Anthropic's own."""
    chosen = service_of(settings)
    is_own = chosen.provider.name == "anthropic" and chosen.url == chosen.provider.url
    return "" if is_own else chosen.url


def with_service(settings: Settings, variables: Mapping[str, str]) -> Settings:
    """Return settings with what follows from the service: its address, models and prices.

    The default models are Anthropic's. Elsewhere a model that is named stands for those that are
    not; without any they are empty, and the server says which it has. `variables` are those of the
    user's shell.

    Raises:
        UserError: as `service_of` does, or the price is none.
    """
    PriceList.read(settings.price)
    chosen = service_of(settings)
    names: dict[str, str] = {one: getattr(settings, one) for one in _MODELS}
    if chosen.provider.name != "anthropic" or chosen.model:
        own = {one: "" if name == _DEFAULTS[one] else name for one, name in names.items()}
        common = chosen.model or next(filter(None, own.values()), "")
        names = {one: name or common for one, name in own.items()}
    url = settings.base_url
    if chosen.provider.name == "anthropic":
        url = url or variables.get("ANTHROPIC_BASE_URL", "")
    return replace(
        settings,
        planner_model=names["planner_model"],
        worker_model=names["worker_model"],
        cheap_model=names["cheap_model"],
        provider=chosen.provider.name,
        default_model=chosen.model,
        base_url=url,
        price=settings.price or ("0/0" if chosen.is_free else ""),
    )
