"""The prompts: files beside the code, read as text and reviewed like code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from codeorch.domain import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A predefined kind of worker."""

    description: str
    instructions: str
    model: str
    effort: Effort | None = None


@cache
def text(name: str) -> str:
    """Read the prompt `name`, without its extension."""
    return (resources.files("codeorch") / "prompts" / f"{name}.md").read_text(encoding="utf-8")


@cache
def roles() -> Mapping[str, Role]:
    """Read the predefined kinds of worker."""
    raw = (resources.files("codeorch") / "prompts" / "roles.toml").read_text(encoding="utf-8")
    return {name: Role(**table) for name, table in tomllib.loads(raw).items()}


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
