"""What servers say is wrong, in the forms and words that they really use."""

import ast
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.llm.failure_kinds import KINDS
from codeorch.llm.service_errors import Problem, error_of, problem_of

OPENAI = {"error": {"message": "too hot", "type": "invalid_request_error", "param": "temperature",
                    "code": "unsupported_value"}}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (OPENAI, "too hot", "unsupported_value"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, "busy",
         "overloaded_error"),
        ({"error": "llama does not support tools"}, "llama does not support tools", ""),
        ({"detail": "Not Found"}, "Not Found", ""),
        ({"detail": [{"loc": ["body", "n"], "msg": "Extra inputs", "type": "extra"}]},
         "body.n: Extra inputs", ""),
        ({"object": "error", "message": "too long", "code": 400}, "too long", ""),
        ([{"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}],
         "slow down", "resource_exhausted"),
        ({"error": {"message": "Provider returned error", "code": 502,
                    "metadata": {"raw": "upstream is gone"}}},
         "Provider returned error upstream is gone", ""),
        ("<html><style>p {}</style><h1>502 Bad\n Gateway</h1></html>", "502 Bad Gateway", ""),
        (None, "", ""),
    ],
)  # fmt: skip
def test_a_body_of_any_form_is_read(body, message, code):
    problem = problem_of(400, body)
    assert (problem.message, problem.code) == (message, code)


def test_an_error_in_place_of_an_answer_has_its_own_status():
    def status(code, kind=""):
        return problem_of(200, {"error": {"message": "x", "code": code, "type": kind}}).status

    assert [status(502), status("429"), status("insufficient_quota")] == [502, 429, 402]
    assert [status(None, "overloaded_error"), status(None, "odd"), status(None)] == [529, 502, 502]


@pytest.mark.parametrize(
    ("problem", "kind", "retryable"),
    [
        (Problem(status=429, message="slow"), "rate_limited", True),
        (Problem(status=429, code="insufficient_quota", message="quota"), "quota", False),
        (Problem(status=429, message="You exceeded your current quota"), "quota", False),
        (Problem(status=429, message="You exceeded your current quota", retry_after_s=20.0),
         "rate_limited", True),
        (Problem(status=429, code="usagespendlimitreachederror"), "quota", False),
        (Problem(status=400, message="Your credit balance is too low"), "quota", False),
        (Problem(status=402, message="Insufficient credits"), "quota", False),
        (Problem(status=529, message="Overloaded"), "overloaded", True),
        (Problem(status=500, message="Overloaded"), "overloaded", True),
        (Problem(status=500, message="oops"), "server", True),
        (Problem(status=502), "server", True),
        (Problem(status=401), "auth", False),
        (Problem(status=404, message="model 'x' not found"), "unknown_model", False),
        (Problem(status=400, message="x is not a valid model ID"), "unknown_model", False),
        (Problem(status=400, message="temperature does not support 0.7 with this model"),
         "bad_request", False),
        (Problem(status=307, message="to http://other"), "redirect", False),
        (Problem(status=418, message="teapot"), "server", False),
    ],
)  # fmt: skip
def test_each_problem_goes_its_own_way(problem, kind, retryable):
    error = error_of(problem)
    assert (error.kind, error.retryable) == (kind, retryable)
    assert problem.message in str(error)


def test_a_refused_key_names_where_it_comes_from():
    assert "check OPENAI_API_KEY" in str(error_of(Problem(status=401), key_name="OPENAI_API_KEY"))


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"retry-after": "7"}, "try again in 3s", 7.0),
        ({"retry-after-ms": "1500"}, "", 1.5),
        ({}, "Please try again in 3.2s.", 3.2),
        ({}, "Please try again in 312ms.", 0.312),
        ({}, "Rate limit reached. Please try again in 6m12s", 372.0),
        ({}, "try again in 1h2m3.5s", 3723.5),
        ({}, "Retry after 20 seconds", 20.0),
        ({}, "Please wait 2 minutes", 120.0),
        ({}, "too many requests", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "inf"}, "try again in 3s", 3.0),
        ({"retry-after-ms": "-5"}, "", 0.0),
        ({"retry-after-ms": "infinity"}, "", None),
        ({}, f"try again in {'9' * 350} s", 0.0),
        ({}, "resets at 2026-13-41T99:99:99Z", None),
        ({"retry-after": "Fri, 99 Nov 2026 99:99:99 GMT"}, "", None),
    ],
)
def test_a_wish_to_wait_is_found_in_headers_and_words(headers, text, seconds):
    assert problem_of(429, {"error": {"message": text}}, headers).retry_after_s == seconds


