"""Request + Snapshot -> ranked paths, by a cached index of words and names. No model is asked.

snapshot   commit -> Snapshot, read and parsed on demand; the open index of a commit
search     request -> ranked files; who defines and uses a name
fusion     signals -> one order
look_ups   what a model may look up; dialogue: a conversation in which it does
signals, proximity   what a ranking looks at: words, names, past commits, references, folders
query      request -> words, names and paths that it mentions; words: text -> its words, stemmed
test_files sources -> their tests, by paths alone
corpus     what a ranking asks of a repository, and answers from memory; index/: from disk
look_ups/  what a model may ask of the commit: read, search, references, outline, related
"""

from typing import TYPE_CHECKING

from codeorch.lazy_names import lazy_names
from codeorch.retrieval.snapshot import index_of, read_snapshot
from codeorch.retrieval.words import words  # called like its module, so not to be put off

if TYPE_CHECKING:
    from codeorch.retrieval.dialogue import Dialogue, OnLookUps, respond
    from codeorch.retrieval.fusion import rank_in_memory
    from codeorch.retrieval.look_ups import (
        Codebase,
        LookUps,
        ShownLines,
        fold_counts,
        look_up_tools,
    )
    from codeorch.retrieval.search import (
        CodeNames,
        companions,
        find_lines,
        rank_commit,
        rank_files,
    )
    from codeorch.retrieval.test_files import tests_of

__all__ = [
    "CodeNames",
    "Codebase",
    "Dialogue",
    "LookUps",
    "OnLookUps",
    "ShownLines",
    "companions",
    "find_lines",
    "fold_counts",
    "index_of",
    "look_up_tools",
    "rank_commit",
    "rank_files",
    "rank_in_memory",
    "read_snapshot",
    "respond",
    "tests_of",
    "words",
]

# Who only reads a commit needs no model's client.
__getattr__ = lazy_names(
    __name__,
    {
        "dialogue": ("Dialogue", "OnLookUps", "respond"),
        "fusion": ("rank_in_memory",),
        "look_ups": ("Codebase", "LookUps", "ShownLines", "fold_counts", "look_up_tools"),
        "search": ("CodeNames", "companions", "find_lines", "rank_commit", "rank_files"),
        "test_files": ("tests_of",),
    },
)
