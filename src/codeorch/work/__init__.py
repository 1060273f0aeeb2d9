"""Plan -> task results."""
