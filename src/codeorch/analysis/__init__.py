"""Syntax trees -> what names stand for, in no language: scopes, classes, receivers, signatures.

The languages share `trees` (syntax trees by ast-grep) and `scopes` (lexical scope by table).
"""
