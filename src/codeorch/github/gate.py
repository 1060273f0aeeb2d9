"""The first job: whether somebody may ask, and what a reader of the issue sees of its text.

Whoever may not ask costs one reaction and one line of the log, and never a model's answer.
"""

from pathlib import Path
from typing import Any

from codeorch.github import texts
from codeorch.github.api import Api, GitHubError, url_part
from codeorch.github.event import Event, NotForUs, read_event
from codeorch.github.issue_text import visible_text
from codeorch.github.request import IssueRequest, branch_name, branch_prefix
from codeorch.github.step import Step, log
from codeorch.github.sticky_comment import StickyComment

# `maintain` shows as write and `triage` as read here; see `role_name` in GitHub's description.
_MAY_WRITE = frozenset({"admin", "write"})
_LONGEST = 65_536  # characters of a request


def run(step: Step, api: Api) -> int:
    """Check an event and write `request.json`; outputs `go`, `comment` and `request`.

    Raises:
        UserError: the workflow is wired wrongly.
        GitHubError: GitHub refused what a gate has to know.
    """
    try:
        event = read_event(
            step.required("GITHUB_EVENT_NAME"),
            Path(step.required("GITHUB_EVENT_PATH")).read_bytes(),
            label=step.get("INPUT_LABEL", "codeorch"),
            issue=step.get("INPUT_ISSUE"),
            triggering_actor=step.get("GITHUB_TRIGGERING_ACTOR"),
        )
    except NotForUs as error:
        return _end(step, f"nothing to do: {error}")
    if refusal := _refusal(api, event):
        _react(api, event.number)
        return _end(step, f"refused: {refusal}")
    comment = StickyComment(api, event.number, step.get("INPUT_BOT", "github-actions[bot]"))
    try:
        issue = api.get(f"/issues/{event.number}")
    except GitHubError as error:
        if error.status not in (404, 410):
            raise
        return _end(step, f"issue {event.number} is gone")
    request = _request(step, event, issue, api.get("")["default_branch"])
    if reason := _obstacle(event, issue, request) or _open_pull_request(step, api, event):
        comment.save(texts.stop_comment(request, reason, step.run_url), step.run_url)
        return _end(step, f"stopped: {reason}")
    number = comment.save(texts.queue_comment(request, step.run_url), step.run_url)
    file = step.folder / "request.json"
    file.write_bytes(request.to_json())
    step.set_outputs(go="true", comment=number, request=request.digest)
    log(f"issue {event.number}, asked by {request.asker}: queued")
    return 0


def _end(step: Step, line: str) -> int:
    step.set_outputs(go="false", comment="", request="")
    log(line)
    return 0


def _refusal(api: Api, event: Event) -> str:
    """Return why somebody may not ask; empty if they may."""
    if event.is_bot:
        return f"bots may not ask ({', '.join(event.askers) or 'nobody is named'})"
    for login in event.askers:
        try:
            answer = api.get(f"/collaborators/{url_part(login)}/permission")
        except GitHubError as error:
            if error.status != 404:
                raise
            return f"{login} is nobody here"
        if not isinstance(answer, dict) or answer.get("permission") not in _MAY_WRITE:
            return f"{login} cannot write to this repository"
        if str((answer.get("user") or {}).get("type", "User")) == "Bot":
            return f"bots may not ask ({login})"
    return ""


def _react(api: Api, number: int) -> None:
    try:
        api.call("POST", f"/issues/{number}/reactions", {"content": "-1"})
    except GitHubError as error:
        log(f"no reaction: {error}")


def _request(step: Step, event: Event, issue: dict[str, Any], branch: str) -> IssueRequest:
    title = visible_text(str(issue.get("title") or ""), is_markdown=False)
    body = visible_text(str(issue.get("body") or ""))
    words = visible_text(event.words)
    return IssueRequest(
        repository=step.required("GITHUB_REPOSITORY"),
        number=event.number,
        title=" ".join(title.text.split()),
        body=body.text,
        words=words.text,
        mode=event.mode,
        asker=event.askers[0],
        hidden=(*title.hidden, *body.hidden, *words.hidden),
        default_branch=branch,
        run_url=step.run_url,
    )


def _obstacle(event: Event, issue: dict[str, Any], request: IssueRequest) -> str:
    """Return why an issue cannot be carried out as it is; empty if it can."""
    if "pull_request" in issue:
        return "this is a pull request, not an issue"
    if issue.get("state") != "open":
        return "the issue is closed; open it and ask again"
    now = (str(issue.get("title") or ""), str(issue.get("body") or ""))
    if event.text_then is not None and event.text_then != now:
        return "title or text were edited after it was asked for; read them, and ask again"
    if len(request.text) > _LONGEST:
        return f"the text has {len(request.text):,} characters; {_LONGEST:,} are taken"
    return "" if request.title else "a reader sees nothing in the title"


def _open_pull_request(step: Step, api: Api, event: Event) -> str:
    """Return why not to start where an earlier run's pull request is still open."""
    if event.mode == "plan":
        return ""
    own = branch_name(event.number, step.required("GITHUB_RUN_ID"))
    for pull in api.pages("/pulls?state=open"):
        head = pull.get("head") or {}
        ref = str(head.get("ref") or "")
        is_here = (head.get("repo") or {}).get("full_name") == step.required("GITHUB_REPOSITORY")
        if is_here and ref != own and ref.startswith(branch_prefix(event.number)):
            return f"#{pull['number']} is open for this issue; close it to start anew"
    return ""
