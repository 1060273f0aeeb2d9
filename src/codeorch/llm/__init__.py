"""Prompt -> Reply. The only door to a model."""

from codeorch.llm.model import Model, Prompt, Reply, Stop, Tool, Turn

__all__ = ["Model", "Prompt", "Reply", "Stop", "Tool", "Turn"]
