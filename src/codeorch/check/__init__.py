"""Commit -> Verdict; snapshots before and after -> Completeness."""

from codeorch.check.complete import complete
from codeorch.check.tidy import tidy
from codeorch.check.trial import Trial, prepare
from codeorch.check.verify import baseline, verify

__all__ = ["Trial", "baseline", "complete", "prepare", "tidy", "verify"]
