"""Python: imports, bare names and module members exactly; others by the types told."""

from codeorch.check.complete.python.reader import PythonReader

__all__ = ["PythonReader"]
