"""Python: its facts, how it writes scopes, and the names that it gives to every file."""

import builtins
import keyword
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, words
from codeorch.analysis.language import Language
from codeorch.analysis.scopes import Binding, Grammar, Role
from codeorch.analysis.signatures import CallSyntax
from codeorch.languages.python.syntax import SYNTAX

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# Bare names that mean something in every file.
BUILTINS: Final = frozenset(dir(builtins)) | words(
    """__file__ __name__ __doc__ __package__ __path__ __spec__ __loader__ __builtins__ __dict__
    __all__ __version__ __class__ __annotations__ reveal_type WindowsError"""
)

LANGUAGE: Final = Language(
    name="python",
    family="python",
    grammar="tree_sitter_python",
    ast_grep="python",
    syntax=replace(SYNTAX, builtins=BUILTINS, imported=re.compile(r"\w+")),
    outer_levels=8,
    is_trusted=True,
    suffixes=(".py", ".pyi", ".pyw"),
    programs=("python",),
    stubs=(".pyi",),
    package_files=words("__init__"),
    tests=re.compile(r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$", re.IGNORECASE),
    test_support=re.compile(r"(^|/)conftest\.py$", re.IGNORECASE),
    has_test_modules=True,
    companions=(".ipynb", ".pyx", ".pxd"),
    generated=re.compile(r"_pb2(_grpc)?\.pyi?$", re.IGNORECASE),
    receivers=words("self cls"),
    base_receivers=words("super super()"),
    keywords=frozenset(keyword.kwlist),
    initializer="__init__",
    needs_receiver=True,
    imports_every_use=True,
    names_parameters_first=True,
    doc_comment=re.compile(r"#"),
    doc_link=re.compile(  # https://www.sphinx-doc.org/en/master/usage/domains/python.html
        r":(?:py:)?(?:func|meth|class|attr|data|const|exc|obj|mod|any|type|property|deco):"
        r"`(?:[^`<]*<)?[~!.]*(?P<path>\w+(?:\.\w+)*)"
    ),
    debugging=re.compile(
        r"^\s*(?:breakpoint\(\)|import i?pdb\b|(?:import i?pdb; *)?i?pdb\.set_trace\(|"
        r"(?:from icecream )?import ic$|ic\()"
    ),
    printing=re.compile(r"^\s*print\("),
    # Flake8's for undefined names and exports (F821, F822), or for all; and those of type checkers.
    waiver=re.compile(
        r"#\s*(?:noqa(?!:)|noqa:[\w, ]*\bF82\d|(?:type|pyright|pyrefly|ty):\s*ignore)"
    ),
)
# Files that name entry points and plugins by their paths, and that say how imports are sorted;
# and files of commands, which run modules by their paths.
_COMMANDS: Final = (
    r"(?:GNU)?[Mm]akefile|Justfile|justfile|Procfile|(?:Docker|Container)file[\w.-]*"
    r"|[\w.-]+\.(?:mk|ya?ml|sh|bash|dockerfile)"
)
CONFIG_FILES: Final = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|\.?ruff\.toml|\.isort\.cfg"
    rf"|{_COMMANDS})$"
)
COMMAND_FILES: Final = re.compile(rf"(?:^|/)(?:{_COMMANDS})$")
CALLS: Final = CallSyntax(named=True)
# Bases that lend no members which a use would mean; and those that call none of what derives.
PLAIN_BASES: Final = words("object ABC Protocol Generic NamedTuple TypedDict Exception ValueError")
SILENT_BASES: Final = PLAIN_BASES | words("Enum IntEnum StrEnum Flag")


def _role_of(node: "Node") -> Role | None:
    """Tell what a name is in Python's dotted names, which imports and patterns share."""
    dotted = node.parent()
    if dotted is None or dotted.kind() != "dotted_name":
        return _pattern_role(node)
    parent = dotted.parent()
    assert parent is not None
    first = dotted.child(0) == node
    if parent.kind() in ("case_pattern", "keyword_pattern") and len(dotted.children()) == 1:
        return "binding"
    if parent.kind() in ("case_pattern", "keyword_pattern", "class_pattern"):
        return "use" if first else "member"
    return _import_role(dotted, parent, first=first)


