"""Snapshots before and after -> Completeness: which uses of changed symbols were forgotten."""

from codeorch.check.complete.gate import complete, references

__all__ = ["complete", "references"]
