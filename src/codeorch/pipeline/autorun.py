"""Whether a run may change files that run by themselves, and what the user is told of them.

They land if the request names them, by path or kind, or if the user sees them in a plan before it
is carried out: a plan file of their own, a rule, or a plan that is approved at the terminal. An
issue of GitHub was written by anybody, and nobody approves its plan: there the path has to be
named, in the issue or by `allow`.
"""

from collections.abc import Iterator

from codeorch.domain import FilePatch, Plan
from codeorch.edits import autorun_kind, names_kind, names_path
from codeorch.pipeline.job import Job
from codeorch.pipeline.state import RunState


def autorun_objection(state: RunState, path: str, plan: Plan | None = None) -> str:
    """Return why a file that runs by itself may not be changed; empty if it may, or is none.

    `plan` is the one that is carried out, where there is one already.
    """
    job = state.job
    if not (kind := autorun_kind(path)) or path in job.settings.allow:
        return ""
    text = job.request.text
    if job.request.origin == "issue":
        if names_path(text, path):
            return ""
        return f"{path} runs by itself ({kind}); neither the issue nor `allow-paths` names it"
    if names_path(text, path) or names_kind(text, path) or _is_shown(state, path, plan):
        return ""
    return (
        f"{path} runs by itself ({kind}); the request does not name it, "
        f"and the user can open it: --allow {path}"
    )


def _is_shown(state: RunState, path: str, plan: Plan | None) -> bool:
    """Whether the user has seen the file in a plan, or will before it is carried out."""
    if plan is not None and plan.source == "codemod":
        return True  # by the user's own rule, proven edit by edit
    if _has_reader(state.job) and not state.rounds:
        return True
    before = (task for one in state.rounds for task in one.plan.tasks)
    return any(path in (task.path, task.old_path) for task in before)


def _has_reader(job: Job) -> bool:
    return job.plan_file is not None or job.approve is not None


def autorun_notices(patches: tuple[FilePatch, ...]) -> Iterator[str]:
    """Yield a notice for each file that runs by itself and is changed."""
    for patch in patches:
        if kind := autorun_kind(patch.path):
            yield f"{patch.path} runs by itself ({kind}): read what is changed in it"
