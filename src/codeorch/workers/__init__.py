"""Plan -> task results."""

from codeorch.workers.context import RoundContext
from codeorch.workers.estimate import estimate
from codeorch.workers.pool import run
from codeorch.workers.prompt_builder import convention_paths
from codeorch.workers.validate import EditChecks
from codeorch.workers.worker import WorkerDeps

__all__ = ["EditChecks", "RoundContext", "WorkerDeps", "convention_paths", "estimate", "run"]
