"""Answers damaged in the ways of models; each kind is one function, by chance and seed.

A kind gives a Case, or None where an edit offers no place for it. Where the damage would leave two
readings, the edit is passed over: base and answer determine what is asked of the applier.
"""

from damage_cases import forms, misquotes, refusals, spacing, twins
from damage_cases.case import KINDS, Case
from damage_cases.edits import edits_of

__all__ = ["KINDS", "Case", "edits_of", "forms", "misquotes", "refusals", "spacing", "twins"]
