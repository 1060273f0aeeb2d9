"""The prompts: files beside the code, read as text and reviewed like code."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from codeorch.domain import WorkerKind
from codeorch.llm.conversation import Tool

_NONE: Mapping[str, WorkerKind] = MappingProxyType({})


@cache
def text(name: str) -> str:
    """Read the prompt `name`, without its extension."""
    return (resources.files("codeorch") / "prompts" / f"{name}.md").read_text(encoding="utf-8")


def kinds(own: Mapping[str, WorkerKind] = _NONE) -> Mapping[str, WorkerKind]:
    """Give the kinds of worker by name: the predefined ones and the user's `own`, which win."""
    return {**_predefined(), **own}


def catalogue(own: Mapping[str, WorkerKind] = _NONE) -> str:
    """List the kinds of worker for a planner, one a line: name and description."""
    return "\n".join(f"- {name}: {kind.description}" for name, kind in kinds(own).items())


@cache
def look_ups() -> tuple[Tool, ...]:
    """Read the read-only tools that a worker can be granted."""
    return tuple(Tool(name=name, **table) for name, table in _tables("look_ups").items())


@cache
def _predefined() -> Mapping[str, WorkerKind]:
    return {name: WorkerKind(**table) for name, table in _tables("workers").items()}


def _tables(name: str) -> Mapping[str, Any]:
    raw = (resources.files("codeorch") / "prompts" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(raw)


def fence(content: str, language: str = "") -> str:
    """Put text into a fence that the text itself cannot close."""
    runs = [len(run) for run in content.replace("\n", " ").split() if set(run) == {"`"}]
    longest = max([2, *runs, *(_leading_ticks(line) for line in content.split("\n"))])
    mark = "`" * (longest + 1)
    end = "" if content.endswith("\n") else "\n"
    return f"{mark}{language}\n{content}{end}{mark}"


def _leading_ticks(line: str) -> int:
    bare = line.lstrip()
    return len(bare) - len(bare.lstrip("`"))
