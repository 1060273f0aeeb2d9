"""The draft pull request of a branch, or what stands in its way."""

from dataclasses import dataclass

from codeorch.github.api import Api, GitHubError, ref_path, url_part
from codeorch.github.commit_form import EMAIL, commit_message
from codeorch.github.request import IssueRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchState:
    """What stands at the branch of a run before anything is pushed."""

    head: str = ""  # empty = there is no branch
    is_ours: bool = True  # whether nobody else has pushed to it
    was_deleted: bool = False  # it had a pull request once, and is gone


def branch_state(api: Api, request: IssueRequest, branch: str) -> BranchState:
    """Return what stands at a branch; only a run that is repeated finds anything.

    Raises:
        GitHubError: GitHub refused.
    """
    try:
        head = str(api.get(ref_path(branch))["object"]["sha"])
    except GitHubError as error:
        if error.status != 404:
            raise
        return BranchState(was_deleted=bool(_pull_requests(api, request, branch)))
    commit = api.get(f"/git/commits/{url_part(head)}")
    own_lines = commit_message(request).split("\n")[:3]
    is_ours = (
        (commit.get("committer") or {}).get("email") == EMAIL
        and str(commit.get("message") or "").split("\n")[:3] == own_lines
        and len(commit.get("parents") or ()) == 1
    )
    return BranchState(head=head, is_ours=is_ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request; without a `url` there is none, and `reason` says why."""

    url: str = ""
    number: int = 0
    reason: str = ""


def open_pull_request(
    api: Api, request: IssueRequest, branch: str, title: str, body: str
) -> PullRequest:
    """Open a draft, or rewrite the text of the one that the branch has already.

    Raises:
        GitHubError: GitHub failed; a refusal is a result.
    """
    draft = {
        "title": title, "body": body, "head": branch, "base": request.default_branch, "draft": True,
    }  # fmt: skip
    try:
        value = api.call("POST", "/pulls", draft).value
        return PullRequest(url=str(value["html_url"]), number=int(value["number"]))
    except GitHubError as error:
        if error.status not in (403, 404, 422):
            raise
        reason = str(error)
    open_ones = [pull for pull in _pull_requests(api, request, branch) if pull["state"] == "open"]
    if not open_ones:
        return PullRequest(reason=reason)
    number = int(open_ones[0]["number"])
    api.call("PATCH", f"/pulls/{number}", {"title": title, "body": body})
    return PullRequest(url=str(open_ones[0]["html_url"]), number=number)


def _pull_requests(api: Api, request: IssueRequest, branch: str) -> list[dict[str, str]]:
    owner = request.repository.partition("/")[0]
    return list(api.pages(f"/pulls?state=all&head={url_part(f'{owner}:{branch}')}"))
