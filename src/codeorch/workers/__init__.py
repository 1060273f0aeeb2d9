"""Plan -> task results."""

from codeorch.workers.context import ForkPoint, RoundContext, WorkerTalk
from codeorch.workers.estimate import estimate
from codeorch.workers.pool import run
from codeorch.workers.prompt_builder import convention_paths, fork_part
from codeorch.workers.result_schema import RESULT_TOOL
from codeorch.workers.validate import EditChecks
from codeorch.workers.worker import WorkerDeps

__all__ = [
    "RESULT_TOOL",
    "EditChecks",
    "ForkPoint",
    "RoundContext",
    "WorkerDeps",
    "WorkerTalk",
    "convention_paths",
    "estimate",
    "fork_part",
    "run",
]
