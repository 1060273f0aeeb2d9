"""Findings -> fixes by rule: a use gets the new name, an import the new home of its name.

Only what is sure is touched, and only names that the grammar reads as names: never a string.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codeorch.domain import Reference, Snapshot, SourceFile, SymbolChange
from codeorch.edits import encode
from codeorch.languages import FAMILIES, family_of
from codeorch.prereview.finding import Finding, Review
from codeorch.source import parse_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A new text of one file, and what it mends."""

    path: str
    text: str
    title: str  # of its commit
    findings: tuple[Finding, ...]


def fixes(review: Review, after: Snapshot) -> Iterator[Fix]:
    """Yield a fix for each file in which a rule can follow a changed definition."""
    changes = {each.symbol: each for each in review.changes}
    by_path: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for each in review.of_level("sure"):
        if each.rule == "CO101" and each.symbol in changes:
            by_path[each.place.path][each.symbol].append(each)
    for path, by_symbol in sorted(by_path.items()):
        file, titles, mended = after.files[path], list[str](), list[Finding]()
        for symbol, some in by_symbol.items():
            text = _follow_change(file, changes[symbol], some)
            new = parse_file(path, encode(text, file.encoding)) if text is not None else ""
            # A line more would move the places of all others.
            if not isinstance(new, str) and (len(by_symbol) == 1 or _is_in_place(file, new)):
                file = new
                titles.append(_title(changes[symbol]))
                mended += some
        if mended:
            more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
            title = f"{titles[0]}{more} in {path}"
            yield Fix(path=path, text=file.text, title=title, findings=tuple(mended))


def _is_in_place(old: SourceFile, new: SourceFile) -> bool:
    return old.text.count("\n") == new.text.count("\n")


def _follow_change(file: SourceFile, change: SymbolChange, some: Sequence[Finding]) -> str | None:
    if change.change == "renamed" and change.new_path:
        return _rename_uses(file, change, {each.place.line for each in some})
    if change.change == "moved" and change.new_path:
        return _follow_move(file, change, {each.place.line for each in some})
    return None


def _rename_uses(file: SourceFile, change: SymbolChange, lines: set[int]) -> str | None:
    """Give the uses on some lines the new name; with an import, all that the file means by it."""
    old, new = change.name, change.new_symbol.rpartition(".")[2]
    references = [each for each in file.references if each.name == old]
    meant = [each for each in references if each.line in lines]
    if any(each.kind == "import" for each in meant):
        if any(each.name in (old, new) for each in file.symbols):
            return None  # the name means something else in places
        meant += [each for each in references if each.kind != "attribute"]
    if not lines <= {each.line for each in meant}:
        return None  # a string, or what the grammar does not read
    return _replace_names(file, meant, new)


def _replace_names(file: SourceFile, meant: Sequence[Reference], new: str) -> str:
    data = file.text.encode("utf-8", "surrogatepass")
    for start, name in sorted({(each.start, each.name) for each in meant}, reverse=True):
        data = data[:start] + new.encode() + data[start + len(name.encode()) :]
    return data.decode("utf-8", "surrogatepass")


def _follow_move(file: SourceFile, change: SymbolChange, lines: set[int]) -> str | None:
    """Import a name from where it is now, where its import is all that is wrong."""
    family = family_of(file.language)
    rows = file.text.split("\n")
    for number in lines:
        mended = family and FAMILIES[family].moved_import(
            rows[number - 1], change.name, file.path, change.path, change.new_path
        )
        if not mended:
            return None
        rows[number - 1] = mended
    return "\n".join(rows)


def _title(change: SymbolChange) -> str:
    if change.change == "moved":
        return f"Import {change.name} from where it is now"
    return f"Use {change.new_symbol} for {change.symbol}"
