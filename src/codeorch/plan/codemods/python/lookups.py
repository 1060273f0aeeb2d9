"""Renaming where Python looks a name up by its text: targets of mocks, entry points.

Such a string is code when its path leads, step by step, to the very thing that is renamed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from codeorch.names.python.spelled import Step, entries, spelled
from codeorch.names.python.types import Types
from codeorch.names.trees import of_kind, span
from codeorch.plan.codemods.edits import Edit
from codeorch.plan.codemods.renaming import Rename, Renamed, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """The strings that go with a rename."""

    rule: Rename
    types: Types
    configs: Mapping[str, str]
    is_ours: Callable[[Step], bool]  # whether a name that is looked up there is the renamed one

    def follow(self, renamed: Renamed) -> Renamed:
        """Add the strings to a rename, and say where they are."""
        edits = {path: set(changes) for path, changes in renamed.edits.items()}
        places: list[str] = []
        for path, at in (*self._strings(), *self._entries()):
            new = Edit(start=at, end=at + len(self.rule.name), text=self.rule.new)
            if new not in edits.setdefault(path, set()):
                edits[path].add(new)
                places.append(f"{path}:{self._text(path).count(chr(10), 0, at) + 1}")
        if not places:
            return renamed
        told = f"{len(places)} strings that Python looks up were renamed, too: {listed(places)}"
        ordered = {path: tuple(sorted(changes)) for path, changes in edits.items()}
        return replace(renamed, edits=ordered, notes=(*renamed.notes, told))

    def _text(self, path: str) -> str:
        return self.configs[path] if path in self.configs else self.types.names.texts[path]

    def _strings(self) -> Iterator[tuple[str, int]]:
        for path, text in self.types.names.texts.items():
            if self.rule.name not in text:
                continue
            for content in of_kind(self.types.names.tree(path), "string_content"):
                if self.rule.name in content.text():
                    steps = spelled(self.types, path, content, self.rule.name)
                    start = span(content)[0]
                    yield from ((path, start + each.start) for each in steps if self._fits(each))

    def _entries(self) -> Iterator[tuple[str, int]]:
        for path, text in self.configs.items():
            for steps in entries(self.types, path, text, self.rule.name):
                yield from ((path, each.start) for each in steps if self._fits(each))

    def _fits(self, step: Step) -> bool:
        return step.name == self.rule.name and self.is_ours(step)
