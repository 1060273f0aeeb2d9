"""A changed Python statement -> whether any test ran it, as the tests' own interpreter tells."""

import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codeorch.edits import Refusal, decode
from codeorch.languages import facts_of, family_of, language_of
from codeorch.languages.python.statements import ChangedStatement, changed_statements
from codeorch.sandbox import read_written
from codeorch.source import is_test

# These are started by us, in the environment that we give them; others may start what they like.
_DIRECT = frozenset({"pytest", "unittest"})
_LARGEST = 64 << 20  # bytes of a record that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRecord:
    """What is noted of the runs in one checkout: in `folder`, about the changed `statements`."""

    folder: Path
    paths: Sequence[str]
    statements: Mapping[str, tuple[ChangedStatement, ...]]

    @classmethod
    def prepare(
        cls,
        folder: Path,
        visible_root: Path,
        before: Mapping[str, bytes | None],
        after: Mapping[str, bytes | None],
    ) -> "LineRecord | None":
        """Put the recorder into a new one in a folder of the tests; None = nothing to record.

        The contents of the changed files are given by path, and `visible_root` is where tests see
        the checkout.
        """
        rows = ((path, _statements(path, before.get(path), data)) for path, data in after.items())
        statements = {path: found for path, found in rows if found}
        if not statements:
            return None
        # What prepared the checkout may have put anything there.
        folder = Path(tempfile.mkdtemp(prefix="lines-", dir=folder))
        recorder = Path(__file__).with_name("results") / "line_recorder.py"
        (folder / "sitecustomize.py").write_text(recorder.read_text("utf-8"), "utf-8")
        lines = (
            f"{visible_root / path}\t{','.join(map(str, _probes(found)))}\n"
            for path, found in statements.items()
        )
        (folder / "files").write_text("".join(lines), "utf-8", "surrogateescape")
        return cls(folder=folder.resolve(), paths=tuple(statements), statements=statements)

    def variables(self, python_path: str) -> dict[str, str]:
        """Return the variables with which Python processes note what they run."""
        path = ":".join(filter(None, (str(self.folder), python_path)))
        return {"CODEORCH_LINES": str(self.folder), "PYTHONPATH": path}

    def unrun_lines(self, runner: str) -> tuple[str, ...]:
        """Return the changed statements that no test ran, as `path:line`.

        Nothing is said of files of which the record cannot tell.
        """
        notes = self._notes()
        if "unable" in notes or not notes & {"monitoring", "instrumenting"}:
            return ()
        hits: dict[int, set[int]] = {}
        for note in notes:
            if found := re.fullmatch(r"(\d+):(\d+)", note):
                hits.setdefault(int(found[1]), set()).add(int(found[2]))
        return tuple(
            f"{path}:{one.line}"
            for number, path in enumerate(self.paths)
            if self._can_tell(number, path, runner, notes, hits)
            for one in self.statements[path]
            if hits.get(number, set()).isdisjoint(range(one.first, one.last + 1))
        )

    def _can_tell(
        self,
        number: int,
        path: str,
        runner: str,
        notes: Collection[str],
        hits: Mapping[int, Collection[int]],
    ) -> bool:
        if "instrumenting" in notes:  # it sees what is imported, but for what pytest rewrites
            if is_test(path) or any(note.startswith(f"script:{number} ") for note in notes):
                return False
            return runner in _DIRECT or f"imported:{number}" in notes
        return runner in _DIRECT or number in hits

    def _notes(self) -> frozenset[str]:
        """Read the record, in whose place tests may have put anything."""
        raw = read_written(self.folder / "lines", _LARGEST)
        return frozenset((raw or b"").decode("utf-8", "replace").split("\n"))


def _statements(
    path: str, before: bytes | None, after: bytes | None
) -> tuple[ChangedStatement, ...]:
    language = language_of(path)
    is_code = family_of(language) == "python" and not path.endswith(facts_of(language).stubs)
    if after is None or not is_code:
        return ()
    try:
        old = decode(before).text if before is not None else ""
        return changed_statements(old, decode(after).text) or ()
    except Refusal:
        return ()


def _probes(statements: Sequence[ChangedStatement]) -> Iterator[int]:
    return iter(sorted({one.first for one in statements}))
