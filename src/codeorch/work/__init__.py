"""Plan -> task results."""

from codeorch.work.estimate import estimate
from codeorch.work.judge import Desk
from codeorch.work.pool import run
from codeorch.work.scene import Scene
from codeorch.work.shared import conventions
from codeorch.work.worker import Workshop

__all__ = ["Desk", "Scene", "Workshop", "conventions", "estimate", "run"]
