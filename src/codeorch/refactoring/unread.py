"""Uses in code that no grammar here reads -> left as they are, and named.

Where a text does not parse, the tree around it is a guess of the parser's: what a name means there
is not known, whatever own analysis finds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import leaves, line, of_kind, parse, span
from codeorch.analysis.proposals import Evidence, Place, Proposal, RenameResult
from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import Definer
from codeorch.analysis.text_edits import TextEdit
from codeorch.domain import Snapshot
from codeorch.errors import UserError
from codeorch.languages import facts_of, family_of, languages_of

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_BROKEN: Final = "the grammar cannot read the code around it"
COMPANION: Final = "no grammar here reads this file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What no grammar reads of the files of one family of languages."""

    rule: Rename
    snapshot: Snapshot
    family: str

    def leave(self, renamed: RenameResult, group: Sequence[Definer]) -> RenameResult:
        """Take back the edits in code that cannot be read, and name every use in it.

        Raises:
            UserError: the definition itself stands in such code.
        """
        broken = dict(self._broken())
        for each in group:
            if _is_inside(span(each.node)[0], broken.get(each.path, ())):
                raise UserError(
                    f"the grammar cannot read the code around the definition: {each}",
                    "mend the file first, or ask without the rename's form for a model",
                )
        kept = tuple(
            replace(each, evidence=Evidence.UNKNOWN, why=_BROKEN)
            if _is_inside(each.place.start, broken.get(each.place.path, ())) else each
            for each in renamed.proposals
        )  # fmt: skip
        known = {(each.place.path, each.place.start) for each in kept}
        more = chain(self._in_companions(), self._in_broken(broken))
        fresh = (each for each in more if (each.place.path, each.place.start) not in known)
        return replace(renamed, proposals=(*kept, *fresh))

    def _broken(self) -> Iterator[tuple[str, list[tuple[int, int]]]]:
        """Give the files of the family that hold the name, and what cannot be read of them."""
        for path in sorted(self.snapshot.files):
            file = self.snapshot.bare(path)
            if family_of(file.language) == self.family and self.rule.name in file.text:
                root = parse(file.text, facts_of(file.language).ast_grep)
                if ranges := _broken_lines(root, file.text):
                    yield path, ranges

    def _in_broken(self, broken: Mapping[str, Sequence[tuple[int, int]]]) -> Iterator[Proposal]:
        for path, ranges in broken.items():
            file = self.snapshot.bare(path)
            for leaf in leaves(parse(file.text, facts_of(file.language).ast_grep), self.rule.name):
                if _is_inside(span(leaf)[0], ranges):
                    place = Place(path=path, start=span(leaf)[0], line=line(leaf))
                    yield self._doubt(place, _BROKEN)

    def _in_companions(self) -> Iterator[Proposal]:
        """Find the name in files that hold such code among other things."""
        word = re.compile(rf"(?<![\w$]){re.escape(self.rule.name)}(?![\w$])")
        for path in companion_paths(self.snapshot, [self.family]):
            text = self.snapshot.bare(path).text
            for found in word.finditer(text):
                at = text.count("\n", 0, found.start()) + 1
                yield self._doubt(Place(path=path, start=found.start(), line=at), COMPANION)

    def _doubt(self, place: Place, why: str) -> Proposal:
        end = place.start + len(self.rule.name)
        edit = TextEdit(start=place.start, end=end, text=self.rule.new)
        return Proposal(place=place, edit=edit, evidence=Evidence.UNKNOWN, why=why)


def companion_paths(snapshot: Snapshot, families: Sequence[str]) -> Iterator[str]:
    """Give the paths of the files that hold code of some families among other things."""
    languages = (each for family in families for each in languages_of(family))
    suffixes = tuple({suffix for each in languages for suffix in each.companions})
    yield from (path for path in sorted(snapshot.files) if path.endswith(suffixes or ("\0",)))


def _broken_lines(root: "Node", text: str) -> list[tuple[int, int]]:
    """Give the lines with code that the grammar could not read, or missed a sign in.

    What it blames is often a single sign, and what is misread stands beside that.
    """
    missing = (each for each in root.find_all(regex="^$") if each.parent())
    broken = (span(each) for each in chain(of_kind(root, "ERROR"), missing))
    return [
        (text.rfind("\n", 0, start) + 1, len(text) if (to := text.find("\n", end)) < 0 else to)
        for start, end in broken
    ]


def _is_inside(start: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(low <= start < high for low, high in ranges)
