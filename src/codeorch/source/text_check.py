"""What a new text must be before it may land: visible, and as sound as the one before.

Every road to an edit leads through here: workers, edits that come with a plan, codemods, scripts,
moves and merged texts.
"""

from collections.abc import Callable, Collection, Iterator

from codeorch.domain import SourceFile
from codeorch.edits import Refusal, check_visible, encode
from codeorch.languages import facts_of, family_of

# The bytes of a Python source -> why they do not compile; empty if they do.
CompilePython = Callable[[bytes], str]


class TextCheck:
    """Refuses texts that may not land; see `domain.CheckText`.

    `named` are characters that the request names, so that they may be added although nobody sees
    them. Without `compile_python` the grammar alone speaks; with `for_newer_python` what does not
    compile may be right for the project's own Python.
    """

    def __init__(
        self,
        named: Collection[str] = (),
        compile_python: CompilePython | None = None,
        *,
        for_newer_python: bool = False,
    ) -> None:
        self._named = named
        self._compile = compile_python
        self._for_newer = for_newer_python
        self._other_python: dict[str, None] = {}  # paths

    def __call__(self, before: SourceFile | None, after: SourceFile) -> None:
        """Compare a file with what it was; None for a new one.

        Raises:
            Refusal: code `invisible` or `syntax`.
        """
        check_visible(before.text if before else "", after.text, after.path, self._named)
        if self._compile is not None and _is_python(after):
            self._check_compiled(before, after, self._compile)
        elif facts_of(after.language).is_trusted and (before is None or not before.syntax_errors):
            _check_errors(0, after)

    @property
    def notices(self) -> Iterator[str]:
        """Say which files were compared by the grammar alone, as they do not compile here."""
        paths = list(self._other_python)
        if paths:
            more = f" and {len(paths) - 1} more" if paths[1:] else ""
            verb = "are" if paths[1:] else "is"
            yield (
                f"{paths[0]}{more} {verb} written for another Python than the one that runs "
                "codeorch: compared by the grammar, not compiled"
            )

    def _check_compiled(
        self, before: SourceFile | None, after: SourceFile, compile_python: CompilePython
    ) -> None:
        """Refuse what does not compile, unless the base does not, either."""
        fault = compile_python(encode(after.text, after.encoding))
        if not fault:
            return
        old = before if before is not None and _is_python(before) else None
        old_fault = compile_python(encode(old.text, old.encoding)) if old else ""
        if not old_fault and not self._for_newer:
            raise _unsound(after, fault)
        self._other_python[after.path] = None
        _check_errors(old.syntax_errors if old else 0, after)


def _is_python(file: SourceFile) -> bool:
    return family_of(file.language) == "python"


def _check_errors(most: int, after: SourceFile) -> None:
    if after.syntax_errors > most:
        raise _unsound(after, f"{after.syntax_errors} errors")


def _unsound(after: SourceFile, what: str) -> Refusal:
    return Refusal(
        code="syntax",
        brief=f"with it {after.path} does not parse as {after.language} any more ({what})",
        detail="Look for missing or doubled lines, brackets and wrong indentation.",
    )
