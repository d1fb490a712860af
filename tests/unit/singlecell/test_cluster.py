"""Normalisation, variable genes, graph and clusters: against scanpy, umap-learn and known groups."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from acuomics.singlecell.cluster import adjusted_rand, build_graph, cluster_cells, leiden, network_of, resolve
from acuomics.singlecell.graph import fuzzy_graph, nearest
from acuomics.singlecell.normalise import log_normalise, standard_dispersions, variable_genes
from acuomics.singlecell.settings import CellSettings

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "umap"


def groups(n=120, genes=300, k=3, seed=5):
    """Cells of k groups, each with twenty genes of its own; counts and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    mean = np.tile(np.exp(rng.normal(-0.5, 0.7, genes)), (k, 1))
    for group in range(k):
        mean[group, 20 * group : 20 * group + 20] *= 8
    return sparse.csr_matrix(rng.poisson(mean[labels]).astype(np.float32)), labels


def test_normalisation_and_dispersions_are_scanpys():
    import scanpy as sc

    counts, _ = groups()
    scaled, logged = log_normalise(counts)
    theirs = anndata.AnnData(counts.copy())
    sc.pp.normalize_total(theirs)
    assert np.allclose(scaled.toarray(), theirs.X.toarray(), rtol=1e-5)
    sc.pp.log1p(theirs)
    assert np.allclose(logged.toarray(), theirs.X.toarray(), rtol=1e-5)
    sc.pp.highly_variable_genes(theirs, flavor="seurat", n_top_genes=50)
    ours, expected = standard_dispersions(scaled), theirs.var["dispersions_norm"].to_numpy()
    assert (np.isnan(ours) == np.isnan(expected)).all()
    known = ~np.isnan(expected)
    assert np.allclose(ours[known], expected[known], atol=2e-4)
    chosen = variable_genes(scaled, np.full(120, "x"), 50)
    assert (chosen & theirs.var["highly_variable"].to_numpy()).sum() >= 49
    assert counts.data.max() == np.rint(counts.data.max())


def test_genes_that_differ_between_batches_only_are_not_variable():
    counts, _ = groups(400)
    batch = np.arange(400) % 2
    dense = counts.toarray()
    # A gene that is high in one batch: it varies over all cells, not within a batch.
    dense[:, 299] = np.random.default_rng(1).poisson(0.2 + 2.0 * batch)
    scaled, _ = log_normalise(sparse.csr_matrix(dense.astype(np.float32)))
    parts = [standard_dispersions(scaled[np.flatnonzero(batch == b)])[299] for b in (0, 1)]
    assert standard_dispersions(scaled)[299] > np.mean(parts) + 1.0
    within = variable_genes(scaled, np.array(["a", "b"])[batch], 70)
    assert not within[299]
    # Of the sixty genes of the groups, some hardly expressed; chance would be 0.23.
    assert within[:60].mean() > 0.7


def test_the_graph_is_that_of_umap_learn():
    points = pd.read_csv(FIXTURE / "points.tsv", sep="\t", header=None).to_numpy()
    table = pd.read_csv(FIXTURE / "weights.tsv", sep="\t")
    expected = sparse.csr_matrix((table["weight"], (table["row"], table["column"])), shape=(60, 60)).toarray()
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    # Which of two points that lie on one another is the nearer is chance: the fixture's order is taken.
    order = np.argsort(distances, axis=1, kind="stable")[:, :10]
    order = np.array([[i, *[j for j in row if j != i]][:10] for i, row in enumerate(order)])
    graph = fuzzy_graph(order, np.take_along_axis(distances, order, axis=1)).toarray()
    assert np.abs(graph - expected).max() < 1e-4
    assert (graph == graph.T).all()


def test_neighbours_are_exact_also_of_cells_that_coincide():
    points = pd.read_csv(FIXTURE / "points.tsv", sep="\t", header=None).to_numpy()
    expected = np.sort(np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)), axis=1)[:, :10]
    indices, distances = nearest(points, 10)
    assert (indices[:, 0] == np.arange(60)).all()
    assert np.allclose(distances, expected, atol=1e-6)
    assert (indices[40, 1], indices[41, 1]) == (41, 40)
    assert distances[40, 1] == 0.0


def test_adjusted_rand():
    a = np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(a, a) == 1.0
    assert adjusted_rand(a, np.array([5, 5, 3, 3, 9, 9])) == 1.0
    # scikit-learn's value for these two
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])) == pytest.approx(0.5714285714285714)
    rng = np.random.default_rng(0)
    assert abs(adjusted_rand(rng.integers(0, 4, 5000), rng.integers(0, 4, 5000))) < 0.01


SETTINGS = CellSettings(n_pcs=10, n_neighbors=10, resolutions=(0.3, 1.0), subsamples=2)


def logged_groups():
    counts, labels = groups(300)
    scaled, logged = log_normalise(counts)
    chosen = variable_genes(scaled, np.full(300, "x"), 100)
    return anndata.AnnData(sparse.csr_matrix(logged[:, chosen])), labels


def test_known_groups_are_found_and_the_same_every_time():
    first, labels = logged_groups()
    found = cluster_cells(first, batched=False, settings=SETTINGS)
    assert adjusted_rand(found.labels, labels) > 0.95
    assert found.resolutions["used"].sum() == 1
    assert found.resolutions["stability"].max() > 0.9
    assert (np.diff(np.bincount(found.labels)) <= 0).all()
    again = cluster_cells(logged_groups()[0], batched=False, settings=SETTINGS)
    assert (again.labels == found.labels).all() and (again.fine == found.fine).all()
    assert again.umap.tobytes() == found.umap.tobytes()
    pd.testing.assert_frame_equal(again.resolutions, found.resolutions)


def test_the_seed_of_python_is_left_alone():
    import random

    first, _ = logged_groups()
    first.obsm["X_pca"] = first.X.toarray()[:, :10]
    network = network_of(build_graph(first, "X_pca", SETTINGS))
    random.seed(1)
    expected = random.random()
    random.seed(1)
    labels = leiden(network, 1.0, 7)
    assert random.random() == expected
    random.seed(2)
    assert (leiden(network, 1.0, 7) == labels).all()


def test_noise_is_less_stable_than_groups():
    rng = np.random.default_rng(3)
    data = anndata.AnnData(sparse.csr_matrix(rng.random((300, 20)).astype(np.float32)))
    data.obsm["X_pca"] = data.X.toarray()
    *_, noise = resolve(build_graph(data, "X_pca", SETTINGS), SETTINGS)
    assert np.isnan(noise.loc[noise["n_clusters"] == 1, "stability"]).all()
    assert noise["stability"].max() < 0.7


def test_harmony_brings_batches_together_and_leaves_counts_alone():
    counts, labels = groups(600)
    batch = np.arange(600) % 2
    dense = counts.toarray()
    dense[batch == 1, 100:130] *= 3
    _, logged = log_normalise(sparse.csr_matrix(dense))
    settings = CellSettings(n_pcs=10, n_neighbors=10, resolutions=(0.5,), subsamples=1)
    agreement = {}
    for batched in (False, True):
        data = anndata.AnnData(logged.copy(), pd.DataFrame({"batch": batch.astype(str)}, index=map(str, range(600))))
        before = data.X.copy()
        found = cluster_cells(data, batched=batched, settings=settings)
        assert (before != data.X).nnz == 0
        agreement[batched] = adjusted_rand(found.labels, labels)
    print(agreement)
    assert agreement[True] > 0.9 > agreement[False]
