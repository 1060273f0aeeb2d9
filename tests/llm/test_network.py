"""The way to a server: certificates, proxies, addresses, keys; each failure names its cause."""

import asyncio
import shutil
import socket
import ssl
import subprocess

import pytest

from codeorch.errors import ServiceError
from codeorch.llm import Conversation, Prompt, open_service
from codeorch.llm.network import is_local

PROVIDERS = {"anthropic": "", "openai-compatible": "/v1"}
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY",
             "ALL_PROXY", "NO_PROXY")  # fmt: skip


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(params=PROVIDERS)
def ask(request):
    def ask(url, **more):
        async def once():
            model = open_service(request.param, url=url + PROVIDERS[request.param], **more)
            try:
                prompt = Prompt(
                    key="k", model="m", conversation=Conversation().say("hello"), timeout_s=5.0
                )
                return (await model.ask(prompt)).text
            finally:
                await model.aclose()

        return asyncio.run(once())

    return ask


def failure(ask, url, **more):
    with pytest.raises(ServiceError) as failed:
        ask(url, **more)
    return failed.value


@pytest.fixture
def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Make an authority of one's own, with a certificate for this machine and an expired one."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "2", "-subj", "/CN=Own Authority")  # fmt: skip
    for name, where in (("good", "IP:127.0.0.1"), ("other", "DNS:elsewhere.invalid")):
        (folder / "ext").write_text(f"subjectAltName={where}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                f"{name}.csr", "-subj", "/CN=test")  # fmt: skip
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days",
                "2", "-CAcreateserial", "-out", f"{name}.pem", "-extfile", "ext")  # fmt: skip
    return folder


@pytest.fixture
def serve_tls(serve, answer, authority):
    """Serve over TLS with one of the authority's certificates; gives the server's address."""

    def start(name="good"):
        api = serve(lambda *_: answer(text="ok"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority / f"{name}.pem", authority / f"{name}.key")
        server = api._server
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.handle_error = lambda *_: None  # whoever trusts no certificate goes away
        api.url = api.url.replace("http:", "https:")
        return api

    return start


def test_an_unknown_authority_is_named_with_its_remedy(ask, serve_tls):
    with serve_tls() as api:
        failed = failure(ask, api.url)
    assert failed.kind == "certificate"
    assert not failed.retryable
    assert "SSL_CERT_FILE" in str(failed)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_an_authority_that_is_named_is_trusted(ask, serve_tls, authority, monkeypatch, variable):
    monkeypatch.setenv(variable, str(authority / "ca.pem"))
    with serve_tls() as api:
        assert ask(api.url) == "ok"


def test_another_host_is_said_and_no_remedy_is_promised(ask, serve_tls, authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    with serve_tls("other") as api:
        failed = failure(ask, api.url)
    assert "127.0.0.1" in str(failed)
    assert "SSL_CERT_FILE" not in str(failed)


def test_a_file_of_certificates_that_is_not_there_is_named(ask, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    failed = failure(ask, "https://127.0.0.1:9")
    assert failed.kind == "certificate"
    assert "SSL_CERT_FILE names /nowhere/ca.pem" in str(failed)


def test_a_server_without_tls_is_told_apart(ask, serve, answer):
    with serve(lambda *_: answer(text="ok")) as api:
        failed = failure(ask, api.url.replace("http:", "https:"))
    assert "does not speak TLS" in str(failed)
    assert "http://127.0.0.1" in str(failed)


def test_nobody_there_is_said_with_the_address(ask, closed_port):
    failed = failure(ask, f"http://127.0.0.1:{closed_port}")
    assert (failed.kind, failed.retryable) == ("connection", True)
    assert f"127.0.0.1:{closed_port}" in str(failed)
    assert "refused" in str(failed)


@pytest.mark.parametrize(
    ("variable", "scheme"), [("HTTP_PROXY", "http"), ("ALL_PROXY", "http"), ("ALL_PROXY", "socks5")]
)
def test_a_dead_proxy_is_named_without_its_password(
    ask, closed_port, monkeypatch, variable, scheme
):
    monkeypatch.setenv(variable, f"{scheme}://me:secret@127.0.0.1:{closed_port}")
    failed = failure(ask, "http://127.0.0.1:9")
    assert (failed.kind, failed.retryable) == ("proxy", False)
    assert f"{scheme}://127.0.0.1:{closed_port} ({variable})" in str(failed)
    assert "secret" not in str(failed)


def test_a_host_that_needs_no_proxy_gets_none(ask, serve, answer, closed_port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve(lambda *_: answer(text="ok")) as api:
        assert ask(api.url) == "ok"


def test_a_proxy_of_a_kind_that_is_not_known_is_named(ask, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:70")
    failed = failure(ask, "http://127.0.0.1:9")
    assert failed.kind == "proxy"
    assert "ALL_PROXY" in str(failed)


def test_no_redirect_is_followed(ask, serve, answer):
    away = answer(status=307, headers={"location": "http://127.0.0.1:9/elsewhere"})
    with serve(lambda *_: away) as api:
        failed = failure(ask, api.url)
    assert (failed.kind, failed.retryable) == ("redirect", False)
    assert "http://127.0.0.1:9/elsewhere" in str(failed)
    assert len(api.requests) == 1


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://localhost", "http://"])
def test_what_is_no_address_is_said(ask, url):
    assert failure(ask, url).kind in ("address", "connection")


def test_local_addresses_are_told():
    local = ("http://localhost:1", "http://127.0.0.1", "http://192.168.1.7:8080/v1", "http://[::1]:1",
             "http://ollama:11434/v1", "http://box.local")  # fmt: skip
    assert all(map(is_local, local))
    assert not any(map(is_local, ("https://api.openai.com/v1", "http://8.8.8.8", "nothing")))
