"""Clusters of cells: components, neighbour graph, Leiden at several resolutions with its stability, and the map."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.singlecell.graph import fuzzy_graph, nearest
from acuomics.singlecell.settings import CellSettings

if TYPE_CHECKING:
    import anndata

Labels = NDArray[np.intp]
#: Leiden rounds: two, as scanpy advises for this flavour.
ITERATIONS = 2
#: Rounds of the layout; the map is a picture only.
LAYOUT_EPOCHS = 100
SEED_RANGE = 2**31


@dataclass(frozen=True)
class Clustering:
    """What `cluster_cells` gives.

    Attributes
    ----------
    labels : integer array of shape (cells,)
        Clusters of the most stable resolution, from 0, the largest first.
    fine : integer array of shape (cells,)
        Clusters of the finest resolution: to call types by, since a type in two clusters does no harm, two in one do.
    resolutions : pandas.DataFrame
        ``resolution, n_clusters, stability, used``.
    umap : array of shape (cells, 2)
    """

    labels: Labels
    fine: Labels
    resolutions: pd.DataFrame
    umap: NDArray[np.float32]


def adjusted_rand(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Adjusted Rand index of two labelings of the same cells (Hubert and Arabie 1985)."""
    table = pd.crosstab(np.asarray(a), np.asarray(b)).to_numpy(float)
    pairs = (table * (table - 1) / 2).sum()
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    of_a, of_b = (rows * (rows - 1) / 2).sum(), (columns * (columns - 1) / 2).sum()
    n = table.sum()
    expected = of_a * of_b / (n * (n - 1) / 2)
    most = (of_a + of_b) / 2
    return 1.0 if most == expected else float((pairs - expected) / (most - expected))


def components(logged: anndata.AnnData, settings: CellSettings) -> None:
    """Principal components of the log-normalised variable genes, into ``obsm["X_pca"]``."""
    import scanpy as sc

    n = min(settings.n_pcs, logged.n_obs - 1, logged.n_vars - 1)
    sc.pp.pca(logged, n_comps=n, svd_solver="arpack", random_state=settings.seed % SEED_RANGE)


def correct_batches(logged: anndata.AnnData, settings: CellSettings) -> str:
    """Harmony (Korsunsky et al. 2019) on the components by the column ``batch``; the name of the result in ``obsm``.

    Only clusters and the map rest on it: counts are never corrected, and nothing is tested on it. harmonypy is
    called as scanpy's ``harmony_integrate`` calls it; that function turns the result of harmonypy 2 the wrong way.
    """
    import harmonypy  # type: ignore[import-untyped]

    points = np.asarray(logged.obsm["X_pca"], dtype=np.float64)
    found = harmonypy.run_harmony(
        points, logged.obs, "batch", random_state=settings.seed % SEED_RANGE, verbose=False
    ).Z_corr
    # Cells x components since version 2, the other way round before.
    corrected = found if found.shape == points.shape else found.T
    logged.obsm["X_pca_harmony"] = np.ascontiguousarray(corrected)
    return "X_pca_harmony"


def build_graph(logged: anndata.AnnData, use: str, settings: CellSettings) -> Any:
    """Neighbour graph of a representation; also kept in `logged` where scanpy looks for it."""
    k = min(settings.n_neighbors, logged.n_obs - 1)
    graph = fuzzy_graph(*nearest(logged.obsm[use], k))
    logged.obsp["connectivities"] = graph
    logged.uns["neighbors"] = {
        "connectivities_key": "connectivities",
        "params": {"n_neighbors": k, "method": "umap", "metric": "euclidean", "use_rep": use},
    }
    return graph


def network_of(graph: Any) -> Any:
    """The neighbour graph as igraph knows it: undirected, with the attribute ``weight``."""
    import igraph  # type: ignore[import-untyped]

    upper = graph.tocoo()
    kept = upper.row < upper.col
    edges = np.column_stack([upper.row[kept], upper.col[kept]])
    network = igraph.Graph(n=graph.shape[0], edges=edges, directed=False)
    network.es["weight"] = upper.data[kept].astype(float)
    return network


