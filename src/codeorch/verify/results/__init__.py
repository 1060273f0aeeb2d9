"""What a test runner wrote -> the outcome of each test, or at least counts."""

from codeorch.verify.results.formats import Counts, count
from codeorch.verify.results.runners import Report, ask, clear, only, read, variables, within

__all__ = ["Counts", "Report", "ask", "clear", "count", "only", "read", "variables", "within"]
