"""Commit -> Verdict."""
