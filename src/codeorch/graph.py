"""Order in a DAG of named nodes: cycles, topological order, critical path.

A graph is a mapping from a node to the nodes it needs. Every node is a key.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

Needs = Mapping[str, Collection[str]]
Strength = float | tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """An edge that was removed to break a cycle: `node` does not wait for `need` any more."""

    node: str
    need: str
    cycle: tuple[str, ...]


def find_cycle(needs: Needs) -> tuple[str, ...]:
    """Return the nodes of one cycle, each followed by the one it needs; empty if there is none.

    >>> find_cycle({"a": ["b"], "b": ["a"], "c": []})
    ('a', 'b')
    """
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # graphlib lists each node before the one that needs it, the first again at the end.
        return tuple(reversed(error.args[1][1:]))
    return ()


def break_cycles(
    needs: Needs, strength: Callable[[str, str], Strength]
) -> tuple[dict[str, tuple[str, ...]], tuple[Cut, ...]]:
    """Remove the weakest edge of each cycle until none is left; return the graph and the cuts.

    `strength(node, need)` is how much a node depends on what it needs; of equally weak edges the
    first in alphabetical order goes, so that the result does not depend on chance. An edge that a
    later cut made harmless is put back, so each cut is necessary.
    """
    acyclic = {node: tuple(dict.fromkeys(edges)) for node, edges in needs.items()}
    cuts: list[Cut] = []
    while cycle := find_cycle(acyclic):
        edges = zip(cycle, (*cycle[1:], cycle[0]), strict=True)
        node, need = min(edges, key=lambda edge: (strength(*edge), edge))
        acyclic[node] = tuple(other for other in acyclic[node] if other != need)
        cuts.append(Cut(node=node, need=need, cycle=cycle))
    for cut in tuple(reversed(cuts)):
        targets = {*acyclic[cut.node], cut.need}
        restored = tuple(need for need in dict.fromkeys(needs[cut.node]) if need in targets)
        if not find_cycle({**acyclic, cut.node: restored}):
            acyclic[cut.node] = restored
            cuts.remove(cut)
    return acyclic, tuple(cuts)


def topological_order(needs: Needs) -> tuple[str, ...]:
    """Return the nodes, each after all that it needs, otherwise in the order of the mapping.

    >>> topological_order({"z": [], "y": ["x"], "x": []})
    ('z', 'x', 'y')

    Raises:
        graphlib.CycleError: the graph has a cycle.
    """
    index = {node: number for number, node in enumerate(needs)}
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    ready: list[str] = []
    order: list[str] = []
    while sorter.is_active():
        ready = sorted({*ready, *sorter.get_ready()}, key=index.__getitem__)
        order.append(ready.pop(0))
        sorter.done(order[-1])
    return tuple(order)


def critical_path_weights(needs: Needs, weight: Mapping[str, float]) -> dict[str, float]:
    """Return for each node the weight of the longest path from it to the end, its own included.

    Starting the heaviest ready node first keeps the critical path moving: list scheduling by
    "upward rank" (Topcuoglu, Hariri, Wu: HEFT, 2002) where sending costs nothing.

    >>> critical_path_weights({"a": [], "b": ["a"]}, {"a": 1.0, "b": 2.0})
    {'b': 2.0, 'a': 3.0}

    Raises:
        graphlib.CycleError: the graph has a cycle.
    """
    users: dict[str, list[str]] = {node: [] for node in needs}
    for node, edges in needs.items():
        for need in edges:
            users[need].append(node)
    longest: dict[str, float] = {}
    for node in reversed(topological_order(needs)):
        longest[node] = weight[node] + max((longest[user] for user in users[node]), default=0.0)
    return longest


def downstream(needs: Needs, start: Collection[str]) -> frozenset[str]:
    """Return all nodes that need one of `start`, directly or not.

    Raises:
        graphlib.CycleError: the graph has a cycle.
    """
    reached = set(start)
    for node in topological_order(needs):
        if reached & set(needs[node]):
            reached.add(node)
    return frozenset(reached - set(start))


def upstream(needs: Needs, start: str) -> frozenset[str]:
    """Return all nodes that `start` needs, directly or not; a cycle through it includes it."""
    reached: set[str] = set()
    queue = list(needs[start])
    while queue:
        node = queue.pop()
        if node not in reached:
            reached.add(node)
            queue += needs[node]
    return frozenset(reached)
