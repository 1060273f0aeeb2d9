"""Request + Snapshot -> Plan."""

from codeorch.planning.decompose import Opening, decompose, system_text
from codeorch.planning.expand_codemods import join
from codeorch.planning.fallback import by_hand
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Findings, Reading
from codeorch.planning.outcome import Evidence
from codeorch.planning.plan_file import Approve, Proposal, read_file, read_text, request_in, write
from codeorch.planning.plan_schema import Draft, plan_tool
from codeorch.planning.planner import Ask, Decomposition, PlannerTalk, Unplanned
from codeorch.planning.project_facts import project_facts
from codeorch.planning.revise import next_step, revise, settled
from codeorch.planning.try_codemod import try_codemod
from codeorch.refactoring import Rule, defines, parse_rule, plan_rule

__all__ = [
    "Approve",
    "Ask",
    "Decomposition",
    "Draft",
    "Evidence",
    "Findings",
    "Limits",
    "Opening",
    "PlannerTalk",
    "Proposal",
    "Reading",
    "Rule",
    "Unplanned",
    "by_hand",
    "decompose",
    "defines",
    "join",
    "next_step",
    "parse_rule",
    "plan_rule",
    "plan_tool",
    "project_facts",
    "read_file",
    "read_text",
    "request_in",
    "revise",
    "settled",
    "system_text",
    "try_codemod",
    "write",
]
