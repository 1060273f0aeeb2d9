"""What a server says is wrong -> a ServiceError: what it means, and whether to ask again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from codeorch.errors import ServiceError
from codeorch.llm.retry_waits import wait_of

_LONGEST = 400  # characters of a server's own words
_LOADING_S = 5.0  # until a server is asked again that is still loading its model

# By HTTP status: kind, whether asking again can help, what it means.
_STATUSES: Mapping[int, tuple[str, bool, str]] = {
    400: ("bad_request", False, "the service did not understand the request"),
    401: ("auth", False, "the key is not accepted"),
    402: ("quota", False, "the account cannot pay for this; see its billing page"),
    403: ("auth", False, "the key may not do this; check its permissions"),
    404: ("unknown_model", False, "no such model or address"),
    405: ("not_api", False, "no such address; check the base URL"),
    408: ("timeout", True, "the service gave up waiting"),
    409: ("server", True, "the service had a conflict"),
    413: ("too_large", False, "the request is too large"),
    422: ("bad_request", False, "the service did not understand the request"),
    429: ("rate_limited", True, "too many requests"),
    501: ("bad_request", False, "the service cannot do this"),
    502: ("server", True, "a gateway on the way failed"),
    503: ("server", True, "the service is not available"),
    504: ("server", True, "a gateway on the way waited too long"),
    529: ("overloaded", True, "the service is overloaded"),
}
# By the type or code of an error that comes with no status of its own.
_TYPES: Mapping[str, int] = {
    "authentication_error": 401, "invalid_api_key": 401, "permission_error": 403,
    "billing_error": 402, "insufficient_quota": 402, "not_found_error": 404,
    "model_not_found": 404, "request_too_large": 413, "rate_limit_error": 429,
    "rate_limit_exceeded": 429, "overloaded_error": 529, "timeout_error": 504, "api_error": 500,
    "server_error": 500, "invalid_request_error": 400, "context_length_exceeded": 400,
    "exceed_context_size_error": 400, "unavailable_error": 503,
    "throttlingexception": 429, "validationexception": 400, "modeltimeoutexception": 504,
    "internalserverexception": 500, "serviceunavailableexception": 503,
}  # fmt: skip
_NO_STATUS = 502  # of an error without any: whoever stands in between failed

_QUOTA_CODES = frozenset({"insufficient_quota", "billing_error", "billing_hard_limit_reached",
                          "billing_not_active", "insufficient_credits"})  # fmt: skip
_QUOTA = re.compile(
    r"credit balance|insufficient (?:quota|credit|balance|fund)|exceeded your current quota"
    r"|(?:spend(?:ing)?|usage|billing) (?:hard )?limit|out of credit|requires? more credits"
    r"|can only afford|payment required|billing",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(
    r"\bmodel\b.{0,120}?(?:not found|does not exist|not exist|no such|unknown|not a valid)"
    r"|(?:unknown|invalid|no such|not a valid) model|model identifier is invalid"
    r"|\bno models? (?:is |are )?loaded",
    re.IGNORECASE | re.DOTALL,
)
_FILTERS = frozenset({"content_filter", "content_policy_violation"})
_PAGE = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)
_NO_KEY = re.compile(
    r"api.?key (?:is |was )?(?:not valid|invalid|expired|missing)"
    r"|(?:invalid|incorrect|missing|expired) (?:x-)?api.?key",
    re.IGNORECASE,
)
_OVERLOADED = re.compile(r"overloaded|over capacity|at capacity", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a server says is wrong: a status, its words, and what it names; nothing is believed."""

    status: int
    message: str = ""
    code: str = ""  # its code or its type
    param: str = ""  # the part of the request that it names
    fields: Mapping[str, Any] = field(default_factory=dict)  # of the error, e.g. `n_ctx`
    is_page: bool = False  # a web page says so, which no service of models writes
    retry_after_s: float | None = None


