"""Commit -> Snapshot: files read on demand, parsed when somebody looks."""
