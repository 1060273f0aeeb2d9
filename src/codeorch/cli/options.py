"""The flags that several commands share, and how they become settings."""

import difflib
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from codeorch.api_keys import INTERNAL_VARIABLES
from codeorch.domain import LOOK_UPS
from codeorch.edits import Refusal, decode
from codeorch.errors import UserError
from codeorch.git import Repo, commit_working_tree

F = TypeVar("F", bound=Callable[..., Any])

_SETTINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--provider", {"help": "Who runs the models: anthropic, openai, openai-compatible, ollama, "
                            "...; see docs/models.md."}),
    ("--model", {"help": "Model for everything, as NAME or PROVIDER/NAME."}),
    ("--planner-model", {"help": "Model that plans."}),
    ("--worker-model", {"help": "Model that changes files."}),
    ("--cheap-model", {"help": "Model for small edits."}),
    ("--base-url", {"help": "Server to use instead of the provider's own."}),
    ("--openai-base-url", {"help": "OpenAI-compatible server, e.g. http://localhost:8080/v1."}),
    ("--price", {"metavar": "IN/OUT",
                 "help": "US dollars for a million tokens, where no table knows them."}),
    ("--max-parallel", {"type": click.IntRange(1), "help": "Workers at once."}),
    ("--max-tasks", {"type": click.IntRange(1), "help": "Tasks that a plan may have."}),
    ("--max-rounds", {"type": click.IntRange(1), "help": "Rounds of planning and work."}),
    ("--look-ups", {"type": click.IntRange(0), "help": "Turns in which the planner may look up."}),
    ("--scripts", {"type": click.Choice(["on", "off"]),
                   "help": "Scripts of the planner for many like files, in the sandbox."}),
    ("--worker-tools", {"multiple": True, "metavar": "NAME", "type": click.Choice(LOOK_UPS),
                        "help": "A look-up that workers may use; all if left out."}),
    ("--workers", {"type": click.Choice(["auto", "fork", "fresh"]),
                  "help": "Fork the planner's conversation, or begin anew; auto goes by price."}),
    ("--retry-ladder", {"multiple": True, "metavar": "CHANGES",
                        "help": "What each retry changes; see docs/settings.md."}),
    ("--strategy", {"type": click.Choice(["auto", "top-down", "dependency"]),
                    "help": "How a request is broken down; auto leaves it to the planner."}),
    ("--task-timeout", {"type": float, "help": "Seconds that a worker's answer may be silent."}),
    ("--max-cost", {"type": float, "metavar": "USD", "help": "Ceiling on what a run may cost."}),
    ("--max-tokens", {"type": click.IntRange(1), "help": "Ceiling on the tokens of a run."}),
    ("--no-store", {"is_flag": True, "default": None, "help": "Keep no answers."}),
    ("--plan-timeout", {"type": float, "help": "Seconds that a planner's answer may be silent."}),
    ("--land", {"type": click.Choice(["all", "green-subset"]),
                "help": "What lands when tests break: all, or the most tasks that break none."}),
    ("--squash", {"is_flag": True, "default": None, "help": "Make one commit, not one per task."}),
    ("--engines", {"type": click.Choice(["found", "own", "off"]),
                   "help": "Type checkers that judge renames: found ones, our own, none."}),
    ("--engine-timeout", {"type": float, "help": "Seconds for the work of one type checker."}),
    ("--exclude", {"multiple": True, "metavar": "GLOB", "help": "Leave these files out."}),
    ("--allow", {"multiple": True, "metavar": "PATH",
                 "help": "Let this protected file be changed, e.g. a CI workflow."}),
)  # fmt: skip
_TESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--test-cmd", {"metavar": "COMMAND", "help": "How the tests are run; found out if left out."}),
    ("--lint-cmd", {"metavar": "COMMAND",
                    "help": "How {files} are linted; found out if left out."}),
    ("--format", {"is_flag": True, "default": None,
                  "help": "Add a commit with what the project's formatters change."}),
    ("--setup-cmd", {"metavar": "COMMAND", "help": "Prepare a checkout for the tests."}),
    ("--test-timeout", {"type": float, "help": "Seconds for one run of the tests."}),
    ("--no-test", {"is_flag": True, "default": None, "help": "Run no tests."}),
    ("--require-green", {"is_flag": True, "default": None,
                         "help": "Exit with 4 when tests fail, also as they did before."}),
    ("--verify", {"is_flag": True, "default": None,
                  "help": "Run the project's pre-commit on the result, in the sandbox."}),
    ("--test-network", {"is_flag": True, "default": None, "help": "Let tests use the network."}),
    ("--fast", {"is_flag": True, "default": None,
                "help": "Run the tests closest to the change first, all only if they hold."}),
    ("--container", {"metavar": "IMAGE", "help": "Run the tests in a container (docker, podman)."}),
    ("--unsafe-tests", {"is_flag": True, "default": None,
                        "help": "Run tests even where no sandbox works."}),
)  # fmt: skip
_RENAMED = {
    "model": "default_model",
    "task_timeout": "task_timeout_s",
    "plan_timeout": "plan_timeout_s",
    "test_timeout": "test_timeout_s",
    "engine_timeout": "engine_timeout_s",
    "workers": "worker_start",
}


