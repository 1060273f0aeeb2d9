import pytest

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import Reply


@pytest.fixture
def counting():
    """A model that counts what it is asked; a prompt whose last word is `fail` fails."""

    class Counting:
        def __init__(self):
            self.asked = []
            self.closed = False

        async def ask(self, prompt):
            text = prompt.conversation.last_text
            self.asked.append(text)
            if "fail" in text:
                raise ServiceError("no luck", kind="timeout", retryable=True)
            return Reply(text=f"re {text}", stop="end_turn", usage=Usage(calls=1))

        async def aclose(self):
            self.closed = True

    return Counting()
