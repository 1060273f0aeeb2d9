"""Python: imports, bare names and module members exactly; others by the types told."""
