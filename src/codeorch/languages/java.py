"""Java: its facts, and how it writes scopes and classes.

Definitions, imports and uses are read by the patterns of `java.scm`.
"""

import re
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language, Syntax
from codeorch.analysis.scopes import Grammar, Role
from codeorch.analysis.syntax_tables import SyntaxTables, binds, members_first, plays, scopes
from codeorch.languages.generic import table_family
from codeorch.languages.operands import is_loose_operand

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node
    from codeorch.analysis.syntax_tree import SyntaxNode


_EFFECTS: Final = words(
    """method_invocation assignment_expression update_expression object_creation_expression"""
)


def _objection(node: "SyntaxNode") -> str:
    """Tell an expression that is no statement."""
    if node.kind != "expression_statement" or node.parts[0].kind in _EFFECTS:
        return ""
    return "the value would not be used"


_SYNTAX: Final = Syntax(
    surroundings=(
        ("", ""),
        ("class A { ", " }"),
        ("class A { void f() { ", " } }"),
        ("class A { Object x = ", "; }"),
        ("class A { void f() { ", "; } }"),
        ("class A { ", " x; }"),  # a type
        ("", " class A {}"),  # an annotation
    ),
    scopes=words("lambda_expression method_declaration class_declaration"),
    builtins=words(
        """Appendable AutoCloseable Boolean Byte CharSequence Character Class Comparable Deprecated
        Double Enum Error Exception Float FunctionalInterface IllegalArgumentException
        IllegalStateException Integer Iterable Long Math NullPointerException Number Object Override
        Process Record Runnable Runtime RuntimeException SafeVarargs Short StackWalker StrictMath
        String StringBuffer StringBuilder SuppressWarnings System Thread ThreadLocal Throwable
        UnsupportedOperationException Void"""
    ),
    imported=re.compile(r"[A-Z]\w*"),
    targets=words("assignment_expression update_expression"),
    must_wrap=is_loose_operand,
    objection=_objection,
)
_RECEIVERS: Final = words("this")
_BASE_RECEIVERS: Final = words("super")


def _method_reference(node: "Node") -> Role | None:
    """Tell the method in `Cart::total`."""
    parent = node.parent()
    is_one = parent is not None and parent.kind() == "method_reference"
    return "member" if is_one and node.prev() is not None else None


_CLASSES: Final = ClassTable(
    classes=dict.fromkeys(
        words(
            """class_declaration interface_declaration enum_declaration record_declaration
            annotation_type_declaration"""
        ),
        "name",
    ),
    bodies=words("class_body interface_body enum_body enum_body_declarations annotation_type_body"),
    members={
        "method_declaration": ("name", "method"),
        "variable_declarator": ("name", "variable"),
        "enum_constant": ("name", "variable"),
    },
    accesses={"method_invocation": ("object", "name"), "field_access": ("object", "field")},
    own=_RECEIVERS | _BASE_RECEIVERS,
    created={"object_creation_expression": "type"},
    separate=True,
    labels=words("switch_label"),
    overloads=True,
    references=words("method_reference"),
    small=words(
        """Runnable Callable Comparator Supplier Consumer BiConsumer Function BiFunction Predicate
        Iterator Iterable UnaryOperator BinaryOperator AutoCloseable Comparable"""
    ),
)
_TABLES: Final = SyntaxTables(
    classes=_CLASSES,
    paths="packages",
    lookups=words(
        """getMethod getDeclaredMethod getField getDeclaredField findVirtual findStatic findGetter
        findSetter MethodSource FieldSource EnabledIf DisabledIf"""
    ),
    file_of_class=True,
    grammar=Grammar(
        scopes=scopes(
            """program class_declaration interface_declaration enum_declaration record_declaration
            method_declaration constructor_declaration block lambda_expression for_statement
            enhanced_for_statement catch_clause try_with_resources_statement switch_block"""
        ),
        bindings=binds(" ".join(_CLASSES.classes), kind="class")
        | binds("formal_parameter spread_parameter variable_declarator enhanced_for_statement")
        | binds("catch_formal_parameter resource")
        | binds("inferred_parameters type_parameter", "")
        | binds("lambda_expression", "parameters"),
        roles=plays("member", "method_invocation.name field_access.field scoped_identifier.name")
        | plays("key", "element_value_pair.key")
        | plays("other", "labeled_statement. break_statement. continue_statement."),
        patterns={},
        functions=words("program method_declaration"),
        classes=frozenset(_CLASSES.classes),
        bare_members="everywhere",
        refine=members_first(_CLASSES, _method_reference),
    ),
)
FAMILY: Final = table_family("java", _TABLES)
LANGUAGE: Final = Language(
    doc_comment=re.compile(r"/\*\*|///"),
    doc_link=re.compile(  # the standard doclet's tags
        r"(?:\{@(?:link|linkplain|value)\s+|@(?:see|throws|exception)\s+)"
        r"(?P<path>[\w$]*(?:\.[\w$]+)*(?:#[\w$]+)?)"
    ),
    name="java",
    family=FAMILY.name,
    grammar="tree_sitter_java",
    ast_grep="java",
    syntax=_SYNTAX,
    outer_levels=8,
    is_trusted=True,
    suffixes=(".java",),
    tests=re.compile(r"(Tests?|Spec)\.(?i:java)$"),
    test_family="jvm",
    companions=(".groovy",),
    printing=re.compile(r"^\s*System\.(?:out|err)\.print|\.printStackTrace\(\)"),
    receivers=_RECEIVERS,
    base_receivers=_BASE_RECEIVERS,
    sees_folder=True,
    keywords=words(
        """abstract assert boolean break byte case catch char class const continue default do double
        else enum extends false final finally float for goto if implements import instanceof int
        interface long native new null package private protected public return short static strictfp
        super switch synchronized this throw throws transient true try void volatile while"""
    ),
)
