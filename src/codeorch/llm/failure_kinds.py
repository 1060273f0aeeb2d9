"""The kinds of failures of a service, each with what it means for whoever asked: the one table.

`ServiceError.kind` is a name in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureKind:
    """What a failure means, beyond whether the same question may be asked again."""

    of_service: bool = False  # whatever was asked: another question meets the same
    closes: bool = False  # the service turns everybody away: it is asked no more
    is_crowded: bool = False  # there are too many questions at once
    is_free: bool = False  # it comes before anything is charged for
    ends_attempt: bool = False  # a resumed run goes on with the next attempt


_TURNED_AWAY = FailureKind(of_service=True, closes=True, is_free=True)
_CROWDED = FailureKind(of_service=True, is_crowded=True, is_free=True)
_OTHER = FailureKind()

KINDS: Final[Mapping[str, FailureKind]] = {
    # there is no way to the service, or it lets nobody in
    "auth": _TURNED_AWAY,
    "quota": _TURNED_AWAY,
    "proxy": _TURNED_AWAY,
    "certificate": _TURNED_AWAY,
    "address": _TURNED_AWAY,
    "package": _TURNED_AWAY,
    # it is there, and does not serve
    "overloaded": _CROWDED,
    "rate_limited": _CROWDED,
    "unknown_model": FailureKind(of_service=True, is_free=True),
    "not_api": FailureKind(of_service=True, is_free=True),
    "redirect": FailureKind(of_service=True, is_free=True),
    "server": FailureKind(of_service=True),
    "connection": FailureKind(of_service=True),
    "cut_stream": FailureKind(of_service=True),
    "process": FailureKind(of_service=True),  # of ours, that asks it
    "timeout": FailureKind(of_service=True, ends_attempt=True),
    # it does not take this question
    "bad_request": FailureKind(is_free=True, ends_attempt=True),
    "too_large": FailureKind(is_free=True, ends_attempt=True),
    # it was not asked, or said nothing
    "git": FailureKind(is_free=True),
    "engine": FailureKind(is_free=True),  # a type checker
    "store": FailureKind(is_free=True),
    "replay": _OTHER,
    "budget": _OTHER,
    "empty": _OTHER,
}
SERVICE_FAILURES: Final = frozenset(name for name, kind in KINDS.items() if kind.of_service)


def kind_of(name: str) -> FailureKind:
    """Return what a kind means; one that is in no table means nothing in particular."""
    return KINDS.get(name, _OTHER)
