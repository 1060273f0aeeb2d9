"""codeorch: change many files of a repository from one sentence.

From Python: `from codeorch import Orchestrator, Worker`; see docs/library.md.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeorch.api import Orchestrator, Result, Worker

__version__ = "0.1.0"
__all__ = ["Orchestrator", "Result", "Worker"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Load the library when somebody asks for it; the command line does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from codeorch import api  # noqa: PLC0415 - see above

    return getattr(api, name)
