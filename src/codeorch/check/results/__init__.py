"""What a test runner wrote -> the outcome of each test, or at least counts."""

from codeorch.check.results.counts import Counts, count
from codeorch.check.results.runners import Report, ask, read, select, variables

__all__ = ["Counts", "Report", "ask", "count", "read", "select", "variables"]
