"""Request + Snapshot -> Plan."""

from codeorch.planning.decompose import decompose
from codeorch.planning.expand_codemods import join
from codeorch.planning.fallback import by_hand
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Findings, Reading
from codeorch.planning.followups import Ask
from codeorch.planning.plan_file import Approve, Proposal, read_file, read_text, request_in, write
from codeorch.planning.plan_schema import Draft
from codeorch.planning.request_plan import Decomposition, Unplanned
from codeorch.planning.revise import Evidence, next_step, revise, settled
from codeorch.refactoring import parse_rule, plan_rule

__all__ = [
    "Approve",
    "Ask",
    "Decomposition",
    "Draft",
    "Evidence",
    "Findings",
    "Limits",
    "Proposal",
    "Reading",
    "Unplanned",
    "by_hand",
    "decompose",
    "join",
    "next_step",
    "parse_rule",
    "plan_rule",
    "read_file",
    "read_text",
    "request_in",
    "revise",
    "settled",
    "write",
]
