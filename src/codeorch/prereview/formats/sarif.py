"""A review as SARIF 2.1.0, the form of static analysis results that code hosts take.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and GitHub's limits on it.
"""

import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from codeorch import __version__
from codeorch.prereview.finding import Finding, Level, Place, Review, fingerprints
from codeorch.prereview.rules import RULES

_PAGE: Final = "docs/how-to/prereview.md"  # of codeorch
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final[dict[Level, str]] = {
    "sure": "error", "likely": "warning", "maybe": "note", "note": "note",
}  # fmt: skip


def sarif_of(review: Review) -> str:
    """Write what is reportable; `partialFingerprints` stay the same when lines move.

    The place is the use that was left. The changed line that brought it about is a related one.
    """
    findings = review.reportable
    marks = fingerprints(findings)
    rules = sorted({each.rule for each in findings})
    run = {
        "tool": {
            "driver": {
                "name": "codeorch",
                "version": __version__,
                "rules": [_rule(each) for each in rules],
            }
        },
        "automationDetails": {"id": "codeorch/prereview/"},
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "properties": {"base": review.comparison.base, "head": review.comparison.head},
        "results": _results(findings, marks, rules),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(name: str) -> dict[str, Any]:
    rule = RULES[name]
    return {
        "id": rule.id,
        "name": "".join(part.title() for part in rule.name.split("-")),
        "shortDescription": {"text": f"{rule.summary[0].upper()}{rule.summary[1:]}."},
        "help": {"text": f"{rule.id} in {_PAGE} of codeorch."},
        "defaultConfiguration": {"level": "note" if rule.is_note else "error"},
    }


def _results(
    findings: Sequence[Finding], marks: Sequence[str], rules: Sequence[str]
) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": each.rule,
            "ruleIndex": rules.index(each.rule),
            "level": _LEVELS[each.level],
            "message": {"text": f"{each.message} ({each.level})"},
            "locations": [{"physicalLocation": _location(each.place)}],
            "relatedLocations": [
                {
                    "physicalLocation": _location(each.cause or each.place),
                    "message": {"text": "This change brought it about."},
                }
            ],
            "partialFingerprints": {"codeorch/v1": mark},
        }
        for each, mark in zip(findings, marks, strict=True)
    ]


def _location(place: Place) -> dict[str, Any]:
    path = quote(place.path.encode("utf-8", "surrogateescape"))
    return {
        "artifactLocation": {"uri": path, "uriBaseId": "SRCROOT"},
        "region": {"startLine": max(1, place.line)},
    }
