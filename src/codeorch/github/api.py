"""GitHub's REST API by the standard library: one client, with GitHub's own words for failures.

The token is sent to the one host that was named, and nowhere else: redirects are not followed.
See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
"""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from codeorch import __version__
from codeorch.errors import ServiceError

_TIMEOUT_S = 30.0
_LONGEST_ANSWER = 16 << 20  # bytes
_TRIES = 4
_LONGEST_PAUSE_S = 60.0  # a service that wants more is asked in another run
_BUSY = frozenset({500, 502, 503, 504})
_MOST_PAGES = 100
_PER_PAGE = 100


class GitHubError(ServiceError):
    """GitHub refused, or did not answer; `status` is 0 where nothing came back."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, kind="github", retryable=False)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the parsed body (None if it is empty) and the headers."""

    status: int
    value: Any
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses to take the token elsewhere."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing; the redirect comes back as a status like any other."""


class Api:
    """One repository at one GitHub.

    `pause` waits for so many seconds between tries.
    """

    def __init__(
        self, url: str, repository: str, token: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._pause = pause
        self._opener = urllib.request.build_opener(_NoRedirect)
        self.repository = f"/repos/{repository}"

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what stands at a path below the repository, or, from `//`, below the API.

        Raises:
            GitHubError: any status but 2xx.
        """
        return self.call("GET", path).value

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the items of a list, over all of its pages.

        Raises:
            GitHubError: as `get`.
        """
        mark = "&" if "?" in path else "?"
        for number in range(1, _MOST_PAGES + 1):
            answer = self.call("GET", f"{path}{mark}per_page={_PER_PAGE}&page={number}")
            rows = answer.value if isinstance(answer.value, list) else []
            yield from rows
            if 'rel="next"' not in answer.headers.get("link", "") and len(rows) < _PER_PAGE:
                return

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, repeats: bool = True
    ) -> Answer:
        """Send a request, again while GitHub is busy or asks to wait.

        `repeats` says whether it may be carried out twice: what may not is sent again only where
        GitHub says that it has not carried it out.

        Raises:
            GitHubError: any status but 2xx, or no answer.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                return self._send(method, path, body)
            except _RetryableError as error:
                is_last = attempt == _TRIES or error.pause_s > _LONGEST_PAUSE_S
                if is_last or (error.is_unclear and not repeats):
                    raise GitHubError(error.text, error.status) from error
                self._pause(error.pause_s or 2.0 ** (attempt - 1))
        raise AssertionError  # pragma: no cover

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        place = path.removeprefix("/") if path.startswith("//") else self.repository + path
        request = urllib.request.Request(  # noqa: S310 - the address is the runner's
            self._url + place,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": f"codeorch/{__version__}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        what = f"{method} {place.partition('?')[0]}"
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as reply:
                return _answer(reply.status, reply, dict(reply.headers.items()), what)
        except urllib.error.HTTPError as error:
            with error:
                headers = dict(error.headers.items())
                raise _failure(_answer(error.code, error, headers, what), what) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise _RetryableError(f"{what}: no answer ({reason})", 0) from None


class _RetryableError(Exception):
    """A failure that may pass. It `is_unclear` where the request may have been carried out."""

    def __init__(self, text: str, status: int, pause_s: float = 0.0) -> None:
        super().__init__(text)
        self.text, self.status, self.pause_s = text, status, pause_s
        self.is_unclear = not status or status in _BUSY


def _answer(status: int, body: IO[bytes], headers: Mapping[str, str], what: str) -> Answer:
    raw = body.read(_LONGEST_ANSWER + 1)
    if len(raw) > _LONGEST_ANSWER:
        raise GitHubError(f"{what}: the answer is larger than {_LONGEST_ANSWER >> 20} MiB", status)
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        return Answer(status, json.loads(raw) if raw.strip() else None, lower)
    except ValueError:
        if 200 <= status < 300:
            raise GitHubError(f"{what}: the answer is no JSON", status) from None
        return Answer(status, None, lower)


def _failure(answer: Answer, what: str) -> Exception:
    """Return the error that an answer stands for."""
    words = answer.value.get("message", "") if isinstance(answer.value, dict) else ""
    faults = answer.value.get("errors", ()) if isinstance(answer.value, dict) else ()
    more = [str(fault.get("message", "")) for fault in faults if isinstance(fault, dict)]
    words = " ".join(filter(None, [str(words)[:300], *(text[:200] for text in more)]))
    text = f"{what}: {answer.status} {words}".rstrip()
    wait = answer.headers.get("retry-after", "")
    is_spent = answer.headers.get("x-ratelimit-remaining") == "0"
    is_limited = answer.status == 429 or (answer.status == 403 and (wait or is_spent))
    if answer.status in _BUSY or is_limited:
        return _RetryableError(text, answer.status, _pause_of(answer.headers, is_spent=is_spent))
    return GitHubError(text, answer.status)


def _pause_of(headers: Mapping[str, str], *, is_spent: bool) -> float:
    """Return how many seconds GitHub asks to wait; 0 if it does not say."""
    wait = headers.get("retry-after", "")
    if wait.isdigit():
        return float(wait)
    reset = headers.get("x-ratelimit-reset", "")
    return max(1.0, float(reset) - time.time()) if is_spent and reset.isdigit() else 0.0


def url_part(part: str) -> str:
    """Return a text as one component of a path of the API."""
    return urllib.parse.quote(part, safe="")


def ref_path(branch: str) -> str:
    """Return where a branch stands; its slashes are part of the path."""
    return f"/git/ref/heads/{urllib.parse.quote(branch)}"
