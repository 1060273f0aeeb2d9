"""Prompt -> Reply. The only door to a model."""

from codeorch.llm.budget import Budget, BudgetedModel
from codeorch.llm.conversation import Call, Conversation, Message, Returned, Tool
from codeorch.llm.failure_kinds import SERVICE_FAILURES
from codeorch.llm.key_guard import UnpaidModel
from codeorch.llm.model import (
    Arrival,
    CallFailed,
    Model,
    Prompt,
    Reply,
    Stop,
    usage_of,
    with_usage,
)
from codeorch.llm.prices import PriceList
from codeorch.llm.prompt_fit import LEAST_ANSWER
from codeorch.llm.providers import PROVIDERS, Provider, Service, choose_service
from codeorch.llm.replay import ReplayModel
from codeorch.llm.retry import RetryingModel
from codeorch.llm.services import load_package, open_service

__all__ = [
    "LEAST_ANSWER",
    "PROVIDERS",
    "SERVICE_FAILURES",
    "Arrival",
    "Budget",
    "BudgetedModel",
    "Call",
    "CallFailed",
    "Conversation",
    "Message",
    "Model",
    "PriceList",
    "Prompt",
    "Provider",
    "ReplayModel",
    "Reply",
    "RetryingModel",
    "Returned",
    "Service",
    "Stop",
    "Tool",
    "UnpaidModel",
    "choose_service",
    "load_package",
    "open_service",
    "usage_of",
    "with_usage",
]
