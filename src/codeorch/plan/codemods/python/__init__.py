"""Renaming in Python: scopes and imports exactly, attributes by the types that the text shows."""
