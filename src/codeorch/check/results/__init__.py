"""What a test runner wrote -> the outcome of each test, or at least counts."""

from codeorch.check.results.counts import Counts, count
from codeorch.check.results.narrow import only, within
from codeorch.check.results.runners import Report, ask, clear, read, variables

__all__ = ["Counts", "Report", "ask", "clear", "count", "only", "read", "variables", "within"]
