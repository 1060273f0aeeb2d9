import pytest

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Reply


@pytest.fixture
def counting():
    """A model that counts what it is asked; a prompt that says `fail` fails."""

    class Counting:
        def __init__(self):
            self.asked = []
            self.closed = False

        async def ask(self, prompt):
            self.asked.append(prompt.user)
            if "fail" in prompt.user:
                raise ServiceError("no luck", kind="timeout", retryable=True)
            return Reply(text=f"re {prompt.user}", stop="end_turn", usage=Usage(calls=1))

        async def aclose(self):
            self.closed = True

    return Counting()
