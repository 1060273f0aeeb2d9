"""Prompt -> Reply. The only door to a model."""

from codeorch.llm.anthropic_model import AnthropicModel
from codeorch.llm.model import Model, Prompt, Reply, Stop, Tool, Turn
from codeorch.llm.openai_model import OpenAIModel
from codeorch.llm.replay import ReplayModel

__all__ = [
    "AnthropicModel",
    "Model",
    "OpenAIModel",
    "Prompt",
    "ReplayModel",
    "Reply",
    "Stop",
    "Tool",
    "Turn",
]
