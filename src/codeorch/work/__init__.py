"""Plan -> task results."""

from codeorch.work.context import Scene
from codeorch.work.judge import Desk
from codeorch.work.pool import run
from codeorch.work.worker import Workshop

__all__ = ["Desk", "Scene", "Workshop", "run"]
