"""Ruby: its facts, and how it writes scopes and classes.

Definitions, imports and uses are read by the patterns of `ruby.scm`.
"""

import re
from typing import Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language
from codeorch.analysis.scopes import Grammar
from codeorch.analysis.signatures import CallSyntax
from codeorch.analysis.syntax_tables import SyntaxTables, binds, members_first, plays, scopes
from codeorch.languages.generic import table_family

_RECEIVERS: Final = words("self")
_CLASSES: Final = ClassTable(
    classes={"class": "name", "module": "name"},
    bodies=words("body_statement"),
    members={"method": ("name", "method"), "singleton_method": ("name", "method")},
    accesses={"call": ("receiver", "method")},
    own=_RECEIVERS,
)
_TABLES: Final = SyntaxTables(
    calls=CallSyntax(named=True),
    classes=_CLASSES,
    declared_apart=True,
    grammar=Grammar(
        scopes=scopes("program class module method singleton_method block do_block lambda"),
        bindings=binds("method", kind="function")
        | binds("class module", kind="class")
        | binds("assignment operator_assignment left_assignment_list", "left")
        | binds("method_parameters block_parameters lambda_parameters", "")
        | binds("optional_parameter keyword_parameter splat_parameter block_parameter")
        | binds("exception_variable", ""),
        roles=plays("other", "alias. undef."),
        patterns={"left_assignment_list": "", "destructured_parameter": ""},
        functions=words("program method"),
        classes=words("class module"),
        bare_members="everywhere",
        refine=members_first(_CLASSES),
    ),
)
FAMILY: Final = table_family("ruby", _TABLES)
LANGUAGE: Final = Language(
    name="ruby",
    family=FAMILY.name,
    grammar="tree_sitter_ruby",
    ast_grep="ruby",
    suffixes=(".rb", ".rake", ".gemspec"),
    file_names=("Rakefile", "Gemfile"),
    programs=("ruby",),
    tests=re.compile(r"_(test|spec)\.rb$", re.IGNORECASE),
    debugging=re.compile(r"^\s*(?:binding\.(?:pry|irb)|byebug|debugger)\b"),
    focused_test=re.compile(r"^\s*(?:fit|fdescribe|fcontext)\b"),
    receivers=_RECEIVERS,
    keywords=words(
        """alias and begin BEGIN break case class def defined? do else elsif end END ensure false
        for if in module next nil not or redo rescue retry return self super then true undef unless
        until when while yield"""
    ),
)
