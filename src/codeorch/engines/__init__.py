"""What a type checker of the machine says: where a name is defined, and what does not fit.

with source_tree(snapshot, "python") as tree:
    for checker in own_checkers():
        check(tree, ("shop/cart.py",), checker)
"""

from codeorch.engines.checkers import Checker, Diagnostic, own_checkers
from codeorch.engines.diagnostics import check, new_diagnostics
from codeorch.engines.selection import PythonEnvironment
from codeorch.engines.source_tree import SourceTree, source_tree

__all__ = [
    "Checker",
    "Diagnostic",
    "PythonEnvironment",
    "SourceTree",
    "check",
    "new_diagnostics",
    "own_checkers",
    "source_tree",
]
