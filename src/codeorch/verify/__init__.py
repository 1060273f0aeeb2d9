"""Commit -> Verdict: its tests, linters, formatters and pre-commit, in a sandbox."""

from codeorch.verify.formatting import format_changed_files
from codeorch.verify.precommit import PrecommitSetup, prepare_precommit, run_precommit
from codeorch.verify.review_notes import untested_files
from codeorch.verify.run_tests import baseline, verify
from codeorch.verify.test_setup import TestSetup, prepare_tests

__all__ = [
    "PrecommitSetup",
    "TestSetup",
    "baseline",
    "format_changed_files",
    "prepare_precommit",
    "prepare_tests",
    "run_precommit",
    "untested_files",
    "verify",
]
