"""Renaming in JavaScript and TypeScript: by scopes, modules and the types that are told."""
