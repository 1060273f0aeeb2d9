"""Headers and words of a refusal -> for how many seconds a server wants to be left alone."""

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

_WAIT = re.compile(
    r"(?:again|retry|wait|retrydelay\W+|reset)\D{0,20}?((?:\d+(?:\.\d+)?\s*"
    r"(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h)(?![A-Za-z])\s*)+)",
    re.IGNORECASE,
)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|mil|s|m|h)", re.IGNORECASE)
_UNITS = {"ms": 0.001, "mil": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
# When a limit begins anew, in the headers of OpenRouter and others, OpenAI, and Anthropic.
_RESET = re.compile(
    r"(?:x-)?ratelimit-reset(?:-(?:requests|tokens))?|anthropic-ratelimit-[a-z-]+-reset"
)
_SINCE_1970_S, _SINCE_1970_MS = 1e9, 1e12  # larger numbers are moments, no waits


def wait_of(headers: Mapping[str, str], message: str, details: str = "") -> float | None:
    """Return the seconds that a server asks to wait; None when it does not say.

    What it says of this refusal goes before what it says of its limits: `retry-after-ms`,
    `retry-after` (seconds or a date), its words, then the limit that is used up.

    >>> wait_of({}, "Please try again in 1m2.5s")
    62.5
    """
    exact = _number(headers.get("retry-after-ms"))
    if exact is not None:
        return max(0.0, exact / 1000)
    header = headers.get("retry-after")
    if header is not None and (seconds := _seconds(header)) is not None:
        return seconds
    for text in (message, details):
        if found := _WAIT.search(text):
            return _duration(found[1])
    if moment := _MOMENT.search(message):
        return _until(datetime.fromisoformat, moment[0])
    return max(_resets(headers), default=None)


def _resets(headers: Mapping[str, str]) -> Iterator[float]:
    """Yield for how long each limit lasts that is used up."""
    for name, value in headers.items():
        if not _RESET.fullmatch(name.casefold()):
            continue
        remaining = _number(headers.get(name.casefold().replace("reset", "remaining")))
        if not remaining and (wait_s := _reset(value)) is not None:
            yield wait_s


def _reset(value: str) -> float | None:
    """Read when a limit begins anew: a moment, seconds since 1970 or from now, or `6m0s`."""
    number = _number(value)
    if number is None:
        if _MOMENT.fullmatch(value.strip()):
            return _until(datetime.fromisoformat, value.strip())
        return _duration(value) if _PART.match(value.strip()) else None
    if number > _SINCE_1970_MS:
        number /= 1000
    return max(0.0, number - time.time() if number > _SINCE_1970_S else number)


def _duration(text: str) -> float:
    parts = ((_number(n), unit) for n, unit in _PART.findall(text))
    return sum((n or 0.0) * _UNITS[unit.casefold()] for n, unit in parts)


def _seconds(header: str) -> float | None:
    """Read the header: a number of seconds, or a date."""
    if (number := _number(header)) is not None:
        return max(0.0, number)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - hardly ever needed

    return _until(parsedate_to_datetime, header)


def _until(read: Callable[[str], datetime], text: str) -> float | None:
    """Return the seconds to a moment that is written down; None where there is no such moment."""
    try:
        moment = read(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (aware - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):  # a 13th month, a year that Python does not have
        return None


def _number(text: str | None) -> float | None:
    """Read a number that a wait can be made of: neither infinite nor none."""
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
