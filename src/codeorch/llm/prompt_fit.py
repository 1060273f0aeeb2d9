"""A prompt and a server's window -> the same prompt with a shorter answer, or too large."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from codeorch.errors import ServiceError
from codeorch.llm.capabilities import Capabilities
from codeorch.llm.model import Prompt

LEAST_ANSWER = 1_200  # tokens; with less room no edit and no plan can be expected
_MARGIN = 1.02  # of the guess of a question's tokens
_OVERHEAD = 64  # tokens of a server's own template

Write = Callable[[Prompt, Capabilities], dict[str, Any]]


def fit_prompt(prompt: Prompt, known: Capabilities, write: Write) -> tuple[Prompt, dict[str, Any]]:
    """Return a prompt whose answer fits, and its request; `write` writes requests.

    Raises:
        ServiceError: of kind `too_large`: the question leaves too little room for an answer.
    """
    if known.longest_answer:
        prompt = replace(prompt, max_tokens=min(prompt.max_tokens, known.longest_answer))
    request = write(prompt, known)
    if not known.context:
        return prompt, request
    question = int(chars_of(request) / known.chars_a_token * _MARGIN) + _OVERHEAD
    room = known.context - question
    if room < min(prompt.max_tokens, LEAST_ANSWER):
        raise ServiceError(
            f"the question has about {question:,} tokens, and the model's window of "
            f"{known.context:,} leaves too little room for an answer",
            kind="too_large", retryable=False, context_tokens=known.context,
        )  # fmt: skip
    if room >= prompt.max_tokens:
        return prompt, request
    prompt = replace(prompt, max_tokens=room)
    return prompt, write(prompt, known)


def chars_of(request: Mapping[str, Any]) -> int:
    """Count the characters of a request's question, as they go over the wire."""
    question = [request.get(key) for key in ("system", "messages", "tools")]
    return len(json.dumps(question, ensure_ascii=False))
