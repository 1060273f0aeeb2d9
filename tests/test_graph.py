from hypothesis import given
from hypothesis import strategies as st

from codeorch import graph

NODES = "abcdefgh"


def graphs():
    return st.dictionaries(st.sampled_from(NODES), st.sets(st.sampled_from(NODES))).map(
        lambda raw: {n: tuple(sorted(raw.get(n, set()) & set(raw))) for n in sorted(raw)}
    )


def dags():
    return graphs().map(lambda g: {n: tuple(w for w in needs if w < n) for n, needs in g.items()})


def test_a_cycle_is_named_in_the_direction_of_its_needs():
    found = graph.find_cycle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})
    assert set(found) == {"a", "b", "c"}
    needs = {"a": "b", "b": "c", "c": "a"}
    assert [needs[n] for n in found] == [*found[1:], found[0]]


def test_a_graph_without_a_cycle_names_none():
    assert graph.find_cycle({"a": [], "b": ["a"]}) == ()


def test_the_weakest_edge_of_a_cycle_goes():
    strength = {("a", "b"): 2.0, ("b", "c"): 0.5, ("c", "a"): 1.0}
    left, cuts = graph.break_cycles(
        {"a": ["b"], "b": ["c"], "c": ["a"]}, lambda n, need: strength[n, need]
    )
    assert [(c.node, c.need) for c in cuts] == [("b", "c")]
    assert left == {"a": ("b",), "b": (), "c": ("a",)}


def test_a_task_that_needs_itself_loses_that_need():
    left, cuts = graph.break_cycles({"a": ["a"]}, lambda *_: 1.0)
    assert left == {"a": ()}
    assert len(cuts) == 1


def test_order_keeps_the_given_order_where_it_may():
    assert graph.topological_order({"z": [], "y": ["x"], "x": []}) == ("z", "x", "y")


def test_urgency_is_the_longest_path_to_the_end():
    needs = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}
    weight = {"a": 1.0, "b": 5.0, "c": 2.0, "d": 1.0}
    assert graph.critical_path_weights(needs, weight) == {"a": 7.0, "b": 6.0, "c": 3.0, "d": 1.0}


def test_downstream_follows_the_needs_all_the_way():
    needs = {"a": [], "b": ["a"], "c": ["b"], "d": []}
    assert graph.downstream(needs, ["a"]) == {"b", "c"}


@given(graphs())
def test_breaking_cycles_leaves_a_dag_and_only_takes_edges(g):
    left, cuts = graph.break_cycles(g, lambda *_: 1.0)
    assert graph.find_cycle(left) == ()
    taken = {(c.node, c.need) for c in cuts}
    before = {(n, w) for n, wanted in g.items() for w in wanted}
    assert {(n, w) for n, wanted in left.items() for w in wanted} == before - taken


@given(graphs(), st.randoms(use_true_random=False))
def test_each_cut_is_the_weakest_of_its_cycle_and_needed(g, random):
    weight = {(n, w): random.randint(0, 3) for n, wanted in g.items() for w in wanted}
    left, cuts = graph.break_cycles(g, lambda n, need: weight[n, need])
    for cut in cuts:
        around = zip(cut.cycle, (*cut.cycle[1:], cut.cycle[0]), strict=True)
        assert weight[cut.node, cut.need] == min(weight[edge] for edge in around)
        back = {**left, cut.node: (*left[cut.node], cut.need)}
        assert graph.find_cycle(back) != ()


@given(dags())
def test_order_respects_every_need(g):
    place = {node: i for i, node in enumerate(graph.topological_order(g))}
    assert set(place) == set(g)
    assert all(place[need] < place[node] for node, wanted in g.items() for need in wanted)


@given(dags())
def test_urgency_falls_along_every_edge(g):
    found = graph.critical_path_weights(g, dict.fromkeys(g, 1.0))
    assert all(found[need] >= found[node] + 1 for node, wanted in g.items() for need in wanted)


def test_upstream_follows_the_needs_all_the_way():
    needs = {"a": [], "b": ["a"], "c": ["b", "a"], "d": ["c"], "e": []}
    assert graph.upstream(needs, "c") == {"a", "b"}
    assert graph.upstream(needs, "e") == frozenset()
