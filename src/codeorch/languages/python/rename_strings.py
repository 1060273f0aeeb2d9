"""Rename -> the strings of Python that are looked up as names while a program runs.

Such a string is code when its path leads, step by step, to the very thing that is renamed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from codeorch.analysis.ast_grep import of_kind, span
from codeorch.analysis.proposals import Evidence, Place, Proposal, RenameResult, propose_text
from codeorch.analysis.renaming import Rename, place_list
from codeorch.languages.python.string_paths import entry_steps, string_steps
from codeorch.languages.python.types import Types
from codeorch.languages.python.value_strings import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StringRename:
    """The strings that go with a rename."""

    rule: Rename
    types: Types
    configs: Mapping[str, str]
    # How it is known that a name that is looked up there is the renamed one; None = it is not.
    evidence: Callable[[Step], Evidence | None]

    def follow(self, renamed: RenameResult) -> RenameResult:
        """Add the strings to a rename, and say where they are."""
        known = {(each.place.path, each.edit.start) for each in renamed.proposals}
        found = [
            each
            for each in (*self._strings(), *self._entries())
            if (each.place.path, each.edit.start) not in known
        ]
        places = [each.place for each in found if each.evidence.is_proof]
        said = f"{len(places)} strings that Python looks up were renamed, too: {place_list(places)}"
        notes = (*renamed.notes, said) if places else renamed.notes
        return replace(renamed, proposals=(*renamed.proposals, *found), notes=notes)

    def _strings(self) -> Iterator[Proposal]:
        for path in self.types.names.files_with(self.rule.name):
            for content in of_kind(self.types.names.tree(path), "string_content"):
                if self.rule.name in content.text():
                    steps = string_steps(self.types, path, content, self.rule.name)
                    text = self.types.names.texts[path]
                    yield from self._proposals(path, text, span(content)[0], steps)

    def _entries(self) -> Iterator[Proposal]:
        for path, text in self.configs.items():
            for steps in entry_steps(self.types, path, text, self.rule.name):
                yield from self._proposals(path, text, 0, steps)

    def _proposals(
        self, path: str, text: str, start: int, steps: Iterator[Step] | tuple[Step, ...]
    ) -> Iterator[Proposal]:
        names = (self.rule.name, self.rule.new)
        for step in steps:
            evidence = self.evidence(step) if step.name == self.rule.name else None
            if evidence is not None:
                yield propose_text(path, text, start + step.start, names, evidence)


def debug_notes(types: Types, renamed: RenameResult) -> Iterator[str]:
    """Say where `f"{total=}"` will print another text, as it prints the code itself.

    See https://docs.python.org/3/reference/lexical_analysis.html#formatted-string-literals
    """
    places: list[Place] = []
    edits = {
        (each.place.path, each.edit.start): each.place
        for each in renamed.proposals
        if each.evidence.is_proof and "=}" in types.names.texts.get(each.place.path, "")
    }
    for path in sorted({path for path, _ in edits}):
        for field in of_kind(types.names.tree(path), "interpolation"):
            low, high = span(field)
            if any(each.kind() == "=" for each in field.children()):
                places += [
                    place
                    for (home, at), place in edits.items()
                    if home == path and low <= at < high
                ]
    if places:
        said = "`=` in a formatted string prints the code itself, now the new name"
        yield f"{said}: {place_list(places)}"
