"""A review in the form of reviewdog's diagnostics, which it reports to many services.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

import json
from typing import Any, Final

from codeorch.prereview.finding import Finding, Level, Place, Review

_SEVERITIES: Final[dict[Level, str]] = {
    "sure": "ERROR", "likely": "WARNING", "maybe": "INFO", "note": "INFO",
}  # fmt: skip


def rdjson_of(review: Review) -> str:
    """Write what is reportable as one `DiagnosticResult`."""
    value = {
        "source": {"name": "codeorch"},
        "diagnostics": [_diagnostic(each) for each in review.reportable],
    }
    return json.dumps(value, indent=2)


def _diagnostic(finding: Finding) -> dict[str, Any]:
    return {
        "message": f"{finding.message} ({finding.level})",
        "location": _location(finding.place),
        "severity": _SEVERITIES[finding.level],
        "code": {"value": finding.rule},
        "relatedLocations": [
            {
                "message": "This change brought it about.",
                "location": _location(finding.cause or finding.place),
            }
        ],
    }


def _location(place: Place) -> dict[str, Any]:
    return {"path": place.path, "range": {"start": {"line": max(1, place.line)}}}
