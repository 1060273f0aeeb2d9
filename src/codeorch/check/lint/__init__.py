"""Changed files -> what linters find in them and did not before; formatters put them right."""

from codeorch.check.lint.findings import Finding, new_findings
from codeorch.check.lint.formatters import Formatter, find_formatters
from codeorch.check.lint.linters import Linter, find_linters

__all__ = [
    "Finding",
    "Formatter",
    "Linter",
    "find_formatters",
    "find_linters",
    "new_findings",
]
