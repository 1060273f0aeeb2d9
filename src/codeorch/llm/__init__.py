"""Prompt -> Reply. The only door to a model."""

from codeorch.llm.anthropic_model import AnthropicModel
from codeorch.llm.model import Call, Model, Prompt, Reply, Returned, Stop, Tool, Turn
from codeorch.llm.openai_model import OpenAIModel
from codeorch.llm.patience import Patient
from codeorch.llm.purse import Budgeted, Purse
from codeorch.llm.replay import ReplayModel
from codeorch.llm.services import Service, load_service, open_service

__all__ = [
    "AnthropicModel",
    "Budgeted",
    "Call",
    "Model",
    "OpenAIModel",
    "Patient",
    "Prompt",
    "Purse",
    "ReplayModel",
    "Reply",
    "Returned",
    "Service",
    "Stop",
    "Tool",
    "Turn",
    "load_service",
    "open_service",
]
