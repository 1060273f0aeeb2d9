"""Commit -> Verdict; snapshots before and after -> Completeness."""

from codeorch.references import complete
from codeorch.verify.formatting import tidy
from codeorch.verify.precommit import Inspection, inspect, prepare_inspection
from codeorch.verify.review_notes import unreached
from codeorch.verify.run_tests import baseline, verify
from codeorch.verify.test_setup import Trial, prepare

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
