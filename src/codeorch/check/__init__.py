"""Commit -> Verdict; snapshots before and after -> Completeness."""

from codeorch.check.complete import complete
from codeorch.check.precommit import Inspection, inspect, prepare_inspection
from codeorch.check.tidy import tidy
from codeorch.check.trial import Trial, prepare
from codeorch.check.unreached import unreached
from codeorch.check.verify import baseline, verify

__all__ = [
    "Inspection",
    "Trial",
    "baseline",
    "complete",
    "inspect",
    "prepare",
    "prepare_inspection",
    "tidy",
    "unreached",
    "verify",
]
