"""JavaScript and TypeScript: modules, exports, scopes and declared types; uses and renames."""
