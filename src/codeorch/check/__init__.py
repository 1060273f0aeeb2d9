"""Commit -> Verdict."""

from codeorch.check.trial import Trial, prepare
from codeorch.check.verify import baseline, verify

__all__ = ["Trial", "baseline", "prepare", "verify"]
