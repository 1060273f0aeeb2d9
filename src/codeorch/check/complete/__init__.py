"""Snapshots before and after -> Completeness: which uses of changed symbols were forgotten."""

from codeorch.check.complete.gate import references

__all__ = ["references"]