ODD = st.text() | st.sampled_from(["²", "-1", "inf", "nan", "9" * 5_000, "2026-02-30T10:00:00"])


@given(
    status=st.integers(200, 599),
    code=ODD,
    words=st.lists(ODD | st.sampled_from(["retry", "in", "5", "s", "2026-01-01 25:00:00"])),
    wait=ODD,
)
def test_whatever_a_server_says_is_a_failure_with_a_wait_that_ends(status, code, words, wait):
    body = {"error": {"message": " ".join(words), "code": code, "type": code}}
    problem = problem_of(status, body, {"retry-after": wait, "retry-after-ms": code})
    error = error_of(problem)
    assert error.retry_after_s is None or 0 <= error.retry_after_s < float("inf")
    assert error.kind


def test_a_date_is_a_wish_to_wait_until_then():
    moment = datetime.now(UTC) + timedelta(seconds=40)
    for headers, text in (
        ({"retry-after": format_datetime(moment)}, ""),
        ({}, f"limit resets at {moment.isoformat()}"),
    ):
        waits = problem_of(429, {"error": {"message": text}}, headers).retry_after_s
        assert 30 < waits <= 41


def test_a_model_that_is_loaded_is_waited_for():
    loading = Problem(status=503, message="Loading model")
    assert (error_of(loading).retry_after_s or 0) > 1


def test_every_kind_of_failure_stands_in_the_table():
    statuses = [*range(300, 600)]
    said = ["", "overloaded", "insufficient credits", "model x not found"]
    kinds = {error_of(Problem(status=s, message=m)).kind for s in statuses for m in said}
    assert kinds <= set(KINDS)
    assert {"server", "quota", "redirect", "unknown_model", "overloaded"} <= kinds


def test_a_copy_of_a_failure_differs_in_what_is_named():
    error = error_of(Problem(status=429, message="slow", retry_after_s=3.0))
    changed = error.copy("other", retryable=False)
    assert str(changed) == "other"
    assert changed.fields == {**error.fields, "retryable": False}
    assert str(error.copy()) == str(error)


def kinds_in(source):
    """The kinds of failures that a module's own errors name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ServiceError"):
            for word in node.keywords:
                if word.arg == "kind" and isinstance(word.value, ast.Constant):
                    yield word.value.value


def test_each_kind_of_failure_that_is_raised_stands_in_the_table():
    modules = (Path(__file__).parents[2] / "src" / "codeorch").rglob("*.py")
    raised = {kind for path in modules for kind in kinds_in(path.read_text("utf-8"))}
    assert {"git", "engine", "store", "process"} <= raised
    assert raised <= KINDS.keys()


@pytest.mark.parametrize(
    ("status", "message", "code", "kind", "words"),
    [
        (400, "API key not valid. Please pass a valid API key.", "", "auth", "check THE_KEY"),
        (400, "No models loaded. Please load a model.", "", "unknown_model", "No models loaded"),
        (400, "The response was filtered", "content_filter", "bad_request", "content filter"),
        (500, "The model is overloaded", "", "overloaded", "overloaded"),
    ],
)
def test_words_say_more_than_a_status(status, message, code, kind, words):
    problem = problem_of(status, {"error": {"message": message, "code": code}})
    error = error_of(problem, key_name="THE_KEY")
    assert error.kind == kind
    assert words in str(error)


def test_a_page_says_nothing_of_a_key():
    error = error_of(problem_of(403, "<html><h1>Just a moment...</h1></html>"), key_name="THE_KEY")
    assert "THE_KEY" not in str(error)
    assert "firewall" in str(error)
    assert "403" in str(error)