def _pattern_role(node: "Node") -> Role | None:
    parent = node.parent()
    kind = parent.kind() if parent else ""
    if kind in ("type", "splat_type") and _is_type_parameter(node):
        return "binding"
    if kind == "keyword_pattern":
        return "key"
    before = node.prev()
    renamed = kind == "as_pattern" and before is not None and before.kind() == "as"
    return "binding" if renamed or kind == "splat_pattern" else None


def _type_parameters(definition: "Node") -> "Node | None":
    """Give `[T]` of `def first[T](x)`, `class Stack[T]`, `type Stacks[T] = ...`."""
    kind = definition.kind()
    if kind in ("function_definition", "class_definition"):
        return definition.field("type_parameters")
    left = definition.field("left") if kind == "type_alias_statement" else None
    generic = left.child(0) if left else None
    parts = generic.named_children() if generic and generic.kind() == "generic_type" else []
    return next((each for each in parts if each.kind() == "type_parameter"), None)


def _is_type_parameter(node: "Node") -> bool:
    """Whether a name is one that a definition takes as a type: `T` of `[T: Base]`, `[*T]`."""
    child = node
    for parent in node.ancestors()[:5]:
        if parent.kind() == "type_parameter":
            return any(_type_parameters(each) == parent for each in parent.ancestors()[:3])
        if parent.kind() == "constrained_type" and parent.named_children()[0] != child:
            return False
        if parent.kind() not in ("type", "splat_type", "constrained_type"):
            return False
        child = parent
    return False


def _import_role(dotted: "Node", parent: "Node", *, first: bool) -> Role:
    aliased = parent.kind() == "aliased_import"
    statement = parent.parent() if aliased else parent
    assert statement is not None
    if statement.kind() == "import_statement":
        return "binding" if first and not aliased else "other"
    if statement.kind() != "import_from_statement" or is_child(statement, "module_name", dotted):
        return "other"
    return "import"


SCOPES: Final = Grammar(
    scopes={
        "module": "",
        "function_definition": "body",
        "lambda": "body",
        "class_definition": "body",
        "list_comprehension": "",
        "set_comprehension": "",
        "dictionary_comprehension": "",
        "generator_expression": "",
        "type_parameter": "",
    },
    outer_parts=dict.fromkeys(
        words(
            """list_comprehension set_comprehension dictionary_comprehension generator_expression"""
        ),
        ("for_in_clause", "right"),
    ),
    type_parameters=_type_parameters,
    bindings={
        "function_definition": (Binding(field="name", kind="function", outside=True),),
        "class_definition": (Binding(field="name", kind="class", outside=True),),
        "parameters": (Binding(),),
        "lambda_parameters": (Binding(),),
        "typed_parameter": (Binding(),),
        "default_parameter": (Binding(field="name"),),
        "typed_default_parameter": (Binding(field="name"),),
        "assignment": (Binding(field="left"),),
        "augmented_assignment": (Binding(field="left"),),
        "named_expression": (Binding(field="name", hoisted=True),),
        "for_statement": (Binding(field="left"),),
        "for_in_clause": (Binding(field="left"),),
        "as_pattern_target": (Binding(),),
        "as_pattern": (Binding(field="alias"),),
        "delete_statement": (Binding(),),
        "import_statement": (Binding(field="name", kind="import"),),
        "import_from_statement": (Binding(field="name", kind="import"),),
        "aliased_import": (Binding(field="alias", kind="import"),),
    },
    roles={
        "attribute": (("attribute", "member"),),
        "keyword_argument": (("name", "key"),),
    },
    patterns=dict.fromkeys(
        words(
            """pattern_list tuple_pattern list_pattern list_splat_pattern dictionary_splat_pattern
            tuple list dotted_name expression_list"""
        ),
        "",
    ),
    functions=frozenset({"module", "function_definition", "lambda"}),
    classes=frozenset({"class_definition"}),
    bare_members="directly",
    redirects={"global_statement": True, "nonlocal_statement": False},
    refine=_role_of,
)
