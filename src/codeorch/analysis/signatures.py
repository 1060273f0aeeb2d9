"""What a function takes, what a call gives, and whether the two fit; read from syntax trees."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from codeorch.analysis.ast_grep import span, words

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node
    from codeorch.analysis.parse_cache import ParsedText
    from codeorch.domain import Symbol

How = Literal["either", "position", "keyword", "rest", "keywords"]

_LISTS: Final = words(
    """parameters formal_parameters parameter_list function_value_parameters method_parameters
    class_parameters"""
)
_ARGUMENTS: Final = words("argument_list arguments value_arguments")
_REST: Final = words(
    """list_splat_pattern rest_pattern variadic_parameter_declaration spread_parameter
    splat_parameter variadic_parameter"""
)
_OPTIONAL: Final = words(
    """default_parameter typed_default_parameter optional_parameter optional_parameter_declaration
    assignment_pattern"""
)
_NO_PARAMETERS: Final = words(
    """( ) [ ] | comment line_comment block_comment self_parameter receiver_parameter
    block_parameter attribute_item"""
)
_SPREAD: Final = words(
    """list_splat dictionary_splat spread_element variadic_argument splat_argument
    hash_splat_argument variadic_unpacking spread_expression vararg_splice"""
)
_NAMED_ARGUMENTS: Final = words(
    "keyword_argument pair argument value_argument assignment_expression"
)
_WRAPPED: Final = ("argument", "value_argument")  # nodes around each argument


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSyntax:
    """How a family of languages writes parameters and arguments, beside what all have alike."""

    named: bool = False  # whether arguments may name their parameters
    named_by_assignment: bool = False  # whether `f(a = 1)` does so where `a = 1` may be a value
    receiver: str = ""  # a parameter of this name is none: it says what the function is called on
    spread: str = ""  # in front of an argument that is unpacked, where the grammar does not tell
    spreads_results: bool = False  # whether `f(g())` hands on all that `g` returns


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. `rest` takes all further positions, `keywords` all further keywords."""

    name: str
    required: bool = True
    how: How = "either"


