"""What scope analysis costs in a deep tree: a chain of operands is as deep as it is long."""

from dataclasses import dataclass

from codeorch.analysis.ast_grep import TOP, parse
from codeorch.analysis.scopes import Grammar, chain


@dataclass
class CountingNode:
    """A node that counts how often anybody asks for a parent: each time the parser walks down."""

    node: object
    counts: dict

    def __eq__(self, other):
        return self.node == getattr(other, "node", other)

    def __hash__(self):
        return hash(self.node)

    def parent(self):
        self.counts["parent"] += 1
        outer = self.node.parent()
        return CountingNode(outer, self.counts) if outer else None

    def ancestors(self):
        self.counts["ancestors"] += 1
        return [CountingNode(each, self.counts) for each in self.node.ancestors()]

    def __getattr__(self, name):
        return getattr(self.node, name)


def test_the_scopes_around_a_name_are_found_in_one_walk():
    root = parse(f"total = {' + '.join(['price()'] * 200)}\n", "python")
    first = root.find(kind="call")
    counts = {"parent": 0, "ancestors": 0}
    grammar = Grammar(scopes={}, bindings={}, roles={}, patterns={}, functions=frozenset())
    assert [kind for *_, kind in chain(CountingNode(first, counts), grammar)] == [TOP]
    assert len(first.ancestors()) > 200
    assert counts["ancestors"] == 1
    assert counts["parent"] < 5
