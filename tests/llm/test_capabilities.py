"""What a refusal teaches: one step down, only where the server says so."""

import pytest

from codeorch.llm.capabilities import Capabilities, step_down
from codeorch.llm.context_limits import context_of
from codeorch.llm.known_servers import KnownServers
from codeorch.llm.service_errors import Problem

REQUEST = {
    "model": "m", "messages": [{"role": "system", "content": "s"}], "max_tokens": 16_000,
    "tools": [{}], "tool_choice": "auto", "stream": True, "stream_options": {}, "temperature": 0.7,
}  # fmt: skip
KNOWN = Capabilities()


def learnt(message, status=400, param="", known=KNOWN, request=REQUEST, **more):
    problem = Problem(status=status, message=message, param=param, **more)
    return step_down(known, problem, request, chars=30_000)


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("registry.ollama.ai/library/gemma does not support tools", 400),
        ("No endpoints found that support tool use.", 404),
        ("tools param requires --jinja flag", 500),
        ('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser', 400),
        ("Function calling is not enabled for this model", 400),
        ("body.tools: Extra inputs are not permitted", 422),
    ],
)
def test_tools_are_left_out_by_a_server_that_refuses_them(message, status):
    assert learnt(message, status).form == "json"


def test_forms_step_down_from_schema_to_text():
    strict = Capabilities(form="strict")
    tool = learnt("Invalid schema for function 'plan': 'required' is required", known=strict)
    assert tool.form == "tool"
    assert learnt("tools are not supported", known=tool).form == "json"
    without = {"messages": [], "response_format": {"type": "json_object"}}
    json = Capabilities(form="json")
    assert (
        learnt("'response_format.type' must be 'text'", known=json, request=without).form == "text"
    )


@pytest.mark.parametrize(
    ("message", "param", "part"),
    [
        ("Unsupported parameter", "stream_options", "stream_options"),
        ("Unrecognized request argument supplied: stream_options", "", "stream_options"),
        ("Streaming is not supported", "", "stream"),
        ("Only the default (1) value is supported", "temperature", "temperature"),
        ("The tool_choice parameter does not support being set to object in thinking mode", "",
         "tool_choice"),
        ("System role not supported", "", "system"),
    ],
)  # fmt: skip
def test_what_is_refused_by_name_is_left_out(message, param, part):
    assert learnt(message, param=param).refused == {part}


def test_the_limit_of_an_answer_is_called_otherwise_or_lower():
    said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    assert learnt(said, param="max_tokens").limit_name == "max_completion_tokens"
    for said in (
        "max_tokens: 16000 > 4096, which is the maximum allowed number of output tokens",
        "max_tokens is too large: 16000. This model supports at most 4096 completion tokens",
        "Invalid max_tokens value, the valid range of max_tokens is [1, 4,096]",
    ):
        assert learnt(said).longest_answer == 4096
    assert learnt("max_tokens is not supported").limit_name == ""


def test_what_is_known_already_is_no_lesson():
    said = "max_tokens is not supported; use max_completion_tokens"
    first = learnt(said)
    assert learnt(said, known=first) is None
    refused = learnt("max_tokens is not supported")
    assert learnt("max_tokens is not supported", known=refused) is None


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504, 529])
def test_a_gateway_that_fails_teaches_nothing(status):
    assert learnt("tools are not supported here", status) is None


@pytest.mark.parametrize(
    "message",
    ["Bad Request", "", "messages.3: tool_use ids were found without results", "the model is busy"],
)
def test_a_refusal_that_names_nothing_teaches_nothing(message):
    assert learnt(message) is None


def test_what_was_not_sent_is_not_left_out():
    bare = {"model": "m", "messages": []}
    assert learnt("temperature is not supported", request=bare) is None