Signature = tuple[Parameter, ...]
ANYTHING: Final[Signature] = (
    Parameter(name="", required=False, how="rest"),
    Parameter(name="", required=False, how="keywords"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArguments:
    """What a call hands over; `spread` when it unpacks values that are not seen."""

    positions: int
    keywords: tuple[str, ...] = ()
    spread: bool = False


def misfit(signature: Signature, call: CallArguments) -> str:
    """Say why a call does not fit a signature; empty when it does, as far as can be seen."""
    places = [each for each in signature if each.how in ("either", "position")]
    known = {each.name for each in signature if each.how in ("either", "keyword")}
    takes_all = any(each.how == "keywords" for each in signature)
    strange = [name for name in call.keywords if name not in known]
    if strange and not takes_all:
        return f"it has no parameter `{strange[0]}`"
    if call.positions > len(places) and not any(each.how == "rest" for each in signature):
        return f"it takes {_count_text(len(places))}, not {call.positions}"
    twice = [each.name for each in places[: call.positions] if each.name in call.keywords]
    if twice:
        return f"`{twice[0]}` is given twice"
    if call.spread:
        return ""
    given = {each.name for each in places[: call.positions]} | set(call.keywords)
    missing = [
        each.name or "one more"
        for index, each in enumerate(signature)
        if _is_needed(each)
        if (each.name not in given if each.name else _place(signature, index) >= call.positions)
    ]
    return f"it does not give `{missing[0]}`" if missing else ""


def _place(signature: Signature, index: int) -> int:
    return sum(each.how in ("either", "position") for each in signature[:index])


def _count_text(places: int) -> str:
    return f"{places or 'no'} positional argument{'s' if places != 1 else ''}"


def shifted_parameter(before: Signature, after: Signature, call: CallArguments) -> str:
    """Name the parameter that a positional argument went to before and does not any more.

    A parameter that only got another name stays the same one; empty when nothing shifted.
    """
    old = [each.name for each in before if each.how in ("either", "position")]
    new = [each.name for each in after if each.how in ("either", "position")]
    names = {each.name for each in after}
    for was, now in zip(old[: call.positions], new, strict=False):
        if was != now and (was in names or now in old):
            return was
    return ""


def difference(before: Signature, after: Signature) -> str:
    """Tell how a signature changed for those who call it; empty when they need not care."""
    return ", ".join(_differences(before, after))


def narrowing(base: Signature, override: Signature) -> str:
    """Tell which calls that fit a base do not fit what overrides it; empty where all do.

    An override may take more: as `*args` and `**kwargs`, by either way, or what need not be given.
    """
    rest, keywords = (any(e.how == how for e in override) for how in ("rest", "keywords"))
    takes: dict[How, bool] = {
        "position": rest, "keyword": keywords, "either": rest and keywords,
        "rest": rest, "keywords": keywords,
    }  # fmt: skip
    names = {each.name for each in override}
    return difference(tuple(e for e in base if e.name in names or not takes[e.how]), override)


def _differences(before: Signature, after: Signature) -> Iterator[str]:
    old, new = ({each.name: each for each in side} for side in (before, after))
    come = [each for each in after if each.name not in old]
    for each in before:
        partner = None if each.name in new else _replacement(each, before, after, come)
        if partner is not None:
            come.remove(partner)
            if each.how in ("either", "keyword"):
                yield f"parameter `{each.name}` became `{partner.name}`"
        elif each.name not in new:
            yield f"parameter `{each.name}` is gone"
    for each in come:
        if _is_needed(each) or _is_inside(each, after, old):
            yield f"{'required ' if _is_needed(each) else ''}parameter `{each.name}` is new"
    shared = [each.name for each in before if each.name in new]
    if shared != [each.name for each in after if each.name in old]:
        yield "the order of its parameters changed"
    yield from (told for name in shared for told in _harder(old[name], new[name]))


def _harder(old: Parameter, new: Parameter) -> Iterator[str]:
    """Tell what a caller may not do any more with a parameter that stayed."""
    if _is_needed(new) and not _is_needed(old):
        yield f"parameter `{new.name}` became required"
    if new.how == "keyword" and old.how in ("either", "position"):
        yield f"parameter `{new.name}` became keyword-only"
    if new.how == "position" and old.how in ("either", "keyword"):
        yield f"parameter `{new.name}` became positional-only"


def _is_needed(each: Parameter) -> bool:
    return each.required and each.how not in ("rest", "keywords")


def _replacement(
    each: Parameter, before: Signature, after: Signature, come: list[Parameter]
) -> Parameter | None:
    """Find the new parameter that stands where one stood that is gone."""
    if len(before) != len(after):
        return None
    partner = after[before.index(each)]
    return partner if partner in come and partner.how == each.how else None


def _is_inside(each: Parameter, after: Signature, old: dict[str, Parameter]) -> bool:
    """Whether positional parameters that were there before stand behind a new one."""
    if each.how not in ("either", "position"):
        return False
    behind = after[after.index(each) + 1 :]
    return any(one.name in old and one.how in ("either", "position") for one in behind)


# ------------------------------------------------------------------------------- reading


def signature_of(definition: "Node", syntax: CallSyntax) -> Signature | None:
    """Read the parameters of a function's definition; None when it shows none."""
    lists = list(_lists(definition))
    declared = definition.field("type") if definition.field("value") else None
    if len(lists) != 1 or declared is not None:  # none, curried, or said by another type
        return None
    found: list[Parameter] = []
    how: How = "either" if syntax.named else "position"
    for part in _parts(lists[0]):
        kinds = {node.kind() for node in part}
        if kinds & {"positional_separator"}:
            found = [replace(each, how="position") for each in found]
        elif kinds & {"keyword_separator"} or part[0].text() == "*":
            how = "keyword"
        else:
            found += _parameters(part, how)
        if found and found[-1].how == "rest" and how == "either":
            how = "keyword"
    return tuple(each for each in found if not each.name or each.name != syntax.receiver)


def _lists(definition: "Node") -> Iterator["Node"]:
    node = definition
    if node.kind() == "variable_declarator" or node.kind().endswith("field_definition"):
        node = node.field("value") or node
    annotation = node.field("type") if node.kind() == "property_signature" else None
    if annotation is not None:  # `run: (item: number) => void`
        node = next((n for n in annotation.named_children() if n.kind() == "function_type"), node)
    while node.kind() != "function_declarator" and (declarator := node.field("declarator")):
        node = declarator
    single = node.field("parameter")  # `x => x`
    named = list(node.field_children("parameters"))
    if single is not None:
        yield single
    elif named:
        yield from named
    else:
        yield from (child for child in node.named_children() if child.kind() in _LISTS)


def _parts(node: "Node") -> Iterator[list["Node"]]:
    """Split what stands in brackets at its commas."""
    if node.kind() in ("identifier", "simple_identifier"):
        yield [node]
        return
    part: list[Node] = []
    for child in node.children():
        if child.kind() in (",", ";"):
            if part:
                yield part
            part = []
        elif child.kind() not in _NO_PARAMETERS:
            part.append(child)
    if part:
        yield part


def _parameters(part: list["Node"], how: How) -> Iterator[Parameter]:
    """Read one part of the list; in Go it may hold several names."""
    node = next((n for n in part if "modifier" not in n.kind() and n.kind() != "params"), part[-1])
    inner = {child.kind() for child in node.children()}
    kinds = {n.kind() for n in part} | inner
    text = node.text()
    if kinds & {"dictionary_splat_pattern", "hash_splat_parameter"}:
        yield Parameter(name=_name(node), required=False, how="keywords")
    elif kinds & _REST or text == "..." or "vararg" in part[0].text() or part[0].text() == "params":
        yield Parameter(name=_name(node), required=False, how="rest")
    elif node.kind() == "keyword_parameter":
        required = len(node.named_children()) == 1
        yield Parameter(name=_name(node), required=required, how="keyword")
    elif text != "void":
        required = not (kinds & _OPTIONAL or "=" in kinds)
        names = [each.text() for each in node.field_children("name")]
        for name in names if len(names) > 1 else [_name(node)]:
            yield Parameter(name=name, required=required, how=how)


def _name(node: "Node") -> str:
    """Give a parameter's name; a pattern's whole text, nothing where only a type stands."""
    named = node.field("name") or node.field("pattern") or node.field("left")
    if named is not None:
        if named.kind() in ("object_pattern", "array_pattern"):
            return "{}"
        inner = named.named_children() if named.kind() == "rest_pattern" else []
        return (inner[0] if inner else named).text().lstrip("$*&")
    if node.kind().endswith("parameter_declaration"):  # of C
        found = node.field("declarator")
        return found.text().lstrip("*& ") if found else ""
    if node.kind() in ("object_pattern", "array_pattern"):
        return "{}"
    leaves = node.find_all(regex=r"^[\w$]+$") if node.named_children() else [node]
    return leaves[0].text().lstrip("$") if leaves else node.text().lstrip("*")


def call_of(node: "Node", syntax: CallSyntax) -> CallArguments | None:
    """Read what a call gives; None when its arguments are not seen."""
    given = node.field("arguments")
    children = node.named_children()
    near = [*children, *(part for child in children for part in child.named_children())]
    arguments = given or next((each for each in near if each.kind() in _ARGUMENTS), None)
    if arguments is None or arguments.kind() not in _ARGUMENTS:
        return None
    positions, keywords, spread = 0, [], False
    for part in _parts(arguments):
        inside = (c for n in part if n.kind() in _WRAPPED for c in n.children())
        kinds = {n.kind() for n in (*part, *inside)}
        if kinds & _SPREAD or (syntax.spread and part[0].text().startswith(syntax.spread)):
            spread = True
        elif name := _keyword(part[0], syntax):
            keywords.append(name)
        else:
            positions += 1
    if syntax.spreads_results and positions == 1 and "call_expression" in kinds_of(arguments):
        spread, positions = True, 0  # it may give several values
    if any(each.kind() == "annotated_lambda" for each in near):
        spread = True  # it goes to the last parameter, whichever that is
    return CallArguments(positions=positions, keywords=tuple(keywords), spread=spread)


def kinds_of(node: "Node") -> set[str]:
    """Give the kinds of a node's direct parts."""
    return {child.kind() for child in node.named_children()}


def _keyword(part: "Node", syntax: CallSyntax) -> str:
    """Give the name in `name=value` or `name: value`; empty for a plain argument."""
    if not syntax.named or part.kind() not in _NAMED_ARGUMENTS:
        return ""
    named = part.named_children()
    assigned = part.kind() == "assignment_expression"
    if len(named) < 2 or (assigned and not syntax.named_by_assignment):
        return ""
    marks = {child.kind() for child in part.children() if not child.is_named()}
    return named[0].text() if marks & {"=", ":"} else ""


def definition_signature(
    parsed: "ParsedText", symbol: "Symbol", start: int, syntax: CallSyntax
) -> Signature | None:
    """Read the parameters of the definition whose name starts at a character of a text.

    None for a class, and for what shows no parameters.
    """
    for leaf in parsed.leaves(symbol.name) if symbol.kind != "class" else ():
        if span(leaf)[0] == start:
            for node in leaf.ancestors()[:4]:
                signature = signature_of(node, syntax)
                if signature is not None:
                    return signature
    return None
