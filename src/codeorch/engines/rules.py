"""The rules of type checkers that are about names and calls: what each of them is about."""

from collections.abc import Mapping
from typing import Final, Literal

# What is not there, or does not fit: a bare name; a module; a name of a module; a member of a
# value or class; a call's arguments. What is left is about types.
RuleKind = Literal["name", "module", "import", "member", "call", "type"]

PYREFLY_RULES: Final[Mapping[str, RuleKind]] = {
    "unknown-name": "name",
    "missing-import": "module",
    "missing-module-attribute": "import",
    "missing-attribute": "member",
    "bad-argument-count": "call",
    "unexpected-keyword": "call",
    "missing-argument": "call",
    "not-callable": "type",
    "bad-return": "type",
}
TY_RULES: Final[Mapping[str, RuleKind]] = {
    "unresolved-reference": "name",
    "import-not-found": "module",
    "missing-module-member": "import",
    "missing-attribute": "member",
    "missing-union-attribute": "member",
    "too-many-positional-arguments": "call",
    "unknown-argument": "call",
    "missing-argument": "call",
    "not-callable": "type",
    "invalid-explicit-return": "type",
}
TYPESCRIPT_RULES: Final[Mapping[str, RuleKind]] = {
    "TS2304": "name",
    "TS2503": "name",  # a namespace
    "TS2552": "name",  # did you mean another
    "TS2307": "module",
    "TS2305": "import",
    "TS2459": "import",  # it is there, and not exported
    "TS2614": "import",  # the default export may be meant
    "TS2694": "import",  # of a namespace
    "TS2724": "import",  # did you mean another
    "TS2339": "member",
    "TS2353": "member",  # in an object of a known type
    "TS2551": "member",  # did you mean another
    "TS2561": "member",  # in an object of a known type, did you mean another
    "TS2554": "call",
    "TS2555": "call",  # at least so many
}
GO_RULES: Final[Mapping[str, RuleKind]] = {  # our own names: gopls tells by its words alone
    "undefined-name": "name",
    "undefined-import": "import",
    "missing-member": "member",
    "argument-count": "call",
}
_ALL: Final[Mapping[str, RuleKind]] = {
    **PYREFLY_RULES, **TY_RULES, **TYPESCRIPT_RULES, **GO_RULES,
}  # fmt: skip


def kind_of(rule: str) -> RuleKind:
    """Return what a rule is about; types, where it is none of these."""
    return _ALL.get(rule, "type")
