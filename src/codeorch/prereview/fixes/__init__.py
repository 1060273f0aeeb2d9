"""What a rule can mend of what was left behind: one commit each, on a branch of its own.

rules    findings -> fixes, each of one file
landing  fixes -> those that the gate and the tests bear out, and the branch
mending  what became of them
"""

from typing import TYPE_CHECKING

from codeorch.lazy_names import lazy_names
from codeorch.prereview.fixes.mending import Mending

if TYPE_CHECKING:
    from codeorch.prereview.fixes.landing import mend
    from codeorch.prereview.fixes.rules import Fix, fixes

__all__ = ["Fix", "Mending", "fixes", "mend"]

# Most reviews mend nothing, and need no runner of tests.
__getattr__ = lazy_names(__name__, {"landing": ("mend",), "rules": ("Fix", "fixes")})