@pytest.mark.parametrize(
    ("message", "window", "question"),
    [
        (("This model's maximum context length is 8192 tokens. However, you requested 20000 tokens "
         "(4000 in the messages, 16000 in the completion)."), 8192, 4000),
        (("'max_tokens' or 'max_completion_tokens' is too large: 16000. This model's maximum "
            "context "
         "length is 8192 tokens and your request has 4000 input tokens (16000 > 8192 - 4000)."),
         8192, 4000),
        (("This model's maximum context length is 8192 tokens. However, your messages resulted in "
         "9000 tokens."), 8192, 9000),
        (("This endpoint's maximum context length is 8,192 tokens. However, you requested about "
         "20000 tokens (4000 of text input, 16000 in the output)."), 8192, 4000),
        ("request (9000 tokens) exceeds the available context size (8192 tokens)", 8192, 9000),
        ("the model is loaded with context length of only 8192 tokens, which is not enough",
         8192, 0),
        ("input length and `max_tokens` exceed context limit: 4000 + 16000 > 8192", 8192, 4000),
        ("prompt is too long: 9000 tokens > 8192 maximum", 8192, 9000),
        (("`inputs` tokens + `max_new_tokens` must be <= 8192. Given: 4000 `inputs` tokens and "
         "16000 `max_new_tokens`; the input is too long"), 8192, 4000),
        (("Prompt contains 9000 tokens and 0 draft tokens, too large for model with 8192 maximum "
         "context length"), 8192, 9000),
        ("The input token count (9000) exceeds the maximum number of tokens allowed (8192).",
         8192, 9000),
        ("The input (9000 tokens) is longer than the model's context length (8192 tokens).",
         8192, 9000),
    ],
)  # fmt: skip
def test_windows_are_read_in_the_words_of_many_servers(message, window, question):
    found = context_of(Problem(status=400, message=message), 16_000, 5_000)
    assert (found.tokens, found.question) == (window, question)


def test_numbers_beside_the_message_count():
    fields = {"n_ctx": 8192, "n_prompt_tokens": 9000}
    problem = Problem(status=400, code="exceed_context_size_error", message="no", fields=fields)
    assert context_of(problem, 100, 100).tokens == 8192


def test_without_a_number_the_next_smaller_usual_window_is_tried():
    problem = Problem(status=500, message="input length exceeds maximum context length")
    first = step_down(KNOWN, problem, REQUEST, chars=15_000)
    assert first.context == 16_384
    fitting = {**REQUEST, "max_tokens": 11_000}
    assert step_down(first, problem, fitting, chars=15_000).context == 8192


def test_a_window_that_did_not_help_makes_the_guess_of_tokens_higher():
    said = "maximum context length is 8192 tokens"
    first = learnt(said)
    second = learnt(said, known=first)
    assert second.context == first.context
    assert second.chars_a_token < first.chars_a_token


# ------------------------------------------------------------------------------- kept


def test_what_is_learnt_holds_for_later_runs_and_for_other_models_of_the_server(tmp_path):
    file = tmp_path / "servers.json"
    first = KnownServers(file, "http://one/v1", KNOWN, is_uniform=True)
    first.learn("small", Capabilities(form="text", refused=frozenset({"stream"}), context=8192))
    later = KnownServers(file, "http://one/v1", KNOWN, is_uniform=True)
    assert later.of("small") == later.of("other") == first.of("small")
    assert KnownServers(file, "http://two/v1", KNOWN, is_uniform=True).of("small") == KNOWN


def test_models_of_a_large_provider_are_learnt_one_by_one(tmp_path):
    file = tmp_path / "servers.json"
    KnownServers(file, "u", KNOWN, is_uniform=False).learn("small", Capabilities(form="text"))
    later = KnownServers(file, "u", KNOWN, is_uniform=False)
    assert (later.of("small").form, later.of("large").form) == ("text", "tool")


def test_what_was_learnt_is_tried_again_after_a_week_whatever_was_learnt_since(
    tmp_path, monkeypatch
):
    file = tmp_path / "servers.json"
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)

    def server():
        return KnownServers(file, "u", KNOWN, is_uniform=False)

    server().learn("old", Capabilities(form="text"))
    now += 6 * 86_400
    server().learn("new", Capabilities(form="json"))
    longer = server()
    longer.learn("old", Capabilities(form="text", context=8192))
    assert server().of("old").context == 8192
    now += 2 * 86_400
    assert server().of("old") == KNOWN
    assert server().of("new").form == "json"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"form": 9}', '{"form": 1, "servers": {"u": {"m": 3}}}']
)
def test_a_damaged_file_is_as_none(tmp_path, text):
    file = tmp_path / "servers.json"
    file.write_text(text)
    assert KnownServers(file, "u", KNOWN, is_uniform=True).of("m") == KNOWN
