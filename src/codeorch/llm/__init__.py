"""Prompt -> Reply. The only door to a model."""

from codeorch.llm.anthropic_model import AnthropicModel
from codeorch.llm.budget import Budget, BudgetedModel
from codeorch.llm.key_guard import UnpaidModel
from codeorch.llm.model import Call, Model, Prompt, Reply, Returned, Stop, Tool, Turn
from codeorch.llm.openai_model import OpenAIModel
from codeorch.llm.replay import ReplayModel
from codeorch.llm.retry import RetryingModel
from codeorch.llm.services import Service, load_service, open_service

__all__ = [
    "AnthropicModel",
    "Budget",
    "BudgetedModel",
    "Call",
    "Model",
    "OpenAIModel",
    "Prompt",
    "ReplayModel",
    "Reply",
    "RetryingModel",
    "Returned",
    "Service",
    "Stop",
    "Tool",
    "Turn",
    "UnpaidModel",
    "load_service",
    "open_service",
]
