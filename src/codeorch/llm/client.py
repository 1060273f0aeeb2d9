"""What the clients of all providers have in common: Prompt -> RawAnswer, or what went wrong."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from codeorch.errors import ServiceError
from codeorch.llm import network
from codeorch.llm.capabilities import Capabilities
from codeorch.llm.event_stream import Events, NotAnApi
from codeorch.llm.model import Prompt
from codeorch.llm.parse_answer import RawCall
from codeorch.llm.service_errors import ProblemError, problem_of

_NO_KEY = "none"

# Hears how many characters of an answer have come since the last time; 0 = a sign of life.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to ask, and who pays: the key, and the variable that it comes from.

    `start` is what starts it, where that is the user's to do.
    """

    url: str
    key: str = field(default="", repr=False)
    key_name: str = ""
    start: str = ""

    @property
    def sent_key(self) -> str:
        """The key as it is sent: servers at home want none, the packages want one."""
        return self.key or _NO_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """A whole answer as the service gave it; nothing of it is read yet."""

    content: object = ""  # a text, a list of parts, or nothing
    calls: tuple[RawCall, ...] = ()
    reasoning: str = ""  # that came beside the content
    thinking: tuple[Mapping[str, Any], ...] = ()  # blocks to be sent back as they are
    stop: str = ""  # as the service names it
    counts: Mapping[str, Any] = field(default_factory=dict)  # of tokens, as the service tells them
    model: str = ""


class Client(Protocol):
    """One server, asked by the package of its provider."""

    def request_of(self, prompt: Prompt, known: Capabilities) -> dict[str, Any]:
        """Write a prompt as the server wants it."""
        ...

    def open(self) -> None:
        """Import the package and open its client, before any time is counted.

        Raises:
            ServiceError: the address, a proxy or certificates cannot be used.
        """
        ...

    async def send(
        self, request: Mapping[str, Any], progress: Progress, idle_s: float
    ) -> RawAnswer:
        """Send a request and read the answer to its end.

        At most `idle_s` seconds pass to the first byte, and between two of them; a shorter limit
        is up to whoever hears of the progress.

        Raises:
            ProblemError: the server answered with a problem.
            ServiceError: it cannot be reached, went silent, or is no such server.
        """
        ...

    async def models(self) -> tuple[str, ...]:
        """List the names of the models that the server has; raises as `send` does."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class PackageClient(ABC):
    """A client over a provider's package, which is opened when it is first needed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._url = server.url.rstrip("/")
        self._opened: Any = None

    @abstractmethod
    def _open(self) -> Any:  # noqa: ANN401 - the package's
        """Import the package and open its client; see `Client.open`."""

    def open(self) -> None:
        """Import the package, which takes its time, and open its client; see `Client.open`."""
        self._client()

    async def aclose(self) -> None:
        """Close the connections; asking again opens new ones."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    def _client(self) -> Any:  # noqa: ANN401 - as above
        if self._opened is None:
            self._opened = self._open()
        return self._opened


@contextmanager
def translate_errors(sdk: ModuleType, url: str) -> Iterator[None]:
    """Turn the exceptions of a provider's package and of its HTTP client into ours."""
    import httpx2  # noqa: PLC0415 - loaded with the package

    try:
        yield
    except sdk.APIStatusError as error:
        raise _problem_error(error) from error
    except (sdk.APITimeoutError, httpx2.ReadTimeout) as error:
        if isinstance(error.__cause__, httpx2.ConnectTimeout):
            raise network.failure_of(error.__cause__, url) from error
        raise silence() from error
    except (sdk.APIConnectionError, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise network.failure_of(error, url) from error
    except httpx2.HTTPError as error:
        raise cut_off() from error
    except NotAnApi as error:
        raise not_api(url, str(error)) from error


def _problem_error(error: Any) -> ProblemError:  # noqa: ANN401 - an error of one of the packages
    response = error.response
    body = error.body if error.body is not None else response.text
    if 300 <= error.status_code < 400:
        body = f"to {response.headers.get('location', 'nowhere')}"
    name = type(error).__name__
    return ProblemError(problem_of(error.status_code, body, response.headers, name))


def events_of(response: Any, progress: Progress) -> Events:  # noqa: ANN401 - one of the packages'
    """Return what a response holds: events, or the one body of a server that does not stream."""
    progress(0)
    _check_encoding(response)
    kind = response.headers.get("content-type", "")
    is_whole = "json" in kind or "html" in kind
    chunks: AsyncIterator[bytes] = response.iter_bytes()
    return Events(chunks, is_stream=not is_whole, on_chunk=lambda: progress(0))


def _check_encoding(response: Any) -> None:  # noqa: ANN401 - one of the packages'
    """Refuse an encoding that nobody asked for: what comes in it would look like a cut answer.

    Raises:
        ServiceError: the answer is written in one.
    """
    encoding = response.headers.get("content-encoding", "identity").casefold()
    asked = response.http_response.request.headers.get("accept-encoding", "")
    unknown = [one for one in encoding.replace(",", " ").split() if one not in asked]
    if unknown and unknown != ["identity"]:
        raise ServiceError(
            f"the answer is compressed as {unknown[0]}, which was not asked for and cannot be "
            "read; a proxy or gateway on the way is set up wrongly",
            kind="not_api",
            retryable=False,
        )


def refuse_errors(value: object, url: str) -> Mapping[str, Any]:
    """Return an event as a mapping.

    Raises:
        ProblemError: it is an error that came in place of an answer.
        ServiceError: it is nothing that this API knows.
    """
    if isinstance(value, Mapping):
        if value.get("error"):
            raise ProblemError(problem_of(200, value))
        return value
    raise not_api(url, str(value)[:80])


def cut_off() -> ServiceError:
    """Return the failure of an answer that ends before its end."""
    return ServiceError(
        "the answer was cut off on the way: the connection broke off",
        kind="cut_stream",
        retryable=True,
    )


def silence() -> ServiceError:
    """Return the failure of a server that says nothing for too long; the caller knows how long."""
    return ServiceError("the service went silent", kind="timeout", retryable=True)


def not_api(url: str, sample: str) -> ServiceError:
    """Return the failure of a server that answers with something else."""
    return ServiceError(
        f"{url} does not answer as a server of models does; check the base URL"
        + (f" (it says: {sample})" if sample else ""),
        kind="not_api",
        retryable=False,
    )
