"""Anthropic's models in other clouds, by the package's own clients, from a server on this machine.

The clients need packages that the project does not: `pip install 'anthropic[bedrock,vertex]'`.
"""

import asyncio
import base64
import json
import os
import struct
import sys
import zlib
from dataclasses import replace

import pytest

from codeorch.errors import ServiceError
from codeorch.llm import Conversation, Prompt, Tool, open_service

MODEL = "claude-opus-5-5"
FORM = Tool(name="form", description="", schema={"type": "object"}, is_form=True)
PROMPT = Prompt(
    key="k", model=MODEL, conversation=Conversation(system="s", tools=(FORM,)).say("hello"),
    answer_tool="form", timeout_s=20.0,
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("AWS_", "GOOGLE_", "CLOUD_ML_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))


def ask(provider, url="", prompt=PROMPT):
    async def once():
        model = open_service(provider, url=url)
        try:
            return await model.ask(prompt)
        finally:
            await model.aclose()

    return asyncio.run(once())


@pytest.fixture
def bedrock(monkeypatch):
    pytest.importorskip("boto3", reason="needs pip install 'anthropic[bedrock]'")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")


@pytest.fixture
def vertex(monkeypatch, tmp_path):
    """Credentials of a service account whose tokens come from the test's own server."""
    pytest.importorskip("google.auth", reason="needs pip install 'anthropic[vertex]'")
    pytest.importorskip("requests", reason="needs pip install 'anthropic[vertex]'")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path / "account.json"

    def at(url):
        file.write_text(json.dumps({
            "type": "service_account", "project_id": "plots", "private_key": key.decode(),
            "client_email": "a@example.org", "token_uri": f"{url}/token",
        }))  # fmt: skip
        return url

    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    monkeypatch.setenv("CLOUD_ML_REGION", "europe-west1")
    monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "plots")
    return at


# ------------------------------------------------------------------------------- what is missing


@pytest.mark.parametrize(
    ("provider", "package"),
    [("bedrock", "boto3"), ("bedrock", "botocore"), ("vertex", "google.auth")],
)
def test_a_missing_package_is_named_with_what_installs_it(monkeypatch, provider, package):
    for name in ("boto3", "botocore", "google", "google.auth", "requests"):
        monkeypatch.setitem(sys.modules, name, None if name == package else sys)
    with pytest.raises(ServiceError) as failed:
        ask(provider)
    assert f"pip install 'anthropic[{provider}]'" in str(failed.value)
    assert f"needs the package {package.replace('.', '-')}:" in str(failed.value)
    assert "\n" not in str(failed.value)
    assert not failed.value.retryable


@pytest.mark.parametrize(
    ("provider", "variable"), [("bedrock", "AWS_REGION"), ("vertex", "CLOUD_ML_REGION")]
)
def test_a_missing_region_is_said_in_our_words(request, monkeypatch, provider, variable):
    request.getfixturevalue(provider)
    monkeypatch.delenv(variable)
    with pytest.raises(ServiceError) as failed:
        ask(provider)
    said = f"the provider {provider} cannot be used: no region is set; give it in {variable}"
    assert str(failed.value).startswith(said)
    assert "argument" not in str(failed.value)


def test_missing_credentials_of_bedrock_are_one_line(bedrock, monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(ServiceError, match=r"bedrock cannot be used: .*credentials") as failed:
        ask("bedrock", "http://127.0.0.1:9")
    assert (failed.value.kind, "\n" in str(failed.value)) == ("auth", False)


def test_missing_credentials_of_vertex_are_one_line(vertex, monkeypatch, tmp_path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(ServiceError, match="vertex cannot be used: ") as failed:
        ask("vertex", "http://127.0.0.1:9")
    assert (failed.value.kind, "\n" in str(failed.value)) == ("auth", False)


def test_a_missing_project_of_vertex_is_said_in_our_words(vertex, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_VERTEX_PROJECT_ID")
    said = "no project is set; give it in ANTHROPIC_VERTEX_PROJECT_ID"
    with pytest.raises(ServiceError, match=said):
        ask("vertex", vertex("http://127.0.0.1:9"))


# ------------------------------------------------------------------------------- asked


def frame(payload, **headers):
    """One message of an AWS event stream."""
    named = b"".join(
        bytes([len(name) + 1]) + f":{name.replace('_', '-')}".encode()
        + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in headers.items()
    )  # fmt: skip
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(named) + len(body), len(named))
    head = prelude + struct.pack(">I", zlib.crc32(prelude)) + named + body
    return head + struct.pack(">I", zlib.crc32(head))


def framed(event):
    event = base64.b64encode(json.dumps(event).encode()).decode()
    return frame({"bytes": event}, event_type="chunk", message_type="event")


def test_bedrock_streams_an_answer(serve, answer, bedrock):
    brain = lambda *_: answer(text="the edit", tool={"name": "form", "input": {"a": 1}},  # noqa: E731
                              frame=framed)  # fmt: skip
    with serve(brain) as api:
        reply = ask("bedrock", api.url)
    assert (reply.text, reply.form_of("form")) == ("the edit", {"a": 1})
    assert reply.usage.input_tokens == 11
    assert api.paths == [f"/model/{MODEL}/invoke-with-response-stream"]
    assert api.headers[0]["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")


@pytest.mark.parametrize(
    ("exception", "kind"),
    [("throttlingException", "rate_limited"), ("modelStreamErrorException", "server"),
     ("validationException", "bad_request")],
)  # fmt: skip
def test_an_exception_in_bedrocks_stream_is_a_failure(serve, answer, bedrock, exception, kind):
    def spoil(_event):
        return frame({"message": "no"}, exception_type=exception, message_type="exception")

    with serve(lambda *_: answer(frame=spoil)) as api, pytest.raises(ServiceError) as failed:
        ask("bedrock", api.url)
    assert (failed.value.kind, "no" in str(failed.value)) == (kind, True)


@pytest.mark.parametrize("provider", ["bedrock", "vertex"])
def test_a_wrong_model_of_a_cloud_is_said_though_none_are_listed(
    serve, answer, bedrock, vertex, provider
):
    said = "The provided model identifier is invalid."
    wrong = pytest.raises(ServiceError, match="model 'x' of")
    with serve(lambda *_: answer(status=400, message=said)) as api, wrong as failed:
        ask(provider, vertex(api.url), replace(PROMPT, model="x"))
    assert failed.value.kind == "unknown_model"


def test_vertex_streams_an_answer(serve, answer, vertex):
    with serve(lambda *_: answer(text="ok")) as api:
        reply = ask("vertex", vertex(api.url))
    assert reply.text == "ok"
    place = "projects/plots/locations/europe-west1/publishers/anthropic/models"
    assert api.paths == [f"/{place}/{MODEL}:streamRawPredict"]
    assert api.headers[0]["Authorization"] == "Bearer the-token"
