"""Every error has one reader: the user, the model, or the retry loop.

CodeorchError
|-- UserError        the user can fix it: one line and a hint
|   `-- UnsafeError  refused to protect the user
|-- ReplyError       the model can fix it: the text goes back into its next prompt
|   `-- PlanInvalid  a plan with faults
|-- NoSuchModel      a server does not know the model that workers were to have
|-- UserDeclined     the user said no before anything was changed
`-- ServiceError     a provider, git or a process failed; says whether trying again can help
    `-- BudgetReached    a ceiling set by the user would be passed

What the process ends with for each of them is said in domain/exit_status.py and cli/failure.py.
"""

from typing import Any


class CodeorchError(Exception):
    """Base of everything that codeorch raises on purpose.

    `usage_of_run` is what the calls of the run used that ended with it (`domain.Usage`).
    """

    usage_of_run: object = None


class UserError(CodeorchError):
    """Something the user can put right: `message` is what, `hint` is how, one line each."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnsafeError(UserError):
    """A step was refused because it could harm the user's repository or machine."""


class ReplyError(CodeorchError):
    """A model's answer cannot be used; the text tells the model what would be valid."""


class PlanInvalid(ReplyError):
    """A plan breaks the rules; `faults` holds one sentence for each fault."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class ServiceError(CodeorchError):
    """A service failed.

    `kind` is a short code, e.g. `overloaded`, `timeout`, `auth`; `retry_after_s` is how long the
    service asks to wait, None when it does not say. `context_tokens` is what question and answer
    together may have, where they have more; 0 when it is not known.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        retryable: bool,
        retry_after_s: float | None = None,
        context_tokens: int = 0,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.context_tokens = context_tokens

    @property
    def fields(self) -> dict[str, Any]:
        """All but the message, by name."""
        names = ("kind", "retryable", "retry_after_s", "context_tokens")
        return {name: getattr(self, name) for name in names}

    def copy(self, message: str = "", **changes: object) -> "ServiceError":
        """Return the failure with another message, or other values of its fields."""
        return ServiceError(message or str(self), **{**self.fields, **changes})


class NoSuchModel(CodeorchError):
    """A server does not have the model that a worker was to ask; no task can be done with it."""

    kind = "unknown_model"  # as of the ServiceError that it comes from


class UserDeclined(CodeorchError):
    """The user looked at the plan and said no; nothing was changed."""


class BudgetReached(ServiceError):
    """The next call could pass a ceiling set by the user; it was not sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="budget", retryable=False)
