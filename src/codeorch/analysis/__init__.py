"""Syntax trees -> what names stand for, in no language: scopes, classes, receivers, signatures.

All languages share `ast_grep` (syntax trees) and `scopes` (lexical scope by a table). `language`
says what a language has to bring: its facts, and a `Reader` and a `Renamer` of its names.
"""
