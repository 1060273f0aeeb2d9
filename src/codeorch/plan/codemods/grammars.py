"""The languages of the scope analysis: one table each."""

from typing import TYPE_CHECKING, Final

from codeorch.plan.codemods.scopes import Binding, Grammar, Role
from codeorch.plan.codemods.trees import is_child, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode


def _python(node: "SgNode") -> Role | None:
    """Tell what a name is in Python's dotted names, which imports and patterns share."""
    dotted = node.parent()
    if dotted is None or dotted.kind() != "dotted_name":
        return _python_pattern(node)
    parent = dotted.parent()
    assert parent is not None
    first = dotted.child(0) == node
    if parent.kind() in ("case_pattern", "keyword_pattern") and len(dotted.children()) == 1:
        return "binding"
    if parent.kind() in ("case_pattern", "keyword_pattern", "class_pattern"):
        return "use" if first else "member"
    return _python_import(dotted, parent, first=first)


def _python_pattern(node: "SgNode") -> Role | None:
    parent = node.parent()
    kind = parent.kind() if parent else ""
    if kind == "keyword_pattern":
        return "key"
    before = node.prev()
    renamed = kind == "as_pattern" and before is not None and before.kind() == "as"
    return "binding" if renamed or kind == "splat_pattern" else None


def _python_import(dotted: "SgNode", parent: "SgNode", *, first: bool) -> Role:
    aliased = parent.kind() == "aliased_import"
    statement = parent.parent() if aliased else parent
    assert statement is not None
    if statement.kind() == "import_statement":
        return "binding" if first and not aliased else "other"
    if statement.kind() != "import_from_statement" or is_child(statement, "module_name", dotted):
        return "other"
    return "import"


PYTHON: Final = Grammar(
    scopes={
        "module": "",
        "function_definition": "body",
        "lambda": "body",
        "class_definition": "body",
        "list_comprehension": "",
        "set_comprehension": "",
        "dictionary_comprehension": "",
        "generator_expression": "",
    },
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
    patterns=words(
        """pattern_list tuple_pattern list_pattern list_splat_pattern dictionary_splat_pattern tuple
    list dotted_name expression_list"""
    ),
    functions=frozenset({"module", "function_definition", "lambda"}),
    classes=frozenset({"class_definition"}),
    bare_members="directly",
    redirects={"global_statement": True, "nonlocal_statement": False},
    refine=_python,
)
