"""Commit -> Snapshot, ranked paths."""
