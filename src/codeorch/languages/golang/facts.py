"""How Go writes types with methods and fields, and the methods that its library calls by name."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


def receiver_of(node: "Node") -> str:
    """Give the type that a method belongs to; empty for any other node."""
    receiver = node.field("receiver") if node.kind() == "method_declaration" else None
    if receiver is None:
        return ""
    names = receiver.find_all(kind="type_identifier")
    return names[0].text() if names else ""


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
