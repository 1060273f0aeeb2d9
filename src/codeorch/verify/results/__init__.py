"""What a test runner wrote -> the outcome of each test, or at least counts."""

from codeorch.verify.results.formats import Counts, read_counts
from codeorch.verify.results.runners import (
    Report,
    clear_reports,
    read_report,
    report_variables,
    select_files,
    select_tests,
    with_report,
)

__all__ = [
    "Counts",
    "Report",
    "clear_reports",
    "read_counts",
    "read_report",
    "report_variables",
    "select_files",
    "select_tests",
    "with_report",
]
