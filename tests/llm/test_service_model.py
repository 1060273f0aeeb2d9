"""Limits of time, and who goes first, with a client that keeps what it is asked."""

import asyncio

import pytest

from codeorch.errors import ServiceError
from codeorch.llm import Conversation, Prompt
from codeorch.llm.capabilities import Capabilities
from codeorch.llm.client import RawAnswer, Server
from codeorch.llm.known_servers import KnownServers
from codeorch.llm.service_model import ServiceModel


class Client:
    """Answers at once, or when it is let."""

    def __init__(self, gate=None):
        self.gate, self.limits, self.begun = gate, [], 0

    def request_of(self, prompt, _known):
        return {"model": prompt.model, "messages": [], "max_tokens": prompt.max_tokens}

    def open(self):
        pass

    async def send(self, request, progress, idle_s):
        self.limits.append(idle_s)
        self.begun += 1
        if self.gate:
            await self.gate.wait()
        progress(0)
        return RawAnswer(content="ok", stop="stop")

    async def models(self):
        raise ServiceError("gone", kind="connection", retryable=True)

    async def aclose(self):
        pass


def model_of(client, url="https://far.example/v1", **more):
    known = KnownServers(None, url, Capabilities(), is_uniform=True)
    return ServiceModel(client, known, Server(url=url), **more)


def prompt(text="hello", **more):
    return Prompt(**{"key": "k", "model": "m", "conversation": Conversation().say(text), **more})


@pytest.mark.parametrize(
    ("url", "timeout_s", "limit_s"),
    [
        ("https://far.example/v1", 30.0, 30.0),
        ("http://localhost:11434/v1", 30.0, 300.0),
        ("http://10.1.2.3/v1", 180.0, 300.0),
        ("http://localhost:11434/v1", 400.0, 400.0),
        ("http://localhost:11434/v1", 10.0, 10.0),  # somebody's wish
    ],
)
def test_servers_in_the_house_have_more_time_to_the_first_byte(url, timeout_s, limit_s):
    client = Client()
    asyncio.run(model_of(client, url).ask(prompt(timeout_s=timeout_s)))
    assert client.limits == [limit_s]


async def turns(of):
    for _ in range(20):
        await asyncio.sleep(0)
    return of.begun


def test_the_first_call_of_a_model_goes_ahead_until_it_is_accepted():
    async def scenario():
        client = Client(asyncio.Event())
        model = model_of(client)
        asking = [asyncio.ensure_future(model.ask(prompt(str(n)))) for n in range(4)]
        before = await turns(client)
        client.gate.set()
        await asyncio.gather(*asking)
        return before, client.begun

    assert asyncio.run(scenario()) == (1, 4)


def test_a_service_that_is_known_well_is_asked_at_once():
    async def scenario():
        client = Client(asyncio.Event())
        model = model_of(client, opens_cache=True)
        asking = [asyncio.ensure_future(model.ask(prompt(str(n)))) for n in range(4)]
        before = await turns(client)
        client.gate.set()
        await asyncio.gather(*asking)
        return before

    assert asyncio.run(scenario()) == 4


def test_a_server_that_cannot_be_reached_is_not_asked_for_its_models():
    with pytest.raises(ServiceError, match="gone") as failed:
        asyncio.run(model_of(Client()).ask(prompt(model="")))
    assert failed.value.kind == "connection"
