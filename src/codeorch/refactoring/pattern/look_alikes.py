"""What looks like a pattern and is no match: places that are due, and others that are told.

Due is what means the same as a match, but is written so that no edit of it can be proven. The
others have more than the pattern says, or a method where it says a function.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import SyntaxNode
from codeorch.refactoring.pattern.match import Matcher
from codeorch.refactoring.pattern.match_set import Key
from codeorch.refactoring.pattern.replace_file import Left
from codeorch.refactoring.pattern.template import Part, Template

_MORE: Final = "what has more than the pattern says stays as it is"
_OTHERWISE: Final = "calls with other arguments stay as they are"
_DEFINING: Final = re.compile(
    r"definition|declarat|import|param|class|assignment|keyword_argument|pair|attribute|member|"
    r"selector|field|property|method|dotted|export|string|comment"
)
_SHORTEST: Final = 3  # characters of code by which a place in a macro is found


@dataclass(kw_only=True)
class LookAlikes:
    """Looks through one file."""

    root: SyntaxNode
    templates: Sequence[Template]
    language: Language

    @cached_property
    def _nodes(self) -> list[SyntaxNode]:
        return list(self.root.walk())

    def due(self, matches: Collection[Key]) -> Iterator[Left]:
        """Yield places that a reader would take for matches."""
        yield from self._in_tokens(matches)
        for node in self._nodes:
            if node.key not in matches and (why := self._same_call(node)):
                yield Left(start=node.start, why=why)

    def others(self, matches: Collection[Key]) -> Iterator[tuple[str, int]]:
        """Yield what to say of a place, and its first character."""
        for template in self.templates:
            if not template.words:
                continue
            called, loose = (
                _pattern_callee(template),
                Matcher(template, self.language, is_loose=True),
            )
            for node in self._nodes:
                if called and node.text == called and _is_reference(node):
                    yield f"`{called}` stays where it is not called", node.start
                elif node.key not in matches and node.kind == template.roots[0].kind:
                    yield from ((text, node.start) for text in self._others(node, loose))

    def _others(self, node: SyntaxNode, loose: Matcher) -> Iterator[str]:
        template = loose.template
        head = _callee(template)
        if not self._same_call(node) and loose.match(node) is not None:
            yield _MORE
        elif _is_same_callee(template, node):
            yield _OTHERWISE
        elif head and self._is_method(node, head, template):
            yield f"`.{head}` of an object is not `{head}`, write `$X.{head}`"

    # --------------------------------------------------------------------------- due

    def _in_tokens(self, matches: Collection[Key]) -> Iterator[Left]:
        """Find the pattern's words where code is no tree: in macros, and where it is broken."""
        kinds = self.language.syntax.tokens | {"ERROR"}
        inside = [
            each for each in self._nodes
            if each.kind in kinds and not any(n.kind in kinds for n in each.ancestors())
        ]  # fmt: skip
        searches = {literal_search(each) for each in self.templates} - {""}
        for node in inside:
            why = (
                "the grammar cannot read the code around it"
                if node.kind == "ERROR"
                else "it stands in a macro, whose arguments are no tree"
            )
            for search in searches:
                for found in re.finditer(search, node.text):
                    start = node.start + found.start()
                    if not any(low <= start < high for low, high, _ in matches):
                        yield Left(start=start, why=why)

    def _same_call(self, node: SyntaxNode) -> str:
        """Tell a call that means what the pattern says, and says it otherwise."""
        for template in self.templates:
            root = template.roots[0]
            arguments = root.parts[-1:]
            same = _is_same_callee(template, node) and arguments and arguments[0].parts
            if same and (why := self._arguments(arguments[0], node.parts[-1])):
                return why
        return ""

    def _arguments(self, part: Part, node: SyntaxNode) -> str:
        if part.kind != node.kind:
            return ""
        syntax = self.language.syntax
        given = [each for each in node.parts if each.is_named]
        if any(each.kind in syntax.spreads for each in given):
            return "it takes an unknown number of arguments"
        wanted = [each for each in part.parts if each.is_named]
        names = sorted(e.parts[0].text for e in wanted if e.kind in syntax.named_arguments)
        has = sorted(e.parts[0].text for e in given if e.kind in syntax.named_arguments)
        if names and names == has and len(wanted) == len(given):
            return "its named arguments are in another order"
        return ""

    # --------------------------------------------------------------------------- others

    def _is_method(self, node: SyntaxNode, head: str, template: Template) -> bool:
        """Whether a node calls a method by the name of the function that the pattern calls."""
        callee = node.parts[0]
        if len(callee.parts) < 2 or callee.parts[-1].text != head:
            return False
        rest = Matcher(template, self.language)
        return rest.match_rest(node)


def _is_same_callee(template: Template, node: SyntaxNode) -> bool:
    """Whether a node calls what the pattern calls, the pattern naming it in full."""
    root = template.roots[0]
    if root.kind != node.kind or len(root.parts) != len(node.parts) or "call" not in root.kind:
        return False
    heads = root.parts[:-1]
    if any(each.capture for part in heads for each in part.walk()):
        return False
    return [part.text for part in heads] == [each.text for each in node.parts[:-1]]


def _pattern_callee(template: Template) -> str:
    """Return what a pattern calls, where it names that in full."""
    root = template.roots[0]
    is_call = "call" in root.kind and len(root.parts) == 2
    if not is_call or any(each.capture for each in root.parts[0].walk()):
        return ""
    return root.parts[0].text


def _is_reference(node: SyntaxNode) -> bool:
    """Whether a name is used as a value: it is not called, defined, imported, or a member."""
    parent = node.parent
    if parent is None or not node.is_named or _DEFINING.search(parent.kind):
        return False
    first = parent.parts[0].key == node.key
    return not (first and "call" in parent.kind) and (first or "." not in parent.text[:-1])


def _callee(template: Template) -> str:
    """Return the function that a pattern calls by its bare name."""
    root = template.roots[0]
    first = root.parts[0] if root.parts else root
    is_call = "call" in root.kind and not first.parts and first.capture is None
    return first.text if is_call and first.is_named else ""


def literal_search(template: Template) -> str:
    """Return a search for the longest run of a pattern's own words and signs."""
    runs: list[list[str]] = [[]]
    for atom in template.atoms:
        if atom.capture:
            runs.append([])
        else:
            runs[-1].append(atom.text)
    run = max(runs, key=lambda each: len("".join(each)))
    if len("".join(run)) < _SHORTEST or not any(re.search(r"\w", word) for word in run):
        return ""
    plain = r"\s*".join(map(re.escape, run))
    return (r"\b" if run[0][:1].isalnum() else "") + plain
