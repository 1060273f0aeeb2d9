"""Request + Snapshot -> Plan."""

from codeorch.plan.codemods import parse_rule, plan_rule
from codeorch.plan.decompose import decompose
from codeorch.plan.form import Draft, Limits
from codeorch.plan.joined import Reading, join
from codeorch.plan.manual import read_file, request_in, write_toml
from codeorch.plan.revise import Evidence, revise, worth_it

__all__ = [
    "Draft",
    "Evidence",
    "Limits",
    "Reading",
    "decompose",
    "join",
    "parse_rule",
    "plan_rule",
    "read_file",
    "request_in",
    "revise",
    "worth_it",
    "write_toml",
]
