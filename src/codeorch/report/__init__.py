"""Outcome -> words."""
