"""What `propose` hands on beside the bundle: a manifest, read strictly and believed in nothing.

Everything in it that can be computed from the bundle is computed again by whoever reads it; the
rest is text and figures for the pull request, at bounded length.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from codeorch import __version__
from codeorch.errors import UserError
from codeorch.github.request import json_object

VERSION = 1
_LONGEST_MANIFEST = 4 << 20  # bytes
_MOST_ROWS = 5_000
_LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """What differs at one path; ids of blobs, empty where there is no file."""

    path: str
    mode: str  # six octal digits, of the file that is there afterwards, else of the old one
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One task of the plan, and how it ended."""

    path: str
    action: str
    goal: str
    ending: str  # `done`, or why not; empty in a plan that was not carried out


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was proposed. Without a change, `head` and `tree` are empty."""

    version: int = VERSION
    tool: str = __version__
    request: str  # digest of the request
    base: str
    head: str = ""
    tree: str = ""
    branch: str = ""
    files: tuple[ChangedFile, ...] = ()
    status: str  # of the run, e.g. `verified`, or `planned`
    headline: str
    plan: tuple[PlanLine, ...] = ()
    price: str = ""  # what the plan was expected to cost
    cost: str = ""  # what the run took, in words
    cost_usd: float | None = None  # None = no price is known
    tasks_failed: int = 0
    notices: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """Return it as a file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=True).encode()


def read_manifest(raw: bytes) -> Manifest:
    """Return the manifest that a file holds.

    Raises:
        UserError: it is damaged, has another form, or is too large.
    """
    if len(raw) > _LONGEST_MANIFEST:
        raise UserError("manifest.json is too large", "start the run again")
    value = json_object(raw, "manifest.json")
    try:
        _check_names(value, Manifest)
        _check_version(value["version"])
        cost = value["cost_usd"]
        texts = {name: _text(value[name]) for name in _TEXTS}
        return Manifest(
            version=VERSION,
            files=tuple(_row(ChangedFile, row) for row in _rows(value["files"])),
            plan=tuple(_row(PlanLine, row) for row in _rows(value["plan"])),
            notices=tuple(_text(row) for row in _rows(value["notices"])),
            cost_usd=None if cost is None else _number(cost),
            tasks_failed=int(_number(value["tasks_failed"])),
            **texts,
        )
    except (TypeError, ValueError, KeyError) as error:
        raise UserError(f"manifest.json has another form: {error}", "start the run again") from None


_TEXTS = (
    "tool", "request", "base", "head", "tree", "branch", "status", "headline", "price", "cost",
)  # fmt: skip


def _check_names(value: Mapping[str, Any], kind: type[Any]) -> None:
    if not isinstance(value, dict) or value.keys() != {field.name for field in fields(kind)}:
        raise TypeError(f"the fields of {kind.__name__}")


def _check_version(version: object) -> None:
    if version != VERSION:
        raise TypeError("version")


def _rows(value: object) -> Sequence[Any]:
    if not isinstance(value, list) or len(value) > _MOST_ROWS:
        raise TypeError("a list")
    return value


def _row(kind: type[Any], value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a `kind`
    _check_names(value, kind)
    return kind(**{name: _text(text) for name, text in value.items()})


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise TypeError("a text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise TypeError("a number")
    return value
