"""Which files the Action may change: `edits`' two tables, and nobody there to be asked.

The same is checked before a model is paid for, and once more before anything is pushed.
"""

from collections.abc import Collection
from dataclasses import dataclass

from codeorch.edits import Refusal, autorun_kind, check_path, names_path


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPolicy:
    """What opens files that run by themselves: the visible text of the issue, and an input."""

    text: str
    allowed: tuple[str, ...] = ()  # paths of the input `allow-paths`, each exactly

    def opens(self, path: str) -> bool:
        """Return whether a file that runs by itself is named, by its path."""
        return path in self.allowed or names_path(self.text, path)

    def fault(self, path: str, tree: Collection[str] = ()) -> str:
        """Return why a path may not be changed; empty if it may. `tree` holds paths that exist."""
        try:
            check_path(path, tree=tree)
        except Refusal as refusal:
            return "is protected" if refusal.code == "protected" else refusal.brief
        if (kind := autorun_kind(path)) and not self.opens(path):
            return (
                f"runs by itself ({kind}); name the path in the issue's title or text, "
                "or in the input allow-paths"
            )
        return ""
