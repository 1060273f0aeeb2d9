"""JavaScript and TypeScript: their facts, how they write scopes and classes, and their names."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import is_child, words
from codeorch.analysis.class_hierarchy import ClassTable
from codeorch.analysis.language import Language
from codeorch.analysis.scopes import Binding, Grammar, Role
from codeorch.analysis.signatures import CallSyntax
from codeorch.languages.ecmascript.specifiers import pattern_specifier
from codeorch.languages.ecmascript.syntax import JAVASCRIPT_SYNTAX, TYPESCRIPT_SYNTAX

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# Bare names that the language, browsers, Node and runners of tests give.
GLOBALS: Final = words(
    """AbortController AbortSignal Array ArrayBuffer BigInt Blob Boolean Buffer Bun CustomEvent
    DOMException DataView Date Deno Error Event EventTarget File FormData Function Headers Infinity
    Intl JSON Map Math MessageChannel NaN Number Object Promise Proxy RangeError ReadableStream
    Reflect RegExp Request Response Set SharedArrayBuffer String Symbol TextDecoder TextEncoder
    TransformStream TypeError URL URLSearchParams Uint8Array WeakMap WeakRef WeakSet WebAssembly
    WebSocket Worker WritableStream __dirname __filename afterAll afterEach arguments atob beforeAll
    beforeEach btoa clearImmediate clearInterval clearTimeout console crypto customElements
    describe document exports expect fetch global globalThis history import it jest localStorage
    location module navigator performance process queueMicrotask require self sessionStorage
    setImmediate setInterval setTimeout structuredClone suite test undefined vi vitest window"""
)

_RECEIVERS: Final = words("this")
_BASE_RECEIVERS: Final = words("super")
JAVASCRIPT: Final = Language(
    name="javascript",
    family="ecmascript",
    grammar="tree_sitter_javascript",
    queries=("javascript", "jsx"),
    ast_grep="javascript",
    syntax=replace(JAVASCRIPT_SYNTAX, builtins=GLOBALS, imported=re.compile(r"[\w$]+")),
    is_trusted=True,
    suffixes=(".js", ".jsx", ".mjs", ".cjs"),
    programs=("node",),
    package_files=words("index mod"),  # `mod` is Deno's
    tests=re.compile(
        r"[.-](test|spec)\.[cm]?[jt]sx?$|(^|/)__tests__/[^/]*\.[cm]?[jt]sx?$", re.IGNORECASE
    ),
    companions=(".vue", ".svelte", ".astro"),
    is_bundled=True,
    receivers=_RECEIVERS,
    base_receivers=_BASE_RECEIVERS,
    keywords=words(
        """arguments await break case catch class const continue debugger default delete do else
        enum eval export extends false finally for function if import in instanceof let new null
        return static super switch this throw true try typeof undefined var void while with yield"""
    ),
    needs_receiver=True,
    imports_every_use=True,
    imports_by_path=True,
    names_parameters_first=True,
    doc_comment=re.compile(r"/\*\*"),
    doc_link=re.compile(  # https://jsdoc.app/tags-inline-link
        r"(?:\{@link(?:code|plain)?\s+|@see\s+(?!\{))(?P<path>[\w$]*(?:[.#~][\w$]+)*)"
    ),
    waiver=re.compile(r"@ts-(?:expect-error|ignore)\b"),
    debugging=re.compile(r"^\s*debugger\b"),
    printing=re.compile(r"^\s*console\.(?:log|debug)\("),
    focused_test=re.compile(r"^\s*(?:(?:it|test|describe|context|suite)\.only|fit|fdescribe)\("),
    waives_next_line=True,
)
TYPESCRIPT: Final = replace(
    JAVASCRIPT,
    name="typescript",
    grammar="tree_sitter_typescript",
    grammar_function="language_typescript",
    queries=(),
    ast_grep="typescript",
    syntax=replace(TYPESCRIPT_SYNTAX, builtins=GLOBALS, imported=re.compile(r"[\w$]+")),
    suffixes=(".ts", ".mts", ".cts"),
    programs=("deno", "ts-node", "tsx"),
    stubs=(".d.ts", ".d.mts", ".d.cts"),
    keywords=JAVASCRIPT.keywords | words("any boolean never number object string symbol unknown"),
)
TSX: Final = replace(
    TYPESCRIPT,
    name="tsx",
    grammar_function="language_tsx",
    queries=("typescript", "jsx"),
    ast_grep="tsx",
    suffixes=(".tsx",),
    programs=(),
    stubs=(),
)
CONFIG_FILES: Final = re.compile(r"(?:^|/)(?:package|tsconfig[\w.-]*|jsconfig)\.json$")
CALLS: Final = CallSyntax(receiver="this")
BUILT: Final = "dist|build|lib|out"  # folders that a build fills, as a pattern


def _role_of(node: "Node") -> Role | None:
    """Tell what a name is in imports and exports, `require` and `await import` included."""
    parent = node.parent()
    assert parent is not None
    match parent.kind():
        case "import_specifier":
            aliased = parent.field("alias")
            named = aliased is None or aliased != node
            return ("source" if aliased else "import") if named else None
        case "export_specifier":
            return _export_role(parent) if is_child(parent, "name", node) else "other"
        case "object_pattern" if pattern_specifier(parent):
            return "import"
        case "pair_pattern" if is_child(parent, "key", node):
            return "source" if (outer := parent.parent()) and pattern_specifier(outer) else "key"
        case "infer_type" if parent.named_children()[0] != node:  # `infer T extends Limit`
            return "use"
        case _:
            return None


def _export_role(specifier: "Node") -> Role:
    """Tell `export { a } from "x"` from `export { a }`."""
    clause = specifier.parent()
    statement = clause.parent() if clause else None
    return "source" if statement and statement.field("source") else "use"


_FUNCTION_SCOPES = words(
    """program function_declaration function_expression arrow_function method_definition
    generator_function generator_function_declaration class_static_block"""
)

SCOPES: Final = Grammar(
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
    refine=_role_of,
)


def parameter_property(node: "Node") -> str:
    """Give the class of a constructor's parameter that is a field, too: `(private name: string)`.

    Empty for any other node.
    """
    if node.kind() not in ("required_parameter", "optional_parameter"):
        return ""
    marks = (child.kind() for child in node.children())
    if not any(mark in ("accessibility_modifier", "readonly") for mark in marks):
        return ""
    body = next((each for each in node.ancestors() if each.kind() == "class_body"), None)
    holder = body.parent() if body else None
    name = holder.field("name") if holder else None
    return name.text() if name else ""


CLASSES: Final = ClassTable(
    classes={
        "class_declaration": "name",
        "abstract_class_declaration": "name",
        "class": "name",
        "interface_declaration": "name",
        "type_alias_declaration": "name",
        "enum_declaration": "name",
    },
    bodies=words("class_body interface_body object_type enum_body"),
    members={
        "method_definition": ("name", "method"),
        "method_signature": ("name", "method"),
        "abstract_method_signature": ("name", "method"),
        "property_signature": ("name", "variable"),
        "public_field_definition": ("name", "variable"),
        "field_definition": ("property", "variable"),
        "enum_assignment": ("name", "variable"),
        "enum_body": ("", "variable"),
        "required_parameter": ("pattern", "variable"),
        "optional_parameter": ("pattern", "variable"),
    },
    accesses={
        "member_expression": ("object", "property"),
        "nested_type_identifier": ("module", "name"),
    },
    own=_RECEIVERS | _BASE_RECEIVERS,
    rebinding=words(
        """function_expression function_declaration generator_function
        generator_function_declaration method_definition"""
    ),
    created={"new_expression": "constructor"},
    outside=parameter_property,
)
# Members of every object.
EVERY: Final = words(
    """__proto__ constructor hasOwnProperty isPrototypeOf propertyIsEnumerable prototype
    toLocaleString toString valueOf"""
)
# Members of the language's own objects and of the web's: any value may have them.
STANDARD: Final = words(
    """abort add all any append apply arrayBuffer assign at bind blob body bubbles call cancel catch
    charAt charCodeAt clear clone close code concat constructor copyWithin create default defaults
    delete description done emit end endsWith enqueue entries enumerable error every exec fill
    filter finally find findIndex findLast flags flat flatMap floor flush forEach formData freeze
    from fromEntries get getAll getReader getWriter global grow has hasOwn hasOwnProperty hash
    headers host hostname href id includes index indexOf info init input isArray isInteger join json
    keys lastIndex lastIndexOf length localeCompare log map match matchAll max message method min
    mode name next normalize now of off on once ok open origin padEnd padStart parse path pathname
    pipe pipeTo pipeThrough pop port postMessage preventDefault prototype protocol push race raw
    read reason redirect reduce reduceRight reject remove removeEventListener repeat replace
    replaceAll request reset resolve resolves respond response result return reverse search
    searchParams send set shift signal size slice some sort source splice split stack start
    startsWith status statusText stop stringify sub subarray substr substring target tee test text
    then throw toFixed toISOString toJSON toLocaleString toLowerCase toString toUpperCase trim
    trimEnd trimStart type unref unshift url username value valueOf values warn with write"""
)
