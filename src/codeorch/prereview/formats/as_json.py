"""A review as JSON: all that is known of it, for programs."""

import json
from typing import Any

from codeorch.domain import SCHEMA_VERSION, STATUSES, OutcomeStatus
from codeorch.prereview.finding import Finding, Place, Review, fingerprints
from codeorch.prereview.fixes import Mending
from codeorch.prereview.rules import RULES


def json_of(review: Review, status: OutcomeStatus, mending: Mending | None = None) -> str:
    """Write a review as one JSON document; `findings` are in order, the most certain first."""
    marks = fingerprints(review.findings)
    value: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "status": status,
        "exit_code": STATUSES[status].exit_code,
        "base": {"name": review.comparison.base_name, "commit": review.comparison.base},
        "head": {"name": review.comparison.head_name, "commit": review.comparison.head},
        "definitions_changed": len(review.changes),
        "uses_looked_at": review.uses,
        "findings": [
            {**_plain(each), "fingerprint": mark}
            for each, mark in zip(review.findings, marks, strict=True)
        ],
        "excused": [_plain(each) for each in review.excused_findings],
        "type_checkers": review.type_checkers,
        "not_checked_by_a_type_checker": review.unchecked,
    }
    if mending is not None:
        value["fixes"] = {
            "branch": mending.branch,
            "commits": [{"commit": each, "title": title} for each, title in mending.commits],
            "dropped": [{"title": title, "why": why} for title, why in mending.dropped],
            "tests": mending.tests,
        }
    return json.dumps(value, indent=2)  # in ASCII: a path may be of any bytes


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": RULES[finding.rule].name,
        "level": finding.level,
        **_place(finding.place),
        "symbol": finding.symbol,
        "message": finding.message,
        "text": finding.text,
        "cause": _place(finding.cause or finding.place),
    }


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line}
