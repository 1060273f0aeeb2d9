"""What a branch's change left behind, before people review it.

comparison      what the user asked for -> merge base and head
gate_findings   what the reference gate says -> findings, each with its cause
notes/          what a reviewer may ask: tests, documents, changelog, leftovers
excuses         what is left on purpose
rules           the ids of all of it, and which are selected
finding         the values; review: all of this in order
fixes/          what a rule can mend, on a branch of its own
formats/        findings to text, JSON, SARIF, rdjson and annotations
"""

from codeorch.prereview.finding import Comparison, Finding, Level, Place, Review, fingerprints
from codeorch.prereview.review import Scope, engines_of, review
from codeorch.prereview.rules import RULES, Rule

__all__ = [
    "RULES",
    "Comparison",
    "Finding",
    "Level",
    "Place",
    "Review",
    "Rule",
    "Scope",
    "engines_of",
    "fingerprints",
    "review",
]
