"""The last job: prove what the others left, push it, open the draft, and end the one comment.

It has the right to write, and so believes nothing: the request is known by the hash that the gate
gave, the change is read out of the bundle, and everything else is text. Whatever goes wrong, the
comment says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from codeorch.errors import CodeorchError, UserError
from codeorch.git import Repo
from codeorch.github import texts
from codeorch.github.api import Api, GitHubError, ref_path, url_part
from codeorch.github.bundle import ProvenChange, prove
from codeorch.github.inputs import terms_of
from codeorch.github.proposal import Manifest, read_manifest
from codeorch.github.pull_request import (
    PullRequest,
    branch_state,
    open_pull_request,
)
from codeorch.github.push import push
from codeorch.github.request import IssueRequest, read_request
from codeorch.github.step import Step, log, plain_line
from codeorch.github.sticky_comment import StickyComment
from codeorch.github.test_verdict import TestVerdict, read_verdict

_LARGEST_FILE = 16 << 20  # bytes, of what other jobs left
_HINT = "To try again, take the label off and put it on again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How it ended, for the outputs of the workflow."""

    outcome: str  # `draft`, `branch`, `planned`, `nothing`, `refused`, `stopped`, `failed`
    comment: str
    branch: str = ""
    pr_url: str = ""
    manifest: Manifest | None = None
    verdict: TestVerdict | None = None

    @property
    def is_red(self) -> bool:
        """Whether nothing came of it, or tests break."""
        broken = self.verdict is not None and self.verdict.status in ("broken", "red")
        return broken or self.outcome not in ("draft", "branch", "planned", "nothing")

    @property
    def is_partial(self) -> bool:
        """Whether something is left to do."""
        return self.is_red or (self.manifest is not None and self.manifest.status == "partial")


