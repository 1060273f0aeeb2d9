"""Nodes of JavaScript and TypeScript -> the module that is named there."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import span, words

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# What a type stands in; what is cast stands before the type that it is cast to.
_TYPES: Final = words(
    """type_query type_annotation type_arguments type_alias_declaration type_predicate_annotation
    union_type intersection_type array_type readonly_type parenthesized_type lookup_type
    index_type_query conditional_type tuple_type optional_type generic_type constraint
    default_type function_type"""
)
_CASTS: Final = words("as_expression satisfies_expression")


# Functions that give a module, and those that give a promise of one.
_REQUIRES: Final = words("require jest.requireActual jest.requireMock")
_PROMISES: Final = words("import vi.importActual vi.importMock")
_CALLBACKS: Final = words("arrow_function function_expression")


def pattern_specifier(pattern: "Node") -> "Node | None":
    """Give the specifier when a name or pattern takes what `require` or `import()` gives."""
    if promise := _promise_before(pattern):
        return specifier(promise)
    declarator = pattern.parent()
    value = declarator.field("value") if declarator else None
    if declarator is None or declarator.kind() != "variable_declarator" or value is None:
        return None
    return module_specifier(value)


def module_specifier(value: "Node") -> "Node | None":
    """Give the specifier of the module that a value is; what `import()` gives is a promise."""
    function = value.field("function")
    promise = function is not None and function.text() in _PROMISES
    return None if promise else specifier(value)


def _promise_before(parameter: "Node") -> "Node | None":
    """Give the promise whose value a parameter takes: `import("x").then((module) => ...)`."""
    around = [
        each for each in parameter.ancestors()[:4]
        if each.kind() not in ("formal_parameters", "required_parameter")
    ]  # fmt: skip
    if len(around) < 2 or around[0].kind() not in _CALLBACKS:
        return None
    callback, given = around[:2]
    body = callback.field("body")
    if body is not None and span(body)[0] <= span(parameter)[0]:
        return None
    call = given.parent() if given.kind() == "arguments" else None
    function = call.field("function") if call else None
    if function is None or given.named_children()[0] != callback:
        return None
    name, value = function.field("property"), function.field("object")
    is_then = name is not None and name.text() == "then"
    return value if is_then and value is not None and specifier(value) else None


def is_import_type(value: "Node") -> bool:
    """Whether `import("x")` stands in a type: there it is the module, and no promise of it."""
    function = value.field("function")
    if function is None or function.text() != "import":
        return False
    child = value
    for outer in value.ancestors():
        if outer.kind() != "member_expression":
            cast = outer.kind() in _CASTS and outer.named_children()[-1] == child
            return cast or outer.kind() in _TYPES
        child = outer
    return False


def specifier(value: "Node") -> "Node | None":
    """Give the string in `require("x")`, `await import("x")`, `(await import("x"))`."""
    while value.kind() in ("await_expression", "parenthesized_expression"):
        value = value.named_children()[0]
    function = value.field("function") if value.kind() == "call_expression" else None
    arguments = value.field("arguments")
    if function is None or arguments is None or function.text() not in _REQUIRES | _PROMISES:
        return None
    strings = [each for each in arguments.named_children() if each.kind() == "string"]
    return strings[0] if strings else None