def settings_options(function: F) -> F:
    """Add the flags that steer planning and work."""
    return _with(function, _SETTINGS)


def test_options(function: F) -> F:
    """Add the flags that steer the tests."""
    return _with(function, _TESTS)


_RUN_FLAGS = frozenset({
    "--test-cmd", "--setup-cmd", "--test-timeout", "--no-test", "--test-network", "--container",
    "--unsafe-tests",
})  # fmt: skip


def test_run_options(function: F) -> F:
    """Add the flags that say how the tests are run, and nothing else of them."""
    return _with(function, tuple(each for each in _TESTS if each[0] in _RUN_FLAGS))


def request_options(function: F) -> F:
    """Add the request itself: an argument, a file or standard input."""
    read = click.File("rb")
    function = click.option("-f", "--request-file", type=read, help="Read the request.")(function)
    return click.argument("request_text", metavar="[REQUEST]", required=False, default="")(function)


def base_options(purpose: str) -> Callable[[F], F]:
    """Add the flags that say which files are meant."""

    def add(function: F) -> F:
        dirty = click.option(
            "--include-dirty", is_flag=True, help="Take the working tree as it is, not HEAD."
        )
        base = click.option("--base", default="HEAD", show_default=True, help=purpose)
        return base(dirty(function))

    return add


def base_of(repo: Repo, base: str, *, include_dirty: bool) -> str:
    """Give the commit that is meant.

    Raises:
        UserError: there is none, or not both can be meant.
    """
    commit = repo.resolve(base)
    if not include_dirty:
        return commit
    if commit != repo.resolve("HEAD"):
        raise UserError(
            f"--include-dirty is on top of HEAD, and --base {base} is another commit",
            "leave one of them out",
        )
    return commit_working_tree(repo)


def request_of(text: str, file: Any) -> str:  # noqa: ANN401 - an open file or None
    """Give the request from wherever it was given; `-` reads standard input.

    Raises:
        UserError: the file is no text.
    """
    if file is not None:
        return _text_of(file.read(), file.name)
    if text == "-":
        return sys.stdin.read().strip()
    return text.strip()


def _text_of(data: bytes, name: str) -> str:
    try:
        return decode(data).text.strip()
    except Refusal as refusal:
        raise UserError(f"{name} is no text: {refusal.brief}", "give a text file") from refusal


def given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Keep only the settings that were really given."""
    return {
        _RENAMED.get(key, key): value
        for key, value in flags.items()
        if value is not None and value != ()
    }


def warn_of_variables(variables: Mapping[str, str]) -> None:
    """Name the CODEORCH_* variables that stand for no flag, with the nearest that does."""
    known = [_variable(name) for name, _ in (*_SETTINGS, *_TESTS)]
    for name in sorted(variables):
        if name.startswith(_PREFIX) and name not in (*known, *INTERNAL_VARIABLES):
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; do you mean {near[0]}?" if near else ""
            click.echo(f"note the variable {name} is no setting and is ignored{meant}", err=True)


_PREFIX = "CODEORCH_"


def _variable(flag: str) -> str:
    return _PREFIX + flag.strip("-").replace("-", "_").upper()


def _with(function: F, options: tuple[tuple[str, dict[str, Any]], ...]) -> F:
    for name, extra in reversed(options):
        function = click.option(name, envvar=_variable(name), **extra)(function)
    return function
