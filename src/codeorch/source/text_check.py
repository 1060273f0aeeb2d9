"""What a new text must be before it may land: visible, and as sound as the one before.

Every road to an edit leads through here: workers, edits that come with a plan, codemods, scripts,
moves and merged texts.
"""

from collections.abc import Collection

from codeorch.domain import SourceFile
from codeorch.edits import Refusal, check_visible
from codeorch.languages import facts_of


class TextCheck:
    """Refuses texts that may not land; see `domain.CheckText`.

    `named` are characters that the request names, so that they may be added although nobody sees
    them.
    """

    def __init__(self, named: Collection[str] = ()) -> None:
        self._named = named

    def __call__(self, before: SourceFile | None, after: SourceFile) -> None:
        """Compare a file with what it was; None for a new one.

        Raises:
            Refusal: code `invisible` or `syntax`.
        """
        check_visible(before.text if before else "", after.text, after.path, self._named)
        self._check_grammar(before, after)

    def _check_grammar(self, before: SourceFile | None, after: SourceFile) -> None:
        was_clean = before is None or not before.syntax_errors
        if facts_of(after.language).is_trusted and was_clean and after.syntax_errors:
            raise _unsound(after, f"{after.syntax_errors} errors")


def _unsound(after: SourceFile, what: str) -> Refusal:
    return Refusal(
        code="syntax",
        brief=f"with it {after.path} does not parse as {after.language} any more ({what})",
        detail="Look for missing or doubled lines, brackets and wrong indentation.",
    )
