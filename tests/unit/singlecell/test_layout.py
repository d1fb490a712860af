"""The layout of the map: the same every time, near what is near, and compiled what it is uncompiled."""

import numpy as np
from scipy import sparse

from acuomics.singlecell import layout
from acuomics.singlecell.graph import fuzzy_graph, nearest


def two_groups(n=60):
    rng = np.random.default_rng(1)
    points = np.vstack([rng.normal(0, 1, (n, 5)), rng.normal(12, 1, (n, 5))])
    return fuzzy_graph(*nearest(points, 10)), rng.normal(0, 3, (2 * n, 2))


def test_groups_come_apart_and_the_same_every_time():
    graph, start = two_groups()
    place = layout.lay_out(graph, start, 200, 3)
    assert np.array_equal(place, layout.lay_out(graph, start, 200, 3))
    assert not np.array_equal(place, layout.lay_out(graph, start, 200, 4))
    a, b = place[:60], place[60:]
    between = np.linalg.norm(a.mean(axis=0) - b.mean(axis=0))
    within = max(np.linalg.norm(g - g.mean(axis=0), axis=1).mean() for g in (a, b))
    assert between > 3 * within
    assert np.array_equal(start, two_groups()[1])  # the start is left as it was


def test_neighbours_of_the_graph_are_neighbours_on_the_map():
    graph, start = two_groups()
    place = layout.lay_out(graph, start, 200, 3).astype(float)
    distance = np.linalg.norm(place[:, None] - place[None], axis=2)
    linked = graph.toarray() > 0
    np.fill_diagonal(distance, np.nan)
    assert np.nanmedian(distance[linked]) < 0.4 * np.nanmedian(distance[~linked])


def test_compiled_and_plain_code_agree():
    graph, start = two_groups(15)
    compiled = layout.lay_out(graph, start, 3, 3)
    plain = layout._descend.py_func
    edges = graph.tocoo()
    kept = edges.data >= edges.data.max() / 3
    place = start.astype(np.float32)
    every = float(edges.data.max()) / edges.data[kept].astype(float)
    state = int(np.random.default_rng(3).integers(1, 2**32))
    plain(place, edges.row[kept].astype(int), edges.col[kept].astype(int), every, 3, state)
    np.testing.assert_allclose(compiled, place, rtol=1e-3, atol=1e-4)  # later rounding is magnified


def test_cells_without_edges_stay():
    start = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert np.array_equal(layout.lay_out(sparse.csr_matrix((2, 2)), start, 10, 1), start.astype(np.float32))
