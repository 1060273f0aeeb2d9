"""Go: its facts, how it writes scopes, types and methods, and the names that its library has."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import of_kind, words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language
from codeorch.analysis.scopes import Binding, Grammar, Role
from codeorch.analysis.signatures import CallSyntax
from codeorch.languages.golang.syntax import SYNTAX

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

LANGUAGE: Final = Language(
    doc_comment=re.compile(r"//|/\*"),
    doc_link=re.compile(r"\[\*?(?P<path>\w+(?:\.\w+)*)\](?![(:\[])"),  # https://go.dev/doc/comment
    name="go",
    family="go",
    grammar="tree_sitter_go",
    ast_grep="go",
    syntax=SYNTAX,
    is_trusted=True,
    suffixes=(".go",),
    folder_is_module=True,
    tests=re.compile(r"_test\.go$", re.IGNORECASE),
    generated=re.compile(r"\.pb\.go$|(^|/)zz_generated\.", re.IGNORECASE),
    keywords=words(
        """break case chan const continue default defer else fallthrough for func go goto if import
        interface map package range return select struct switch type var init main _"""
    ),
    debugging=re.compile(r"^\s*(?:spew\.Dump\(|runtime\.Breakpoint\()"),
    printing=re.compile(r"^\s*(?:fmt\.Print(?:ln|f)?|println?)\("),
    needs_receiver=True,
    sees_folder=True,
)
CONFIG_FILES: Final = re.compile(r"(?:^|/)go\.mod$")
BUILD_FILES: Final = re.compile(r"(?:^|/)go\.(?:mod|sum|work|work\.sum)$")
CALLS: Final = CallSyntax(spreads_results=True)
# Bare names that mean something in every file.
BUILTINS: Final = words(
    """any append bool byte cap clear close comparable complex complex128 complex64 copy delete
    error false float32 float64 imag int int16 int32 int64 int8 iota len make max min new nil
    panic print println real recover rune string true uint uint16 uint32 uint64 uint8 uintptr _
    init main C"""
)


def _key_role(node: "Node") -> Role | None:
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


_FUNCTIONS = words("source_file function_declaration method_declaration func_literal")

SCOPES: Final = Grammar(
    scopes=dict.fromkeys(
        _FUNCTIONS
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
    functions=_FUNCTIONS,
    sequential=True,
    refine=_key_role,
)


def receiver_of(node: "Node") -> str:
    """Give the type that a method belongs to; empty for any other node."""
    receiver = node.field("receiver") if node.kind() == "method_declaration" else None
    if receiver is None:
        return ""
    names = receiver.find_all(kind="type_identifier")
    return names[0].text() if names else ""


def embedded_types(spec: "Node") -> Iterator[str]:
    """Name the types that a struct or an interface embeds: `Base` for `Base[T]`."""
    body = spec.field("type")
    if body is None:
        return
    fields = [part for part in of_kind(body, "field_declaration") if part.field("name") is None]
    elements = of_kind(body, "type_elem") if body.kind() == "interface_type" else []
    for part in (*fields, *elements):
        names = part.find_all(kind="type_identifier")
        if names:
            yield names[0].text()


TYPES: Final = ClassTable(
    classes={"type_spec": "name"},
    bodies=words("field_declaration_list interface_type"),
    members={
        "method_declaration": ("name", "method"),
        "method_elem": ("name", "method"),
        "field_declaration": ("name", "variable"),
    },
    accesses={"selector_expression": ("operand", "field")},
    own=frozenset(),
    created={"composite_literal": "type"},
    literals={"composite_literal": "type"},
    outside=receiver_of,
)
# Methods of interfaces of the standard library: it calls them by these names.
INTERFACES: Final = words(
    """Close Err Error Flush Format GoString Hijack Len Less Lock MarshalBinary MarshalJSON
    MarshalText Pop Push Read ReadAt ReadByte ReadFrom ReadRune RoundTrip Scan Seek ServeHTTP
    String Swap Unlock UnmarshalBinary UnmarshalJSON UnmarshalText Unwrap Write WriteAt WriteByte
    WriteHeader WriteString WriteTo"""
)
LOOKUPS: Final = words("MethodByName FieldByName")
# What some of them take and give, without packages; a method with another signature is none of
# them. Of each, (types of parameters, result).
SIGNATURES: Final[dict[str, frozenset[tuple[tuple[str, ...], str]]]] = {
    "Close": frozenset({((), "error")}),
    "Error": frozenset({((), "string")}),
    "Flush": frozenset({((), ""), ((), "error")}),
    "GoString": frozenset({((), "string")}),
    "Len": frozenset({((), "int")}),
    "Less": frozenset({(("int", "int"), "bool")}),
    "Lock": frozenset({((), "")}),
    "Pop": frozenset({((), "any"), ((), "interface{}")}),
    "Push": frozenset({(("any",), ""), (("interface{}",), "")}),
    "Read": frozenset({(("[]byte",), "(int, error)")}),
    "String": frozenset({((), "string")}),
    "Swap": frozenset({(("int", "int"), "")}),
    "Unlock": frozenset({((), "")}),
    "Unwrap": frozenset({((), "error"), ((), "[]error")}),
    "Write": frozenset({(("[]byte",), "(int, error)")}),
}
# Other common methods of its types, which a value of unknown type may have.
COMMON: Final = words(
    """Add Addr After Append As Before Bool Broadcast Bytes Call Cancel Cap Cleanup Clone Compare
    Context Cookie Cookies Count Data Date Day Deadline Decode Del Delete Do Done Elem Encode Equal
    Error Errorf Exec Execute Fail FailNow Fatal Fatalf Field Float Fprintf Get Grow Has Head Header
    Helper Host Hour Index Init Int Interface Is IsDir IsNil IsValid IsZero Key Keys Kind Load Log
    Logf Lookup Method Mode Month Name New Next Now Once Open Parse ParseForm Path Peek Ping Post
    Print Printf Println Put Query QueryRow RLock RUnlock Range ReadAll ReadDir ReadFile ReadLine
    ReadString Replace Request Reset Rows Run Scheme Second Send Set Signal Size Skip Split Stat
    Start Stop Store Sub Sync Tag Time Trim Truncate Type URL Unix Unset Value Values Wait
    WithContext WriteRune Year Zone"""
)