class _End(CodeorchError):
    """Ends the job with a result."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.outcome)
        self.result = result


def run(step: Step, api: Api, api_to_publish: Api, folder: Path) -> int:
    """Publish what stands in `in/` of the runner's folder; return 1 where the run is to be red.

    Raises:
        GitHubError: not even the comment could be written.
        UserError: the workflow is wired wrongly.
    """
    publisher = _Publisher(step, api, api_to_publish, folder)
    try:
        result = publisher.result()
    except _End as end:
        result = end.result
    except CodeorchError as error:
        reason = plain_line(getattr(error, "message", "") or error, 1000)
        kind = "refused" if isinstance(error, UserError) else "failed"
        result = publisher.failure(kind, reason)
    except (OSError, ValueError, KeyError, TypeError) as error:
        result = publisher.failure("failed", f"internal error: {type(error).__name__}: {error}")
    comment = StickyComment(api, publisher.number, step.get("INPUT_BOT", "github-actions[bot]"))
    known = step.get("COMMENT")
    comment.save(result.comment, step.run_url, int(known) if known.isdigit() else 0)
    _hand_out(step, result)
    log(f"issue {publisher.number}: {result.outcome}")
    limit = step.get("INPUT_FAIL_ON", "none")
    return int((limit == "red" and result.is_red) or (limit == "partial" and result.is_partial))


def _hand_out(step: Step, result: Result) -> None:
    manifest, verdict = result.manifest, result.verdict
    cost = manifest.cost_usd if manifest else None
    step.set_outputs(
        outcome=result.outcome,
        branch=result.branch,
        pr_url=result.pr_url,
        report=step.get("REPORT"),
        cost_usd="" if cost is None else f"{cost:.4f}",
        tasks_failed=manifest.tasks_failed if manifest else 0,
        regressions=verdict.regressions if verdict else 0,
    )
    step.summarize(result.comment)


class _Publisher:
    """One run of the job; what is known so far is at hand when it ends early."""

    def __init__(self, step: Step, api: Api, api_to_publish: Api, folder: Path) -> None:
        self._step, self._api, self._writer = step, api, api_to_publish
        self._repo = Repo(folder.resolve(), folder.resolve() / ".git")
        self._manifest: Manifest | None = None
        self._verdict: TestVerdict | None = None
        self.number = int(step.number("INPUT_ISSUE", 0) if step.get("INPUT_ISSUE") else 0)

    def failure(self, outcome: str, reason: str, hint: str = "") -> Result:
        """Return the result of a run that came to nothing, with all that is known."""
        url = self._step.run_url
        comment = texts.failure_comment(reason, url, self._manifest, hint or _HINT)
        return Result(
            outcome=outcome, comment=comment, manifest=self._manifest, verdict=self._verdict
        )

    def result(self) -> Result:
        """Prove and publish."""
        request = self._request()
        self._check_issue(request)
        manifest = self._proposal(request)
        if manifest.status == "planned":
            comment = texts.plan_comment(manifest, self._step.run_url)
            return Result(outcome="planned", comment=comment, manifest=manifest)
        if not manifest.head:
            kind = "nothing" if manifest.status == "nothing" else "failed"
            return self.failure(kind, manifest.headline or "no change came about")
        verdict = self._tests(manifest)
        terms = terms_of(self._step, request)
        bundle = self._step.folder / "in" / "proposal" / "change.bundle"
        with prove(self._repo, bundle, manifest, terms) as change:
            self._push(request, change, terms.branch)
            notes = tuple(self._notes(request, change))
            return self._open(request, manifest, verdict, change, terms.branch, notes)

    def _read(self, *names: str) -> bytes:
        """Return a file that another job left.

        Raises:
            UserError: there is none.
        """
        file = self._step.folder.joinpath("in", *names)
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST_FILE:
            raise UserError(f"the job before left no {names[-1]}", "see the log of the run")
        return file.read_bytes()

    def _request(self) -> IssueRequest:
        request = read_request(self._read("request", "request.json"))
        if request.digest != self._step.get("REQUEST") or (
            request.repository != self._step.required("GITHUB_REPOSITORY")
        ):
            raise UserError("request.json is not the one that the gate wrote", "start it again")
        self.number = request.number
        return request

    def _check_issue(self, request: IssueRequest) -> None:
        try:
            issue = self._api.get(f"/issues/{request.number}")
        except GitHubError as error:
            if error.status not in (404, 410):
                raise
            raise UserError("the issue is gone", "nothing was pushed") from error
        if issue.get("state") != "open":
            reason = "the issue was closed meanwhile; nothing was pushed"
            raise _End(self.failure("stopped", reason, "To go on, open the issue and ask again."))

    def _proposal(self, request: IssueRequest) -> Manifest:
        how = self._step.get("PROPOSED")
        if how != "success":
            limit = int(self._step.number("INPUT_TIMEOUT", 45))
            why = {
                "cancelled": f"it was cancelled, or ran into its {limit} minutes (input timeout)"
            }.get(how, f"the job that writes the change ended as: {how or 'unknown'}")
            raise _End(self.failure("failed", why))
        manifest = read_manifest(self._read("proposal", "manifest.json"))
        if manifest.request != request.digest:
            raise UserError("the proposal answers another request", "nothing was pushed")
        self._manifest = manifest
        return manifest

    def _tests(self, manifest: Manifest) -> TestVerdict:
        how = self._step.get("TESTED")
        if how != "success":
            raise _End(self.failure("failed", f"the job that runs the tests ended as: {how}"))
        verdict = read_verdict(self._read("verdict", "verdict.json"))
        if verdict.head != manifest.head:
            raise UserError("the verdict is about another commit", "nothing was pushed")
        self._verdict = verdict
        return verdict

    def _push(self, request: IssueRequest, change: ProvenChange, branch: str) -> None:
        state = branch_state(self._writer, request, branch)
        if state.was_deleted:
            raise _End(self.failure("stopped", "the branch of this run was deleted and stays so"))
        if not state.is_ours:
            reason = f"somebody else has pushed to {branch}; it is left alone"
            raise _End(self.failure("stopped", reason))
        if state.head == change.head:
            return
        token = self._step.publish_token or self._step.token
        url = f"{self._step.required('GITHUB_SERVER_URL')}/{request.repository}.git"
        outcome = push(change.repo, url, token, change.head, branch, state.head)
        if not outcome.is_done:
            hint = f"{texts.foreign_block(outcome.reason)}\n\n{_HINT}"
            raise _End(self.failure("refused", "the branch could not be pushed", hint))

    def _notes(self, request: IssueRequest, change: ProvenChange) -> Iterator[str]:
        try:
            now = str(self._api.get(ref_path(request.default_branch))["object"]["sha"])
        except GitHubError:
            return
        if now != change.base:
            yield (
                f"{texts.plain(request.default_branch)} has moved since ({change.base[:12]} when "
                f"this was written, {now[:12]} now); GitHub says below whether it can be merged."
            )

    def _open(
        self, request: IssueRequest, manifest: Manifest, verdict: TestVerdict,
        change: ProvenChange, branch: str, notes: tuple[str, ...],
    ) -> Result:  # fmt: skip
        waits = not self._step.publish_token
        body = texts.pull_request(request, manifest, verdict, change, notes, waits=waits)
        title = texts.pull_request_title(request)
        try:
            pull = open_pull_request(self._writer, request, branch, title, body)
        except GitHubError as error:
            pull = PullRequest(reason=str(error))
        whole = Result(
            outcome="draft", comment="", branch=branch, pr_url=pull.url, manifest=manifest,
            verdict=verdict,
        )  # fmt: skip
        url = self._step.run_url
        if pull.url:
            place = f"Draft pull request #{pull.number}"
            return replace(
                whole, comment=texts.result_comment(manifest, verdict, url, place, notes)
            )
        server = self._step.required("GITHUB_SERVER_URL")
        base = f"{url_part(request.default_branch)}...{url_part(branch)}"
        link = f"{server}/{request.repository}/compare/{base}?expand=1"
        place = "The branch is there, the pull request is not"
        more = (f"GitHub says: {texts.plain(pull.reason)}. [Open it by hand]({link}).", *notes)
        comment = texts.result_comment(manifest, verdict, url, place, more)
        return replace(whole, outcome="branch", comment=comment)
