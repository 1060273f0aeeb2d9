"""Requests that need no model: rename a symbol, replace a pattern of code."""

from codeorch.analysis.renaming import Rename
from codeorch.refactoring.rule_plan import Masker, defines, plan_rule
from codeorch.refactoring.rules import Replace, Rule, parse_rule

__all__ = ["Masker", "Rename", "Replace", "Rule", "defines", "parse_rule", "plan_rule"]
