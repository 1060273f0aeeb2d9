"""Requests that need no model: rename a symbol, replace a pattern of code."""

from codeorch.plan.codemods.planning import Masker, plan_rule
from codeorch.plan.codemods.renaming import Rename
from codeorch.plan.codemods.rules import Replace, Rule, parse_rule

__all__ = ["Masker", "Rename", "Replace", "Rule", "parse_rule", "plan_rule"]
