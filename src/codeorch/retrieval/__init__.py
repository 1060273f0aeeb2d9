"""Request + Snapshot -> ranked paths, by a cached index of words and names. No model is asked."""
