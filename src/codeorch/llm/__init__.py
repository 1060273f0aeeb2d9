"""Prompt -> Reply. The only door to a model."""
