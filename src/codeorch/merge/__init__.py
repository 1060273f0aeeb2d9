"""Task results -> ChangeSet -> commit on a branch."""
