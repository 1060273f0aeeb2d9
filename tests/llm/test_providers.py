"""Which server settings mean, and what follows from it."""

import pytest

from codeorch.answers import address_of, with_service
from codeorch.config import PLANNER_MODEL, Settings
from codeorch.domain import Usage
from codeorch.errors import UserError
from codeorch.llm import PROVIDERS, PriceList, choose_service


@pytest.mark.parametrize(
    ("given", "provider", "url", "model"),
    [
        ({}, "anthropic", "https://api.anthropic.com", ""),
        ({"base_url": "http://x"}, "anthropic", "http://x", ""),
        ({"openai_base_url": "http://x/v1"}, "openai-compatible", "http://x/v1", ""),
        ({"provider": "openai"}, "openai", "https://api.openai.com/v1", ""),
        ({"provider": "OLLAMA"}, "ollama", "http://localhost:11434/v1", ""),
        ({"provider": "ollama", "base_url": "http://box:1/v1"}, "ollama", "http://box:1/v1", ""),
        ({"model": "ollama/qwen3:8b"}, "ollama", "http://localhost:11434/v1", "qwen3:8b"),
        ({"model": "openai/gpt-5.2"}, "openai", "https://api.openai.com/v1", "gpt-5.2"),
        ({"model": "Qwen/Qwen3-8B", "openai_base_url": "http://x/v1"}, "openai-compatible",
         "http://x/v1", "Qwen/Qwen3-8B"),
        ({"provider": "openrouter", "model": "anthropic/claude-opus-5-5"}, "openrouter",
         "https://openrouter.ai/api/v1", "anthropic/claude-opus-5-5"),
    ],
)  # fmt: skip
def test_a_service_is_chosen_by_name_address_or_model(given, provider, url, model):
    chosen = choose_service(**given)
    assert (chosen.provider.name, chosen.url, chosen.model) == (provider, url, model)


def test_an_unknown_provider_shows_the_nearest_one():
    with pytest.raises(UserError, match="do you mean ollama") as failed:
        choose_service(provider="olama")
    assert "openai-compatible" in failed.value.hint


def test_a_provider_without_an_address_asks_for_one():
    with pytest.raises(UserError, match="needs the address"):
        choose_service(provider="openai-compatible")


def test_every_provider_can_be_opened_by_one_of_the_packages():
    assert {one.package for one in PROVIDERS.values()} == {"anthropic", "openai"}
    assert all(one.url or one.name == "openai-compatible" for one in PROVIDERS.values())


def names(settings):
    return settings.planner_model, settings.worker_model, settings.cheap_model


def test_default_models_are_anthropics_alone():
    settings = with_service(Settings(), {})
    assert settings.planner_model == PLANNER_MODEL
    assert names(with_service(Settings(provider="ollama"), {})) == ("", "", "")


def test_a_named_model_stands_for_those_that_are_not():
    one = with_service(Settings(default_model="ollama/qwen3"), {})
    assert names(one) == ("qwen3", "qwen3", "qwen3")
    two = with_service(Settings(provider="ollama", worker_model="small"), {})
    assert names(two) == ("small", "small", "small")
    three = with_service(Settings(default_model="openai/big", cheap_model="small"), {})
    assert names(three) == ("big", "big", "small")


def test_what_follows_follows_once():
    once = with_service(Settings(default_model="ollama/qwen3"), {"ANTHROPIC_BASE_URL": "http://a"})
    assert with_service(once, {}) == once
    assert address_of(once) == "http://localhost:11434/v1"


def test_the_shells_address_is_anthropics():
    variables = {"ANTHROPIC_BASE_URL": "http://proxy"}
    assert address_of(with_service(Settings(), variables)) == "http://proxy"
    assert address_of(with_service(Settings(), {})) == ""


USAGE = Usage(calls=1, input_tokens=600_000, cache_read_tokens=400_000, output_tokens=500_000)


def test_a_server_in_the_house_costs_nothing_unless_a_price_is_given():
    local = with_service(Settings(provider="ollama", worker_model="claude-opus-5-5"), {})
    assert PriceList.read(local.price).cost("claude-opus-5-5", USAGE) == 0
    given = with_service(Settings(provider="ollama", worker_model="m", price="1/4"), {})
    assert PriceList.read(given.price).cost("m", USAGE) == 3.0
    far = with_service(Settings(openai_base_url="https://far.example/v1", worker_model="m"), {})
    assert PriceList.read(far.price).cost("m", USAGE) is None
    claude = with_service(Settings(base_url="http://localhost:1"), {})
    assert PriceList.read(claude.price).cost(PLANNER_MODEL, USAGE) > 1


@pytest.mark.parametrize("text", ["1", "a/b", "1/2/3", "-1/2", "nan/1", "1/inf"])
def test_what_is_no_price_is_refused(text):
    with pytest.raises(UserError, match="no price"):
        PriceList.read(text)
