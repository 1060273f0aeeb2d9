"""Replace by example: a pattern of code, and a rewrite that its captures fill."""

from codeorch.refactoring.pattern.replacement import Replacement, find_replacements

__all__ = ["Replacement", "find_replacements"]
