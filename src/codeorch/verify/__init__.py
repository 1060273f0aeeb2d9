"""Commit -> Verdict: its tests, linters, formatters and pre-commit, in a sandbox."""

from codeorch.verify.base_run import BaseRun
from codeorch.verify.edit_script import run_edit_script
from codeorch.verify.formatting import format_changed_files
from codeorch.verify.interpreter import site_packages
from codeorch.verify.precommit import PrecommitSetup, prepare_precommit, run_precommit
from codeorch.verify.review_notes import untested_files
from codeorch.verify.run_tests import verify
from codeorch.verify.test_setup import TestSetup, prepare_tests

__all__ = [
    "BaseRun",
    "PrecommitSetup",
    "TestSetup",
    "format_changed_files",
    "prepare_precommit",
    "prepare_tests",
    "run_edit_script",
    "run_precommit",
    "site_packages",
    "untested_files",
    "verify",
]
