"""Request + Snapshot -> Plan."""

from codeorch.plan.asking import Decomposition, Unplanned
from codeorch.plan.codemods import parse_rule, plan_rule
from codeorch.plan.decompose import decompose
from codeorch.plan.fallback import by_hand
from codeorch.plan.faults import Limits
from codeorch.plan.findings import Findings, Reading
from codeorch.plan.followups import Ask
from codeorch.plan.form import Draft
from codeorch.plan.joined import join
from codeorch.plan.manual import read_file, read_text, request_in, write
from codeorch.plan.proposal import Approve, Proposal
from codeorch.plan.revise import Evidence, next_step, revise, settled

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