def leiden(network: Any, resolution: float, seed: int) -> Labels:
    """Leiden communities (Traag et al. 2019) of modularity, by igraph; numbered by size, ties by first cell."""
    import igraph

    igraph.set_random_number_generator(random.Random(seed))
    try:
        found = network.community_leiden(
            objective_function="modularity",
            weights="weight",
            resolution=resolution,
            n_iterations=ITERATIONS,
        )
    finally:
        igraph.set_random_number_generator(random)
    raw = np.asarray(found.membership)
    names, first, sizes = np.unique(raw, return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    place = np.empty(len(names), dtype=np.intp)
    place[order] = np.arange(len(names))
    return place[np.searchsorted(names, raw)]


def resolve(graph: Any, settings: CellSettings) -> tuple[Labels, Labels, pd.DataFrame]:
    """Cluster at every resolution, and again on subsamples of the cells; choose one resolution.

    Stability is the mean adjusted Rand index between the clusters of all cells and those of random subsamples of the
    graph, on the cells they share. The most stable resolution is used, of equally stable ones the finest.

    Returns
    -------
    labels, fine : integer arrays of shape (cells,)
        Of the resolution used, and of the finest.
    table : pandas.DataFrame
        ``resolution, n_clusters, stability`` (NaN for a single cluster), ``used``.
    """
    n = graph.shape[0]
    seed = settings.seed % SEED_RANGE
    rng = np.random.default_rng([seed, n])
    size = max(2, round(settings.subsample_share * n))
    samples = [np.sort(rng.choice(n, size, replace=False)) for _ in range(settings.subsamples)]
    whole, parts = network_of(graph), [network_of(graph[at][:, at]) for at in samples]
    labels, rows = [], []
    for resolution in sorted(settings.resolutions):
        of_all = leiden(whole, resolution, seed)
        agreements = [
            adjusted_rand(of_all[at], leiden(part, resolution, seed + i + 1))
            for i, (at, part) in enumerate(zip(samples, parts, strict=True))
        ]
        labels.append(of_all)
        # One cluster is always stable, and says nothing.
        known = bool(agreements) and of_all.max() > 0
        rows.append((resolution, int(of_all.max()) + 1, float(np.mean(agreements)) if known else np.nan))
    table = pd.DataFrame(rows, columns=["resolution", "n_clusters", "stability"])
    # The most stable; of several equally stable ones the finest.
    rounded = table["stability"].fillna(0.0).round(3).to_numpy()
    used = int(np.flatnonzero(rounded == rounded.max())[-1])
    table["used"] = np.arange(len(table)) == used
    return labels[used], labels[-1], table


def draw_map(logged: anndata.AnnData, use: str, settings: CellSettings) -> NDArray[np.float32]:
    """UMAP of the neighbour graph, shape (cells, 2), begun at the first two components."""
    from acuomics.singlecell.layout import lay_out

    start = np.asarray(logged.obsm[use][:, :2], dtype=np.float64)
    start = 10.0 * start / max(np.abs(start).max(), 1e-12)
    return lay_out(logged.obsp["connectivities"], start, LAYOUT_EPOCHS, settings.seed % SEED_RANGE)


def cluster_cells(logged: anndata.AnnData, *, batched: bool, settings: CellSettings) -> Clustering:
    """From log-normalised variable genes to clusters and a map.

    Parameters
    ----------
    logged : anndata.AnnData
        Cells x variable genes, log-normalised (CSR); takes components, graph and map.
    batched : bool
        Whether ``obs["batch"]`` is to be corrected for (Harmony).
    settings : CellSettings
    """
    components(logged, settings)
    use = correct_batches(logged, settings) if batched else "X_pca"
    labels, fine, table = resolve(build_graph(logged, use, settings), settings)
    return Clustering(labels, fine, table, draw_map(logged, use, settings))
