"""Source texts -> what their names stand for: scopes, imports and, where the text says it, types.

The languages share `trees` (syntax trees by ast-grep) and `scopes` (lexical scope by table).
"""
