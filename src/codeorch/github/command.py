"""`codeorch github STEP`: the steps of the workflow, by the standard library alone.

`gate` and `publish` load nothing that has to be installed; the other two are loaded when called.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from codeorch.errors import CodeorchError, UserError
from codeorch.github.api import Api
from codeorch.github.step import Step, log

_USAGE = "usage: codeorch github {gate,propose,test,publish}; see docs/how-to/github.md"


def main(args: Sequence[str]) -> int:
    """Carry out one step in the current folder and return the exit code.

    0: the outcome was told, whatever it is (see the input `fail-on`); 1: it was not; 2: usage.
    """
    run = _STEPS.get(args[0]) if len(args) == 1 else None
    if run is None:
        log(_USAGE)
        return 2
    try:
        return run(Step.of_environment())
    except UserError as error:
        log(f"error: {error.message}; {error.hint}")
    except CodeorchError as error:
        log(f"error: {error}")
    return 1


def _gate(step: Step) -> int:
    from codeorch.github import gate  # noqa: PLC0415 - each job loads its own part

    return gate.run(step, _api(step, step.token))


def _propose(step: Step) -> int:
    from codeorch.github import propose  # noqa: PLC0415 - see above

    return propose.run(step, Path.cwd())


def _test(step: Step) -> int:
    from codeorch.github import judge  # noqa: PLC0415 - see above

    return judge.run(step, Path.cwd())


def _publish(step: Step) -> int:
    from codeorch.github import publish  # noqa: PLC0415 - see above

    own = _api(step, step.token)
    other = _api(step, step.publish_token) if step.publish_token else own
    return publish.run(step, own, other, Path.cwd())


def _api(step: Step, token: str) -> Api:
    if not token:
        raise UserError("there is no GITHUB_TOKEN", "this step is run by codeorch-issue.yml")
    return Api(step.required("GITHUB_API_URL"), step.required("GITHUB_REPOSITORY"), token)


_STEPS: dict[str, Callable[[Step], int]] = {
    "gate": _gate,
    "propose": _propose,
    "test": _test,
    "publish": _publish,
}
