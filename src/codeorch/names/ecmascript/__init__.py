"""Names in JavaScript and TypeScript: scopes, modules and exports."""