class ProblemError(Exception):
    """A request that a server answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def problem_of(
    status: int, body: object, headers: Mapping[str, str] | None = None, code: str = ""
) -> Problem:
    """Read an error in any of the forms that servers give it.

    A status of 200 means that the error came in place of an answer: then its own code counts.
    `code` is another name of the error, where the body has none.
    """
    inner = _inner(body)
    own = str(inner.get("code") or "")
    kind = str(inner.get("type") or inner.get("status") or "")
    message = " ".join(" ".join(_words(body)).split())[:_LONGEST]
    named = own if own and not own.isdigit() else kind
    return Problem(
        status=status if status >= 300 else _status_in(own, kind),
        message=message,
        code=(named or code).casefold(),
        param=str(inner.get("param") or ""),
        fields=inner,
        is_page=isinstance(body, str) and bool(_PAGE.match(body)),
        retry_after_s=wait_of(headers or {}, message, str(inner.get("details") or "")),
    )


def error_of(problem: Problem, *, key_name: str = "") -> ServiceError:
    """Say what a problem means for whoever asked. `key_name` is the variable that holds the key."""
    status, message = problem.status, problem.message
    kind, retryable, meaning = _STATUSES.get(
        _status_in_words(problem),
        ("server", status >= 500, f"the service failed with status {status}"),
    )
    if 300 <= status < 400:
        kind, retryable, meaning = "redirect", False, "the address redirects, which is not followed"
    elif kind == "auth":
        meaning = _who_refuses(problem, meaning, key_name)
    elif kind == "bad_request" and problem.code in _FILTERS:
        meaning = "the service's content filter refuses the question"
    wait_s = problem.retry_after_s
    if wait_s is None and status == 503 and "loading" in message.casefold():
        wait_s = _LOADING_S
    return ServiceError(
        f"{meaning} ({message})" if message else meaning,
        kind=kind,
        retryable=retryable,
        retry_after_s=wait_s if retryable else None,
    )


def _status_in_words(problem: Problem) -> int:
    """Return the status that says what the words of a problem say; else its own."""
    status, message = problem.status, problem.message
    if _is_quota(problem):
        return 402
    if problem.code == "overloaded_error" or (status >= 500 and _OVERLOADED.search(message)):
        return 529
    if status == 400 and _NO_KEY.search(message):  # Google
        return 401
    if (status in (400, 422) or status >= 500) and _names_no_model(problem):
        return 404
    return status


def _who_refuses(problem: Problem, meaning: str, key_name: str) -> str:
    """Say who lets nobody in: a page does not come from the service, and says nothing of a key."""
    if problem.is_page:
        return f"a proxy or firewall on the way answers with status {problem.status}"
    return f"{meaning}; check {key_name}" if key_name else meaning


def _is_quota(problem: Problem) -> bool:
    """Whether only money helps; who says when to come again means the pace."""
    if problem.code in _QUOTA_CODES or "spendlimit" in problem.code.replace("_", ""):
        return True
    if problem.status not in (400, 402, 403, 429) or not _QUOTA.search(problem.message):
        return False
    return problem.status != 429 or problem.retry_after_s is None


def _names_no_model(problem: Problem) -> bool:
    if problem.code == "model_not_found":
        return True
    return problem.status in (400, 422, 500) and bool(_UNKNOWN_MODEL.search(problem.message))


# ------------------------------------------------------------------------------- bodies


def _inner(body: object) -> Mapping[str, Any]:
    """Return the error in a body: OpenAI's, Anthropic's, FastAPI's, Google's, or a plain one."""
    if isinstance(body, list) and len(body) == 1:
        return _inner(body[0])
    if not isinstance(body, Mapping):
        return {}
    error = body.get("error")
    return error if isinstance(error, Mapping) else body


def _words(value: object) -> Iterator[str]:
    """Yield what an error says, whatever it is put in."""
    if isinstance(value, str):
        yield re.sub(r"<(?:style|script).*?</\w+>|<[^<>]*>", " ", value, flags=re.DOTALL)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)
    elif isinstance(value, Mapping):
        if isinstance(place := value.get("loc"), list):
            yield ".".join(map(str, place)) + ":"
        for name in ("error", "message", "msg", "detail", "error_description", "metadata", "raw"):
            yield from _words(value.get(name))


def _status_in(code: str, kind: str) -> int:
    if re.fullmatch("[45][0-9][0-9]", code):
        return int(code)
    known = (_TYPES.get(name.casefold()) for name in (code, kind))
    return next(filter(None, known), _NO_STATUS)
