"""Code that tests read as a text: nothing in it is used, so nothing in it is left behind.

A formatter's, a linter's or a compiler's tests have folders of it. It is told from helpers by the
imports of the other files: what none of them imports is data.
"""

import re
from posixpath import basename, dirname
from typing import Final

from codeorch.domain import Snapshot
from codeorch.languages import is_package_file
from codeorch.source import is_test

# Names of folders below the tests, or as such, whose code is mostly read and not run.
_FOLDER: Final = re.compile(
    r"(?:^|/)(?:_*fixtures?_*|test[-_]?data|data|samples?|cases|_*snapshots?_*|golden|inputs?|"
    r"resources|corpus|projects?|testcases)/",
    re.IGNORECASE,
)
_IMPORT: Final = re.compile(r"\b(?:import|from|require|use|mod|include)\b[^\n]*")


def is_test_data(snapshot: Snapshot, path: str) -> bool:
    """Whether a file lies among the data of tests, and no file outside of them imports it."""
    folder = _FOLDER.search(path)
    if folder is None or not is_test(path):
        return False
    top = path[: folder.end()]
    name = basename(dirname(path)) if is_package_file(path) else basename(path).partition(".")[0]
    word = re.compile(rf"(?<![\w$-]){re.escape(name)}(?![\w$-])")
    suffix = path.rpartition(".")[2]
    others = (each for each in snapshot.files if each.endswith(f".{suffix}"))
    return not any(
        word.search(line)
        for other in others if not other.startswith(top)
        for line in _IMPORT.findall(snapshot.bare(other).text)
    )  # fmt: skip
