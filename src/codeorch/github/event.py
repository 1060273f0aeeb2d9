"""The event that started a run -> who asks, for which issue, and the text as it was then."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codeorch.errors import UserError
from codeorch.github.request import Mode, json_object

_COMMAND = re.compile(r"\s*/codeorch[ \t]+(plan|apply)\b[ \t]*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What is known of a request before GitHub is asked anything."""

    number: int  # of the issue
    askers: tuple[str, ...]  # logins; all of them have to be allowed to write
    is_bot: bool
    text_then: tuple[str, str] | None = None  # title and body as they were; None = not told
    mode: Mode = "apply"
    words: str = ""  # behind the command of a comment


class NotForUs(Exception):
    """The event asks for nothing; the text says why."""


def read_event(name: str, raw: bytes, *, label: str, issue: str, triggering_actor: str) -> Event:
    """Read an event of GitHub: `issues`, `issue_comment` or `workflow_dispatch`.

    `label` is the one that asks, `issue` the input of that name, `triggering_actor` who started
    this attempt of the run, which may be somebody else than the event's sender.

    Raises:
        NotForUs: it asks for nothing.
        UserError: the workflow is wired wrongly.
    """
    value = json_object(raw, "the event")
    sender = _object(value, "sender")
    issue_then = _object(value, "issue")
    number = int(issue_then.get("number") or 0) or (int(issue) if issue.isdigit() else 0)
    if not number or (issue and issue != str(number)):
        raise UserError("no issue is named", "the input `issue` is the number of the event's issue")
    if "pull_request" in issue_then:
        raise NotForUs(f"#{number} is a pull request")
    askers = tuple(dict.fromkeys(filter(None, (str(sender.get("login") or ""), triggering_actor))))
    is_bot = sender.get("type") == "Bot" or any(login.endswith("[bot]") for login in askers)
    mode, words = _demand(name, value, label)
    text_then = (
        (str(issue_then.get("title") or ""), str(issue_then.get("body") or ""))
        if issue_then
        else None
    )
    return Event(
        number=number, askers=askers, is_bot=is_bot or not askers, text_then=text_then, mode=mode,
        words=words,
    )  # fmt: skip


def _demand(name: str, value: Mapping[str, Any], label: str) -> tuple[Mode, str]:
    """Return what is asked for, and the words that came along."""
    match name:
        case "workflow_dispatch":
            return "apply", ""
        case "issues":
            if value.get("action") != "labeled" or _object(value, "label").get("name") != label:
                raise NotForUs("the event is not our label")
            return "apply", ""
        case "issue_comment":
            body = str(_object(value, "comment").get("body") or "")
            command = _COMMAND.match(body) if value.get("action") == "created" else None
            if command is None:
                raise NotForUs("the comment is no command")
            return ("plan" if command[1] == "plan" else "apply"), command[2].strip()
        case _:
            raise UserError(
                f"the workflow was started by {name}",
                "it serves issues (labeled), issue_comment (created) and workflow_dispatch",
            )


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}
