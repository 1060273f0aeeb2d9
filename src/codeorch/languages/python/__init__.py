"""Python: imports, scopes and types where the text says them; uses and renames."""
