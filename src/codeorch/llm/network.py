"""The way to a server: certificates, proxies and addresses, and what failed on it in words."""

import errno
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from codeorch.errors import ServiceError

_LOCAL_NAMES = ("localhost", "host.docker.internal", "host.containers.internal")
_LOCAL_ENDS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
_STORES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")  # the first that is set counts
_UNTRUSTED = frozenset({2, 18, 19, 20, 21})  # OpenSSL's codes of an issuer that nobody knows


def http_options(url: str) -> dict[str, Any]:
    """Return how the HTTP client of a provider's package is opened.

    No redirect is followed: it would take the key and the code to another host. Certificates are
    those of SSL_CERT_FILE, SSL_CERT_DIR or REQUESTS_CA_BUNDLE, else the system's.

    Raises:
        ServiceError: the address, a proxy's or one of the certificates' cannot be used.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise _final("address", f"{url or 'an empty text'} is no base URL: it must begin with "
                     "http:// or https:// and name a host")  # fmt: skip
    options: dict[str, Any] = {"follow_redirects": False}
    if url.startswith("https"):
        options["verify"] = _certificates()
    return options


def open_client(client: Any, url: str) -> Any:  # noqa: ANN401 - a class of one of the packages
    """Open an HTTP client for a server.

    Raises:
        ServiceError: as `http_options` does.
    """
    options = http_options(url)
    try:
        return client(**options)
    except (ImportError, ValueError) as error:
        name, proxy = proxy_of(url)
        hint = "; install it with `pip install socksio`" if isinstance(error, ImportError) else ""
        raise _final("proxy", f"the proxy {_bare(proxy)} ({name}) cannot be used: {error}{hint}; "
                     "NO_PROXY names hosts that need none") from error  # fmt: skip


def proxy_of(url: str) -> tuple[str, str]:
    """Return the variable that names the proxy for an address, and the proxy; empty without."""
    parts = urlsplit(url)
    proxies = getproxies()
    if not parts.hostname or proxy_bypass(parts.hostname):
        return "", ""
    for scheme in (parts.scheme, "all"):
        if proxy := proxies.get(scheme):
            return f"{scheme.upper()}_PROXY", proxy
    return "", ""


def is_local(url: str) -> bool:
    """Tell whether an address is on this machine or in this house: nobody sends a bill for it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return (
            host in _LOCAL_NAMES or host.endswith(_LOCAL_ENDS) or (bool(host) and "." not in host)
        )
    return address.is_loopback or address.is_private or address.is_link_local


def failure_of(error: BaseException, url: str) -> ServiceError:
    """Say what failed on the way to a server, before it began to answer."""
    chain = list(_causes(error))
    name, proxy = proxy_of(url)
    host = urlsplit(url).netloc.rpartition("@")[2]
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause, host)
        if isinstance(cause, ssl.SSLError):
            return _tls(cause, host, url)
    if proxy:
        why = _why(chain)
        said = f"the proxy {_bare(proxy)} ({name}) for {host} cannot be used: {why}"
        return _final("proxy", f"{said}; NO_PROXY names hosts that need none")
    return ServiceError(
        f"{url} cannot be reached: {_why(chain)}", kind="connection", retryable=True
    )


def _certificates() -> ssl.SSLContext | bool:
    """Return the certificates that are trusted; True = those that the package chooses."""
    name = next((name for name in _STORES if os.environ.get(name)), "")
    if not name:
        return True
    place = os.environ[name]
    try:
        if Path(place).is_dir():
            return ssl.create_default_context(capath=place)
        return ssl.create_default_context(cafile=place)
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or str(error)
        raise _final("certificate", f"{name} names {place}, which cannot be read as certificates: "
                     f"{why}") from error  # fmt: skip


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> ServiceError:
    why = str(error.verify_message or error.reason or error).rstrip(".")
    hint = (
        "; if your company's own authority has issued it, name its file in SSL_CERT_FILE"
        if error.verify_code in _UNTRUSTED
        else ""
    )
    return _final("certificate", f"the certificate of {host} is not trusted: {why}{hint}")


def _tls(error: ssl.SSLError, host: str, url: str) -> ServiceError:
    reason = str(error.reason or error).replace("_", " ").lower()
    if any(words in reason for words in ("wrong version", "record layer", "http request")):
        plain = url.replace("https:", "http:", 1)
        return _final("connection", f"{host} does not speak TLS ({reason}); try {plain}")
    return ServiceError(f"TLS with {host} failed: {reason}", kind="connection", retryable=True)


def _why(chain: list[BaseException]) -> str:
    for cause in chain:
        if isinstance(cause, socket.gaierror):
            return f"its name is not known ({cause.strerror or cause})"
        if isinstance(cause, ConnectionRefusedError) or _is_refused(cause):
            return "connection refused; nobody listens there"
        if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
            return "no connection within the time"
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror).lower()
    last = next((str(cause) for cause in reversed(chain) if str(cause)), type(chain[0]).__name__)
    return re.sub(r"\s+", " ", last)


def _is_refused(cause: BaseException) -> bool:
    """Tell whether it was refused: asyncio joins the failures of several addresses."""
    return isinstance(cause, OSError) and (
        cause.errno == errno.ECONNREFUSED or "Connect call failed" in str(cause)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that it came from, those in groups as well."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__


def _bare(proxy: str) -> str:
    """Leave out the name and the password of a proxy's address."""
    return re.sub(r"//[^/@]*@", "//", proxy)


def _final(kind: str, message: str) -> ServiceError:
    return ServiceError(message, kind=kind, retryable=False)
