"""What an issue asks for, as the gate hands it on: one JSON file, known again by its hash."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from codeorch.errors import UserError

VERSION = 1
Mode = Literal["apply", "plan"]
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRequest:
    """A request made of an issue. All text is as a reader of the page sees it."""

    version: int = VERSION
    repository: str  # owner/name
    number: int  # of the issue
    title: str
    body: str
    words: str = ""  # behind the command in a comment, of whoever may ask
    mode: Mode = "apply"
    asker: str  # login of whoever asked
    hidden: tuple[str, ...] = ()  # what was taken out, e.g. `1 x HTML comment`
    default_branch: str  # of the repository
    run_url: str

    @property
    def text(self) -> str:
        """The request for the planner."""
        return "\n\n".join(filter(None, (self.title, self.body, self.words)))

    def to_json(self) -> bytes:
        """Return the one form of it that is written and hashed."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=True).encode()

    @property
    def digest(self) -> str:
        """The SHA-256 of its JSON, in hex."""
        return hashlib.sha256(self.to_json()).hexdigest()


def read_request(raw: bytes) -> IssueRequest:
    """Return the request that a file holds.

    Raises:
        UserError: it is damaged, or of another version.
    """
    value = json_object(raw, "request.json")
    known = {field.name: field for field in fields(IssueRequest)}
    if value.keys() != known.keys() or value["version"] != VERSION:
        raise UserError("request.json has another form", "all jobs have to be of one version")
    hidden = value["hidden"]
    texts = (value[name] for name in known if name not in ("version", "number", "hidden"))
    is_typed = all(isinstance(text, str) for text in texts) and isinstance(value["number"], int)
    is_list = isinstance(hidden, list) and all(isinstance(row, str) for row in hidden)
    if not (is_typed and is_list and value["mode"] in get_args(Mode)):
        raise UserError("request.json has another form", "all jobs have to be of one version")
    if not _NAME.fullmatch(value["repository"]):
        raise UserError("request.json names no repository", "start the run again")
    return IssueRequest(**{**value, "hidden": tuple(hidden)})


def json_object(raw: bytes, name: str) -> Mapping[str, Any]:
    """Return the object that a file from another job holds.

    Raises:
        UserError: it holds none.
    """
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise UserError(f"{name} is damaged", "start the run again")
    return value


def branch_name(number: int, run_id: str) -> str:
    """Return the branch of a run: of numbers alone, never of words of the issue."""
    return f"{branch_prefix(number)}{run_id}"


def branch_prefix(number: int) -> str:
    """Return what the branches of all runs for an issue begin with."""
    return f"codeorch/issue-{number}-"
