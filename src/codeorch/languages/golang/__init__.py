"""Go: a package is one scope, and a method belongs to its receiver; uses and renames."""
