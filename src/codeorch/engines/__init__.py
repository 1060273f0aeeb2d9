"""What a type checker of the machine says: where a name is defined, and what does not fit.

with source_tree(snapshot, "python") as tree:
    for checker in engines.of("python"):
        check(tree, ("shop/cart.py",), checker, engines)
"""

from typing import TYPE_CHECKING

from codeorch.engines.checkers import Checker, Diagnostic, own_checkers
from codeorch.engines.diagnostics import check, new_diagnostics
from codeorch.engines.engine_set import EngineChoice, Engines, choose_engines
from codeorch.engines.rules import kind_of
from codeorch.engines.selection import FoundPrograms, PythonEnvironment
from codeorch.engines.source_tree import (
    SourceTree,
    family_configs,
    family_texts,
    source_tree,
    tree_of,
)
from codeorch.lazy_names import lazy_names

if TYPE_CHECKING:
    from codeorch.engines.arbiter import Arbiter
    from codeorch.engines.opinion import Answer, Opinion, Question, Spot, Vote, ask

__all__ = [
    "Answer",
    "Arbiter",
    "Checker",
    "Diagnostic",
    "EngineChoice",
    "Engines",
    "FoundPrograms",
    "Opinion",
    "PythonEnvironment",
    "Question",
    "SourceTree",
    "Spot",
    "Vote",
    "ask",
    "check",
    "choose_engines",
    "family_configs",
    "family_texts",
    "kind_of",
    "new_diagnostics",
    "own_checkers",
    "source_tree",
    "tree_of",
]

# Only renames ask a server; who checks a tree needs none.
__getattr__ = lazy_names(
    __name__,
    {
        "arbiter": ("Arbiter",),
        "opinion": ("Answer", "Opinion", "Question", "Spot", "Vote", "ask"),
    },
)
