import pytest

from codeorch.analysis.symbol_index import SnapshotIndex, code_words, is_rare
from codeorch.domain import Snapshot
from codeorch.source import parse_file


@pytest.fixture
def names_of():
    def make(files):
        parsed = {path: parse_file(path, text.encode()) for path, text in files.items()}
        return SnapshotIndex(Snapshot(commit="", files=parsed))

    return make


def test_code_words_are_quoted_alone_called_or_marked_inside():
    text = "Let `total` use round_up and sumUp(), in class HouseOfCards; leave area alone"
    assert code_words(text) == {"total", "round_up", "sumUp", "HouseOfCards"}


@pytest.mark.parametrize(
    ("quoted", "found"),
    [
        ("Cart.total", {"Cart", "total"}),
        ("total(limit)", {"total"}),
        ("List<String>", {"List"}),
        ("@cached", {"cached"}),
        ("shop list --all", set()),
        ("--all", set()),
        ("raise CartError", {"CartError"}),
        ("the default value", set()),
    ],
)
def test_of_a_quoted_phrase_only_what_looks_like_code_is_a_name(quoted, found):
    assert code_words(f"see `{quoted}` there") == found


@pytest.mark.parametrize(
    ("word", "users", "rare"),
    [("throttle", 2, True), ("throttle", 3, False), ("wait", 1, False)],
)
def test_a_word_is_rare_if_it_is_defined_and_few_files_hold_it(names_of, word, users, rare):
    using = {f"f{n}.py": f"{word}()\n" for n in range(users)}
    names = names_of({**using, "slow.py": "def throttle(): pass\n"})
    assert is_rare(word, names, 3) is rare
