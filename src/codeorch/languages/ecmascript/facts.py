"""How JavaScript and TypeScript write classes and objects, and the names that any file may use."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import words
from codeorch.analysis.class_hierarchy import ClassTable, class_around, member_kind
from codeorch.analysis.scopes import Occurrence

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


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
    },
    accesses={"member_expression": ("object", "property")},
    own=frozenset({"this", "super"}),
    created={"new_expression": "constructor"},
)
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


FUNCTIONS: Final = ("arrow_function", "function_expression", "generator_function")
_TOLD: Final = ("variable_declarator", "required_parameter", "optional_parameter")


def declared_type(key: "Node") -> "Node | None":
    """Give the type that is told of the object in which a key stands: `const x: T = { key: 1 }`."""
    around = [node for node in key.ancestors()[:3] if node.kind() not in ("pair", "pair_pattern")]
    if len(around) < 2 or around[0].kind() not in ("object", "object_pattern"):
        return None
    return around[1].field("type") if around[1].kind() in _TOLD else None


def is_of_inline_type(each: Occurrence) -> bool:
    """Whether a key names what a type without a name holds."""
    node = each.node.parent()
    signature = node is not None and node.kind() == "property_signature"
    return signature and not class_around(each.node, CLASSES)


def is_own_method(each: Occurrence) -> bool:
    """Whether a key names a function that a plain object holds."""
    node = each.node.parent()
    if each.role != "key" or node is None or member_kind(each.node, CLASSES):
        return False
    value = node.field("value")
    return node.kind() == "method_definition" or (
        node.kind() == "pair" and value is not None and value.kind() in FUNCTIONS
    )
