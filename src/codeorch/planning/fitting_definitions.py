"""Request + a ranked file -> the definitions of it that fit the request, by line."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from codeorch.domain import SourceFile, Symbol
from codeorch.retrieval import words
from codeorch.retrieval.look_ups import Defined, plural, short_line, signature_of

# What a definition has more for being named, for holding a text of the request, and for using
# what it names.
_NAMED, _HOLDS, _USES = 30.0, 10.0, 3.0
_DOC: Final = 0.3  # what a word of the description counts beside one of the name
_LEAST: Final = 2.5  # about one rare word
_WIDTH: Final = 150  # characters of a signature


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingDefinitions:
    """Finds definitions by the words of a request, the rarest counting most."""

    request: frozenset[str]  # its words
    weights: Mapping[str, float]  # of words in names of the ranked files
    named: Collection[tuple[str, str]]  # path and qualified name
    texts: Mapping[str, Collection[int]]  # by path: the lines where its texts stand
    uses: Mapping[str, Collection[int]]  # by path: the lines where what it names is used

    @classmethod
    def of(
        cls,
        request: str,
        files: Iterable[SourceFile],
        named: Iterable[Defined],
        lines: tuple[Mapping[str, Collection[int]], Mapping[str, Collection[int]]],
    ) -> "FittingDefinitions":
        """Weigh the words of a request by the definitions of some files.

        `lines` are those where its texts stand, and those where what it names is used.
        """
        counts = Counter(
            word for file in files for symbol in file.symbols for word in {*words(symbol.name)}
        )
        total = max(1, sum(counts.values()))
        return cls(
            request=frozenset(words(request)),
            weights={word: math.log(1 + total / count) / 2 for word, count in counts.items()},
            named={(one.file.path, one.symbol.qualified) for one in named},
            texts=lines[0],
            uses=lines[1],
        )

    def of_file(self, file: SourceFile, most: int, least: float = 0.0) -> Sequence[Symbol]:
        """Return at most so many definitions of a file, in its order; overloads count once.

        The longest of them stands for all: that is the one with a body.
        Those that fit by their words alone need a score of `least`.
        """
        scores = self.scores(file)
        names: dict[str, Symbol] = {}
        longest = sorted(scores, key=lambda symbol: symbol.line - symbol.end_line)
        for symbol in sorted(longest, key=lambda symbol: -scores[symbol]):
            if scores[symbol] >= min(_USES + _LEAST, max(_LEAST, least)):
                names.setdefault(symbol.qualified, symbol)
        return sorted(list(names.values())[:most], key=lambda symbol: symbol.start)

    def scores(self, file: SourceFile) -> Mapping[Symbol, float]:
        """Return how well each definition of a file fits."""
        texts = {enclosing(file, line) for line in self.texts.get(file.path, ())}
        uses = {enclosing(file, line) for line in self.uses.get(file.path, ())}
        return {
            symbol: self._by_words(symbol)
            + _NAMED * ((file.path, symbol.qualified) in self.named)
            + _HOLDS * (symbol in texts)
            + _USES * (symbol in uses)
            for symbol in file.symbols
        }

    def best_by_words(self, files: Iterable[SourceFile]) -> float:
        """Return the best score that words alone give a definition of some files."""
        scores = (self._by_words(symbol) for file in files for symbol in file.symbols)
        return max(scores, default=0.0)

    def _by_words(self, symbol: Symbol) -> float:
        own = {*words(symbol.name)}
        name = own & self.request
        if not name:
            return 0.0
        weight = sum(self.weights.get(word, 0.0) for word in name)
        score = math.sqrt(len(name) / len(own)) * weight
        if symbol.doc:
            doc = ({*words(symbol.doc)} & self.request) - name
            score += _DOC * sum(self.weights.get(word, 1.0) for word in doc)
        return score / 2 if symbol.kind in ("field", "variable") else score

    def text(self, file: SourceFile, most: int, least: float = 0.0) -> str:
        """Return a file's path and size, and its fitting definitions, one a line."""
        head = f"{file.path} ({plural(file.text.count(chr(10)), 'line')})"
        listed = [_entry(file, symbol) for symbol in self.of_file(file, most, least)]
        return "\n".join([head, *listed])


def enclosing(file: SourceFile, line: int) -> Symbol | None:
    """Return the innermost definition around a line that has more than this one line."""
    around = [
        symbol
        for symbol in file.symbols
        if symbol.line <= line <= symbol.end_line and symbol.kind not in ("field", "variable")
    ]
    return min(around, key=lambda symbol: symbol.end_line - symbol.line, default=None)


def _entry(file: SourceFile, symbol: Symbol) -> str:
    written = short_line(signature_of(Defined(file=file, symbol=symbol)), width=_WIDTH)
    owner = f" [{symbol.parent}]" if symbol.parent else ""
    span = f"{symbol.line}-{symbol.end_line}" if symbol.end_line > symbol.line else f"{symbol.line}"
    return f"  {span}: {written}{owner}"
