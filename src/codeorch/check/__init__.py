"""Commit -> Verdict."""

from codeorch.check.command import TestCommand, find_command
from codeorch.check.sandbox import Limits, choose
from codeorch.check.verify import Trial, baseline, verify

__all__ = ["Limits", "TestCommand", "Trial", "baseline", "choose", "find_command", "verify"]
