"""Request + Snapshot -> Plan."""

from codeorch.planning.author_repairs import needless_repairs
from codeorch.planning.decompose import Opening, decompose, system_text
from codeorch.planning.edits_at_hand import prove_edits
from codeorch.planning.expand_codemods import join
from codeorch.planning.fallback import by_hand
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Findings, Reading
from codeorch.planning.outcome import Evidence
from codeorch.planning.plan_file import Approve, Proposal, read_file, read_text, request_in, write
from codeorch.planning.plan_schema import Draft, plan_tool
from codeorch.planning.planner import Ask, Decomposition, PlannerTalk, Unplanned
from codeorch.planning.project_facts import project_facts
from codeorch.planning.revise import close_round, next_step, revise
from codeorch.planning.try_codemod import preview_codemods, try_codemod
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
    "close_round",
    "decompose",
    "defines",
    "join",
    "needless_repairs",
    "next_step",
    "parse_rule",
    "plan_rule",
    "plan_tool",
    "preview_codemods",
    "project_facts",
    "prove_edits",
    "read_file",
    "read_text",
    "request_in",
    "revise",
    "system_text",
    "try_codemod",
    "write",
]
