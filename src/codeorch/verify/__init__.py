"""Commit -> Verdict: its tests, linters, formatters and pre-commit, in a sandbox."""

from typing import TYPE_CHECKING

from codeorch.lazy_names import lazy_names

if TYPE_CHECKING:
    from codeorch.verify.base_run import BaseRun
    from codeorch.verify.edit_script import run_edit_script
    from codeorch.verify.formatting import format_changed_files
    from codeorch.verify.interpreter import site_packages
    from codeorch.verify.precommit import PrecommitSetup, prepare_precommit, run_precommit
    from codeorch.verify.python_compiler import PythonCompiler, needs_newer_python
    from codeorch.verify.review_notes import untested_files
    from codeorch.verify.run_tests import verify
    from codeorch.verify.test_setup import TestSetup, prepare_tests

__all__ = [
    "BaseRun",
    "PrecommitSetup",
    "PythonCompiler",
    "TestSetup",
    "format_changed_files",
    "needs_newer_python",
    "prepare_precommit",
    "prepare_tests",
    "run_edit_script",
    "run_precommit",
    "site_packages",
    "untested_files",
    "verify",
]

# Who only asks for a project's packages needs no runner of tests.
__getattr__ = lazy_names(
    __name__,
    {
        "base_run": ("BaseRun",),
        "edit_script": ("run_edit_script",),
        "formatting": ("format_changed_files",),
        "interpreter": ("site_packages",),
        "precommit": ("PrecommitSetup", "prepare_precommit", "run_precommit"),
        "python_compiler": ("PythonCompiler", "needs_newer_python"),
        "review_notes": ("untested_files",),
        "run_tests": ("verify",),
        "test_setup": ("TestSetup", "prepare_tests"),
    },
)
