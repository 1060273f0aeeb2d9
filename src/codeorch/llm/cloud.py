"""Anthropic's models in other clouds: what their clients lack, in words, and how Bedrock streams.

The anthropic package has a client for each, which finds region and credentials itself.
"""

import base64
import importlib
import importlib.util
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from codeorch.errors import CodeorchError, ServiceError

EVENT_STREAM = "application/vnd.amazon.eventstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A cloud that serves Anthropic's models.

    `client` is the anthropic package's class for it. `extra` brings the packages that it needs, and
    `modules` are those that are imported, by package. `settings` are what it must be told, as the
    anthropic package names it, with where it is set.
    """

    name: str
    client: str
    extra: str
    modules: Mapping[str, str]
    settings: Mapping[str, str]


BEDROCK = Cloud(
    name="bedrock",
    client="AsyncAnthropicBedrock",
    extra="anthropic[bedrock]",
    modules={"boto3": "boto3", "botocore": "botocore"},
    settings={"region": "AWS_REGION, or a region of your AWS profile"},
)
VERTEX = Cloud(
    name="vertex",
    client="AsyncAnthropicVertex",
    extra="anthropic[vertex]",
    modules={"google-auth": "google.auth", "requests": "requests"},
    settings={"region": "CLOUD_ML_REGION", "project_id": "ANTHROPIC_VERTEX_PROJECT_ID"},
)


def open_cloud(cloud: Cloud, sdk: Any, http: Any, base_url: str) -> Any:  # noqa: ANN401 - the package's
    """Open a cloud's client; an empty `base_url` is that of its region.

    Raises:
        ServiceError: it lacks a package, a region, or something else that it names.
    """
    for package, module in cloud.modules.items():
        if not _is_installed(module):
            raise ServiceError(
                f"the provider {cloud.name} needs the package {package}: "
                f"pip install '{cloud.extra}'",
                kind="package",
                retryable=False,
            )
    try:
        return getattr(sdk, cloud.client)(
            max_retries=0, http_client=http, base_url=base_url or None
        )
    except Exception as error:  # each cloud has its own way to say what it lacks
        raise _failure(cloud, error) from error


@contextmanager
def credential_errors(cloud: Cloud | None, *others: type[Exception]) -> Iterator[None]:
    """Say in words what a cloud's own packages raise before a request is on its way.

    Errors of the HTTP client and of the API, the `others`, pass as they are.

    Raises:
        ServiceError: credentials or a project are missing, or not accepted.
    """
    try:
        yield
    except Exception as error:
        if cloud is None or isinstance(error, (*others, CodeorchError)):
            raise
        raise _failure(cloud, error) from error


def _failure(cloud: Cloud, error: Exception) -> ServiceError:
    said = " ".join((str(error) or type(error).__name__).split())
    name = next(
        (name for name in cloud.settings if re.search(rf"(?i)\bno (?:\w+ )?{name}\b", said)), ""
    )
    if name:
        what = name.removesuffix("_id")
        said = f"no {what} is set; give it in {cloud.settings[name]}"
    return ServiceError(
        f"the provider {cloud.name} cannot be used: {said}", kind="auth", retryable=False
    )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # what it is part of is missing
        return False


async def server_sent(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Write the messages of an AWS event stream as events of the Messages API.

    Each holds an event in base64; an exception becomes an `error` event. The framing is that of
    "Amazon event stream encoding" (AWS, Amazon Transcribe developer guide), read by botocore.
    """
    buffer = importlib.import_module("botocore.eventstream").EventStreamBuffer()
    async for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            event = _event_of(message.headers, json.loads(message.payload or b"{}"))
            if event is not None:
                yield b"event: %s\ndata: %s\n\n" % event


def _event_of(headers: Mapping[str, Any], payload: Mapping[str, Any]) -> tuple[bytes, bytes] | None:
    kind = headers.get(":exception-type") or headers.get(":error-code")
    if kind:
        message = payload.get("message") or headers.get(":error-message") or kind
        error = {"type": "error", "error": {"type": kind, "message": message}}
        return b"error", json.dumps(error).encode()
    if "bytes" not in payload:
        return None
    return b"", base64.b64decode(payload["bytes"])
