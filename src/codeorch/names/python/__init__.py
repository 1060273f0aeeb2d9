"""Names in Python: scopes and imports exactly, classes of values by what the text shows."""
