"""What became of the fixes."""

from dataclasses import dataclass

from codeorch.domain import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What became of the fixes. Without a branch nothing was mended."""

    branch: str = ""
    commits: tuple[tuple[str, str], ...] = ()  # id and title
    dropped: tuple[tuple[str, str], ...] = ()  # title and why
    verdict: Verdict | None = None  # on the last commit, held against the branch's own head

    @property
    def tests(self) -> str:
        """What the tests say of it, in a word: `green`, or how they compare with the head's."""
        if self.verdict is None:
            return "not_run"
        is_green = self.verdict.after is not None and self.verdict.after.green
        return "green" if is_green else self.verdict.status.value
