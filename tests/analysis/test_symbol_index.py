import pytest

from codeorch.analysis.symbol_index import SnapshotIndex, code_words, names_in
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


def test_a_plain_word_is_a_name_if_it_is_defined_and_few_files_hold_it(names_of):
    files = {f"f{n}.py": "def run(): pass\n\n\ncommand = 1\nrun(command)\n" for n in range(9)}
    names = names_of({**files, "slow.py": "def throttle(): pass\n"})
    text = "Let every command throttle its run; a list of options is the default"
    assert names_in(text, names, 10) == ("throttle",)
    assert names_in("Let every `command` run", names, 10) == ("command",)


@pytest.mark.parametrize(
    ("users", "files", "found"), [(2, 10, True), (3, 10, False), (6, 700, True)]
)
def test_how_rare_is_rare_depends_on_how_many_files_there_are(names_of, users, files, found):
    using = {f"f{n}.py": "throttle()\n" for n in range(users)}
    names = names_of({**using, "slow.py": "def throttle(): pass\n"})
    assert bool(names_in("throttle it", names, files)) is found
