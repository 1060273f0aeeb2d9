"""The inputs of the workflow that several jobs have to read in the same way."""

from codeorch.github.bundle import Limits, Terms
from codeorch.github.path_policy import PathPolicy
from codeorch.github.request import IssueRequest, branch_name
from codeorch.github.step import Step


def policy_of(step: Step, request: IssueRequest) -> PathPolicy:
    """Return which files may be changed."""
    return PathPolicy(text=request.text, allowed=step.lines("INPUT_ALLOW_PATHS"))


def terms_of(step: Step, request: IssueRequest) -> Terms:
    """Return what a proposal for a request has to fit.

    Raises:
        UserError: an input is no number.
    """
    limits = Limits(
        files=int(step.number("INPUT_MAX_FILES", 100)),
        patch_bytes=int(1024 * step.number("INPUT_MAX_PATCH_KB", 1024)),
    )
    branch = branch_name(request.number, step.required("GITHUB_RUN_ID"))
    return Terms(request=request, policy=policy_of(step, request), limits=limits, branch=branch)
