"""Plan -> task results."""

from codeorch.workers.context import Scene
from codeorch.workers.estimate import estimate
from codeorch.workers.pool import run
from codeorch.workers.prompt_builder import conventions
from codeorch.workers.validate import Desk
from codeorch.workers.worker import Workshop

__all__ = ["Desk", "Scene", "Workshop", "conventions", "estimate", "run"]
