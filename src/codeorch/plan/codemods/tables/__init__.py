"""Renaming by table, in the languages whose imports this tool does not resolve.

A name follows the scopes of its file. In other files it is taken for the same only while a single
definition in the repository can be meant.
"""
