"""The tables of scopes of Python, JavaScript and TypeScript, and Go."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, words
from codeorch.analysis.scopes import Binding, Grammar, Role

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


def _python(node: "Node") -> Role | None:
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


def _python_pattern(node: "Node") -> Role | None:
    parent = node.parent()
    kind = parent.kind() if parent else ""
    if kind == "keyword_pattern":
        return "key"
    before = node.prev()
    renamed = kind == "as_pattern" and before is not None and before.kind() == "as"
    return "binding" if renamed or kind == "splat_pattern" else None


def _python_import(dotted: "Node", parent: "Node", *, first: bool) -> Role:
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
    refine=_python,
)


def _ecmascript(node: "Node") -> Role | None:
    """Tell what a name is in imports and exports, `require` and `await import` included."""
    parent = node.parent()
    assert parent is not None
    match parent.kind():
        case "import_specifier":
            aliased = parent.field("alias")
            named = aliased is None or aliased != node
            return ("source" if aliased else "import") if named else None
        case "export_specifier":
            return _exported(parent) if is_child(parent, "name", node) else "other"
        case "object_pattern" if pattern_specifier(parent):
            return "import"
        case "pair_pattern" if is_child(parent, "key", node):
            return "source" if (outer := parent.parent()) and pattern_specifier(outer) else "key"
        case "infer_type" if parent.named_children()[0] != node:  # `infer T extends Limit`
            return "use"
        case _:
            return None


def _exported(specifier: "Node") -> Role:
    """Tell `export { a } from "x"` from `export { a }`."""
    clause = specifier.parent()
    statement = clause.parent() if clause else None
    return "source" if statement and statement.field("source") else "use"


def pattern_specifier(pattern: "Node") -> "Node | None":
    """Give the specifier when a name or pattern takes what `require` or `import()` gives."""
    declarator = pattern.parent()
    value = declarator.field("value") if declarator else None
    if declarator is None or declarator.kind() != "variable_declarator" or value is None:
        return None
    return module_specifier(value)


def module_specifier(value: "Node") -> "Node | None":
    """Give the specifier of the module that a value is; what `import()` gives is a promise."""
    function = value.field("function")
    promise = function is not None and function.text() == "import"
    return None if promise else specifier(value)


def specifier(value: "Node") -> "Node | None":
    """Give the string in `require("x")`, `await import("x")`, `(await import("x"))`."""
    while value.kind() in ("await_expression", "parenthesized_expression"):
        value = value.named_children()[0]
    function = value.field("function") if value.kind() == "call_expression" else None
    arguments = value.field("arguments")
    if function is None or arguments is None or function.text() not in ("require", "import"):
        return None
    strings = [each for each in arguments.named_children() if each.kind() == "string"]
    return strings[0] if strings else None


_FUNCTION_SCOPES = words(
    """program function_declaration function_expression arrow_function method_definition
    generator_function generator_function_declaration class_static_block"""
)

ECMASCRIPT: Final = Grammar(
    scopes=dict.fromkeys(
        _FUNCTION_SCOPES
        | words(
            """statement_block for_statement for_in_statement catch_clause switch_body
            class_declaration abstract_class_declaration class function_signature method_signature
            abstract_method_signature function_type constructor_type call_signature
            construct_signature interface_declaration type_alias_declaration conditional_type
            index_signature"""
        ),
        "",
    ),
    bindings={
        "function_declaration": (Binding(field="name", kind="function", outside=True),),
        "generator_function_declaration": (Binding(field="name", kind="function", outside=True),),
        "function_signature": (Binding(field="name", kind="function", outside=True),),
        "function_expression": (Binding(field="name", kind="function"),),
        "generator_function": (Binding(field="name", kind="function"),),
        "class_declaration": (Binding(field="name", kind="class", outside=True),),
        "abstract_class_declaration": (Binding(field="name", kind="class", outside=True),),
        "class": (Binding(field="name", kind="class"),),
        "interface_declaration": (Binding(field="name", kind="class", outside=True),),
        "type_alias_declaration": (Binding(field="name", kind="class", outside=True),),
        "enum_declaration": (Binding(field="name", kind="class"),),
        "internal_module": (Binding(field="name", kind="class"),),
        "variable_declarator": (Binding(field="name"),),
        "formal_parameters": (Binding(),),
        "required_parameter": (Binding(field="pattern"),),
        "optional_parameter": (Binding(field="pattern"),),
        "arrow_function": (Binding(field="parameter"),),
        "catch_clause": (Binding(field="parameter"),),
        "for_in_statement": (Binding(field="left"),),
        "type_parameter": (Binding(field="name"),),
        "mapped_type_clause": (Binding(field="name"),),
        "infer_type": (Binding(scope="conditional_type"),),
        "import_clause": (Binding(kind="import"),),
        "namespace_import": (Binding(kind="import"),),
        "import_specifier": (
            Binding(field="alias", kind="import"),
            Binding(field="name", kind="import"),
        ),
        "import_require_clause": (Binding(kind="import"),),
    },
    roles={
        "member_expression": (("property", "member"),),
        "nested_type_identifier": (("name", "member"),),
        "nested_identifier": (("property", "member"),),
        "pair": (("key", "key"),),
        "method_definition": (("name", "key"),),
        "method_signature": (("name", "key"),),
        "abstract_method_signature": (("name", "key"),),
        "property_signature": (("name", "key"),),
        "public_field_definition": (("name", "key"),),
        "field_definition": (("property", "key"),),
        "enum_assignment": (("name", "key"),),
        "enum_body": (("", "key"),),
        "jsx_attribute": (("", "key"),),
        "index_signature": (("name", "other"),),
        "labeled_statement": (("label", "other"),),
        "break_statement": (("", "other"),),
        "continue_statement": (("", "other"),),
        "required_parameter": (("name", "other"),),  # a label in a tuple's type
        "optional_parameter": (("name", "other"),),
    },
    patterns={
        "object_pattern": "",
        "array_pattern": "",
        "rest_pattern": "",
        "assignment_pattern": "left",
        "object_assignment_pattern": "left",
        "pair_pattern": "value",
    },
    functions=_FUNCTION_SCOPES,
    hoisting=frozenset({"variable_declaration"}),
    classes=frozenset(),
    refine=_ecmascript,
)


def _go(node: "Node") -> Role | None:
    """Tell what a key of a composite literal is: a field of a struct, or a value of a map."""
    element = node.parent()
    keyed = element.parent() if element and element.kind() == "literal_element" else None
    if keyed is None or keyed.kind() != "keyed_element" or keyed.child(0) != element:
        return None
    literal = next((n for n in keyed.ancestors() if n.kind() == "composite_literal"), None)
    declared = literal.field("type") if literal else None
    indexed = declared is not None and declared.kind() in ("map_type", "slice_type", "array_type")
    # In a map or slice of structs, the inner literals are the structs'.
    nested = sum(n.kind() == "literal_value" for n in keyed.ancestors()) > 1
    return None if indexed and not nested else "key"


_GO_FUNCTIONS = words("source_file function_declaration method_declaration func_literal")

GO: Final = Grammar(
    scopes=dict.fromkeys(
        _GO_FUNCTIONS
        | words(
            """block if_statement for_statement expression_switch_statement type_switch_statement
            expression_case type_case default_case communication_case type_spec function_type"""
        ),
        "",
    ),
    bindings={
        "function_declaration": (Binding(field="name", kind="function", outside=True),),
        "type_spec": (Binding(field="name", kind="class", outside=True),),
        "type_alias": (Binding(field="name", kind="class", outside=True),),
        "var_spec": (Binding(field="name"),),
        "const_spec": (Binding(field="name"),),
        "parameter_declaration": (Binding(field="name"),),
        "variadic_parameter_declaration": (Binding(field="name"),),
        "type_parameter_declaration": (Binding(field="name"),),
        "short_var_declaration": (Binding(field="left"),),
        "range_clause": (Binding(field="left"),),
        "receive_statement": (Binding(field="left"),),
        "type_switch_statement": (Binding(field="alias"),),
    },
    roles={
        "selector_expression": (("field", "member"),),
        "qualified_type": (("name", "member"), ("package", "use")),
        "method_declaration": (("name", "key"),),
        "field_declaration": (("name", "key"),),
        "method_elem": (("name", "key"),),
        "package_clause": (("", "other"),),
        "import_spec": (("", "other"),),
        "labeled_statement": (("label", "other"),),
        "break_statement": (("", "other"),),
        "continue_statement": (("", "other"),),
        "goto_statement": (("", "other"),),
    },
    patterns={"expression_list": ""},
    functions=_GO_FUNCTIONS,
    sequential=True,
    refine=_go,
)
