"""A match and a rewrite -> why the one must not become the other, seen before anything is written.

What stands for several arguments, or is told by its name, may not change its place in a list; what
acts may not be written twice.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import SyntaxNode
from codeorch.refactoring.pattern.match import Match, Nodes
from codeorch.refactoring.pattern.template import Atom, Part, Template

_STATEMENTS: Final = ("statement", "declaration", "definition", "directive", "item")  # of kinds


def objection(match: Match, rewrite: Template, language: Language) -> str:
    """Return the first reason against a replacement; empty when there is none."""
    return next(_objections(match, rewrite, language), "")


def _objections(match: Match, rewrite: Template, language: Language) -> Iterator[str]:
    written = [atom.key for atom in rewrite.atoms if atom.capture]
    read = [atom.key for atom in match.template.atoms if atom.capture]
    for name, nodes in match.captures.items():
        before, after = read.count(name), written.count(name)
        if before != after and max(before, after) > 1 and _acts(nodes):
            times = "once" if after == 1 else f"{after} times"
            yield f"`{_brief(nodes)}` may act, and would be run {times}"
    if not rewrite.roots and not _is_statement(match.root):
        yield "it may be used as a value"
    if _is_target(match.root, language) and match.root.kind not in {
        root.kind for root in rewrite.roots
    }:
        yield "it is assigned to"
    yield from _escaping_captures(match, rewrite, language)
    kinds = language.syntax.spreads | language.syntax.named_arguments
    for place, atom in enumerate(match.template.atoms):
        nodes = match.atoms.get(place, ())
        single = atom.capture is not None and not atom.capture.many and bool(nodes)
        if single and nodes[0].kind in kinds and not _keeps_list(match, place, rewrite):
            what = "any number of arguments" if nodes[0].kind in language.syntax.spreads else "one"
            yield f"`{_brief(nodes)}` is not one argument by its place, but {what}" + (
                " by its name" if what == "one" else ""
            )


def _is_statement(node: SyntaxNode) -> bool:
    """Whether code stands for itself, so that nothing asks for its value."""
    if node.kind.endswith(_STATEMENTS):
        return True
    parent = node.parent
    is_whole = parent is not None and parent.pieces == (node,)
    return is_whole and parent is not None and parent.kind == "expression_statement"


def _is_target(node: SyntaxNode, language: Language) -> bool:
    """Whether code is assigned to, and not read."""
    parent = node.parent
    while parent is not None and parent.kind in language.syntax.target_lists:
        node, parent = parent, parent.parent
    if parent is None or parent.kind not in language.syntax.targets:
        return False
    first = next((each for each in parent.parts if each.is_named), parent)
    return first.key == node.key


def _escaping_captures(match: Match, rewrite: Template, language: Language) -> Iterator[str]:
    """Find captured code that would leave a function of the pattern whose names it uses."""
    scopes, written = language.syntax.scopes, {atom.key for atom in rewrite.atoms}
    if any(part.kind in scopes and part.parts for root in rewrite.roots for part in root.walk()):
        return
    for scope in match.template.roots[0].walk():
        if scope.kind not in scopes or not scope.parts:
            continue
        head = [place for part in scope.parts[:-1] for place in _atoms(part)]
        names = {leaf.text for place in head for leaf in _leaves(match, place)}
        for place in _atoms(scope.parts[-1]):
            atom = match.template.atoms[place]
            if atom.capture is None or atom.key not in written:
                continue
            both = names & {leaf.text for leaf in _leaves(match, place) if leaf.is_named}
            if both and atom.key not in {match.template.atoms[each].key for each in head}:
                yield f"`{min(both)}` would be unknown outside of its function"
            nodes = match.atoms.get(place, ())
            if any(each.kind in language.syntax.suspensions for n in nodes for each in n.walk()):
                yield "captured code would wait in another function"


def _leaves(match: Match, place: int) -> Iterator[SyntaxNode]:
    for node in match.atoms.get(place, ()):
        yield from node.leaves()


def _acts(nodes: Nodes) -> bool:
    return any(each.may_act for node in nodes for each in node.walk())


def _brief(nodes: Nodes) -> str:
    text = " ".join(" ".join(each.text for each in nodes).split())
    return text if len(text) <= 40 else f"{text[:37]}..."


def _keeps_list(match: Match, place: int, rewrite: Template) -> bool:
    """Whether an argument list stays as it is, but for named arguments behind all others."""
    row = _row_of(match.template.roots, place)
    keys = [atom.key for atom in match.template.atoms[row[0] : row[-1] + 1]] if row else []
    if not keys:
        return False
    for start in range(len(rewrite.atoms)):
        found = rewrite.atoms[start : start + len(keys) - 1]
        if [atom.key for atom in found] != keys[:-1]:
            continue
        rest = rewrite.atoms[start + len(keys) - 1 :]
        if rest and (rest[0].key == keys[-1] or _is_named(rest)):
            return True
    return False


def _is_named(atoms: Sequence[Atom]) -> bool:
    return len(atoms) > 2 and atoms[0].text == "," and atoms[2].text == "="


def _row_of(parts: Sequence[Part], place: int) -> list[int]:
    """Return the atoms of the innermost list in brackets that holds one."""
    for part in parts:
        atoms = _atoms(part)
        if place not in atoms:
            continue
        inner = _row_of(part.parts, place) if part.capture is None else []
        if inner:
            return inner
        return atoms if part.text[:1] in ("(", "[", "{") else []
    return []


def _atoms(part: Part) -> list[int]:
    if part.capture is not None or not part.parts:
        return [part.atom]
    return [atom for each in part.parts for atom in _atoms(each)]
