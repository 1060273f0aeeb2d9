"""For how long a server wants to be left alone, wherever it says so."""

import time
from email.utils import formatdate

import pytest

from codeorch.llm.retry_waits import wait_of


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"retry-after-ms": "2500"}, 2.5, 2.5),
        ({"retry-after": formatdate(time.time() + 900, usegmt=True)}, 300, 900),
        ({"x-ratelimit-reset": str(int((time.time() + 900) * 1000))}, 300, 900),
        ({"x-ratelimit-reset": str(int(time.time() + 900))}, 300, 900),
        ({"ratelimit-reset": "40"}, 40, 40),
        ({"x-ratelimit-reset-requests": "6m12s", "x-ratelimit-remaining-requests": "0",
          "x-ratelimit-reset-tokens": "24h", "x-ratelimit-remaining-tokens": "9"}, 372, 372),
        ({"anthropic-ratelimit-requests-remaining": "0",
          "anthropic-ratelimit-requests-reset": iso(900),
          "anthropic-ratelimit-tokens-remaining": "5000",
          "anthropic-ratelimit-tokens-reset": iso(90_000)}, 300, 900),
        ({"retry-after": "3", "x-ratelimit-reset": "40"}, 3, 3),
    ],
)  # fmt: skip
def test_headers_say_how_long(headers, least, most):
    assert least <= wait_of(headers, "Too many requests") <= most


def test_words_go_before_limits_and_nothing_is_made_up():
    assert wait_of({"x-ratelimit-reset": "40"}, "Please try again in 3.2s.") == 3.2
    assert wait_of({}, "", "{'retryDelay': '3s'}") == 3
    for headers in ({}, {"x-ratelimit-reset": "soon"}, {"x-ratelimit-reset": "nan"}):
        assert wait_of(headers, "Too many requests") is None
