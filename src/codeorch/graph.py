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
    """An edge that was taken out to break a cycle: `node` does not wait for `need` any more."""

    node: str
    need: str
    cycle: tuple[str, ...]


def cycle(needs: Needs) -> tuple[str, ...]:
    """Name the nodes of one cycle, each followed by the one it needs; empty if there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # graphlib lists each node before the one that needs it, the first again at the end.
        return tuple(reversed(error.args[1][1:]))
    return ()


def break_cycles(
    needs: Needs, strength: Callable[[str, str], Strength]
) -> tuple[dict[str, tuple[str, ...]], tuple[Cut, ...]]:
    """Take out the weakest edge of each cycle until none is left.

    `strength(node, need)` says how much a node depends on what it needs; of equally weak edges
    the first in alphabetical order goes, so that the result does not depend on chance. An edge
    that a later cut made harmless is put back: each cut is needed.
    """
    left = {node: tuple(dict.fromkeys(wanted)) for node, wanted in needs.items()}
    cuts: list[Cut] = []
    while found := cycle(left):
        edges = zip(found, (*found[1:], found[0]), strict=True)
        node, need = min(edges, key=lambda edge: (strength(*edge), edge))
        left[node] = tuple(wanted for wanted in left[node] if wanted != need)
        cuts.append(Cut(node=node, need=need, cycle=found))
    for cut in tuple(reversed(cuts)):
        wanted = {*left[cut.node], cut.need}
        again = {**left, cut.node: tuple(n for n in dict.fromkeys(needs[cut.node]) if n in wanted)}
        if not cycle(again):
            left = again
            cuts.remove(cut)
    return left, tuple(cuts)


def order(needs: Needs) -> tuple[str, ...]:
    """Sort the nodes so that each comes after all that it needs, otherwise as they were given.

    Raises:
        graphlib.CycleError: the graph has a cycle.
    """
    place = {node: index for index, node in enumerate(needs)}
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    ready: list[str] = []
    done: list[str] = []
    while sorter.is_active():
        ready = sorted({*ready, *sorter.get_ready()}, key=place.__getitem__)
        done.append(ready.pop(0))
        sorter.done(done[-1])
    return tuple(done)


def urgency(needs: Needs, weight: Mapping[str, float]) -> dict[str, float]:
    """Give each node the weight of the longest path from it to the end, its own included.

    Starting the most urgent ready node first keeps the critical path moving.
    """
    users: dict[str, list[str]] = {node: [] for node in needs}
    for node, wanted in needs.items():
        for need in wanted:
            users[need].append(node)
    longest: dict[str, float] = {}
    for node in reversed(order(needs)):
        longest[node] = weight[node] + max((longest[user] for user in users[node]), default=0.0)
    return longest


def downstream(needs: Needs, start: Collection[str]) -> frozenset[str]:
    """Name all nodes that need one of `start`, directly or not."""
    found = set(start)
    for node in order(needs):
        if found & set(needs[node]):
            found.add(node)
    return frozenset(found - set(start))


def upstream(needs: Needs, start: str) -> frozenset[str]:
    """Name all nodes that `start` needs, directly or not."""
    found: set[str] = set()
    left = list(needs[start])
    while left:
        node = left.pop()
        if node not in found:
            found.add(node)
            left += needs[node]
    return frozenset(found)
