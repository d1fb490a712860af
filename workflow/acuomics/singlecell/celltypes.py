"""Which type a cluster is: its score for every marker set, and how far the best leads the second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.singlecell.settings import CellSettings

UNASSIGNED = "unassigned"


def cluster_scores(logged: Any, labels: NDArray[np.intp], markers: pd.DataFrame) -> pd.DataFrame:
    """Score clusters for cell types.

    Of every marker the cluster's mean log-normalised expression, as a deviation from the mean of all clusters in
    standard deviations between clusters (so that a frequent type does not set the scale); averaged with the markers'
    weights.

    Parameters
    ----------
    logged : csr_matrix of shape (cells, genes)
        Log-normalised, all genes.
    labels : integer array of shape (cells,)
    markers : pandas.DataFrame
        From `acuomics.singlecell.markers.locate_markers`.

    Returns
    -------
    pandas.DataFrame
        Clusters x cell types.
    """
    at, place = np.unique(markers["at"].to_numpy(), return_inverse=True)
    scores = _weighted(cluster_means(logged[:, at], labels), place, markers)
    scores.index.name = "cluster"
    return scores


def _weighted(means: NDArray[np.float64], place: NDArray[np.intp], markers: pd.DataFrame) -> pd.DataFrame:
    """Standardise columns (markers) over rows and average them by weight for every type; rows x cell types."""
    spread = means.std(axis=0)
    z = np.divide(means - means.mean(axis=0), spread, out=np.zeros_like(means), where=spread > 0)
    scores = {}
    for name, rows in markers.groupby("cell_type", sort=False):
        weights = rows["weight"].to_numpy(float)
        scores[str(name)] = z[:, place[rows.index]] @ weights / np.abs(weights).sum()
    return pd.DataFrame(scores)


def cluster_means(values: Any, labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Mean of every column in every cluster, shape (clusters, columns)."""
    from scipy import sparse

    n = int(labels.max()) + 1
    member = sparse.csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(n, len(labels)))
    sizes = np.maximum(np.bincount(labels, minlength=n), 1)
    return np.asarray((member @ values).todense()) / sizes[:, None]


def call_types(scores: pd.DataFrame, settings: CellSettings) -> pd.DataFrame:
    """Give every cluster the type of its highest score, or `UNASSIGNED`.

    Returns
    -------
    pandas.DataFrame
        ``cluster, cell_type, best, score, second, margin``: `best` and `second` are the two highest, whether called or
        not; a cluster is called when score and margin reach `settings.least_score` and `settings.least_margin`.
    """
    rows = []
    for cluster, row in scores.iterrows():
        order = row.sort_values(ascending=False, kind="stable")
        best, score = str(order.index[0]), float(order.iloc[0])
        second, margin = (str(order.index[1]), score - float(order.iloc[1])) if len(order) > 1 else ("NA", score)
        sure = score >= settings.least_score and margin >= settings.least_margin
        rows.append((cluster, best if sure else UNASSIGNED, best, score, second, margin))
    return pd.DataFrame(rows, columns=["cluster", "cell_type", "best", "score", "second", "margin"])


def neighbourhood_scores(logged: Any, graph: Any, markers: pd.DataFrame) -> pd.DataFrame:
    """Score every cell for cell types, from the mean expression of the cell and its neighbours in the graph.

    As `cluster_scores`, with cells in the place of clusters: a single cell shows too few of its markers.

    Parameters
    ----------
    logged : csr_matrix of shape (cells, genes)
    graph : csr_matrix of shape (cells, cells)
        Weights of the neighbour graph, without the diagonal.
    markers : pandas.DataFrame

    Returns
    -------
    pandas.DataFrame
        Cells x cell types.
    """
    at, place = np.unique(markers["at"].to_numpy(), return_inverse=True)
    own = np.asarray(logged[:, at].todense(), dtype=np.float64)
    mean = (own + graph @ own) / (1.0 + np.asarray(graph.sum(axis=1)).reshape(-1, 1))
    return _weighted(mean, place, markers)


def type_cells(
    logged: Any, graph: Any, labels: NDArray[np.intp], markers: pd.DataFrame, settings: CellSettings
) -> tuple[NDArray[np.str_], pd.DataFrame, pd.DataFrame]:
    """Type every cell: as its cluster is called, where the cell's own neighbourhood says the same.

    Where the two disagree the cell is `UNASSIGNED`: clusters mix near relatives (CD4 and CD8 T cells), and a
    cell on the wrong side would be counted as what it is not.

    Returns
    -------
    types : array of shape (cells,)
    clusters : pandas.DataFrame
        See `call_types`, with ``n_cells`` and ``n_assigned``.
    scores : pandas.DataFrame
        Clusters x cell types.
    """
    if markers.empty:
        n = int(labels.max()) + 1
        scores = pd.DataFrame(index=pd.RangeIndex(n, name="cluster"))
        calls = pd.DataFrame({"cluster": range(n), "cell_type": UNASSIGNED, "best": "NA", "second": "NA"})
        calls[["score", "margin"]] = np.nan
        types = np.full(len(labels), UNASSIGNED)
    else:
        scores = cluster_scores(logged, labels, markers)
        calls = call_types(scores, settings)
        own = neighbourhood_scores(logged, graph, markers)
        best = own.columns.to_numpy(str)[own.to_numpy().argmax(axis=1)]
        of_cluster = calls["cell_type"].to_numpy(str)[labels]
        types = np.where(best == of_cluster, of_cluster, UNASSIGNED)
    calls["n_cells"] = np.bincount(labels, minlength=len(calls))
    calls["n_assigned"] = np.bincount(labels[types != UNASSIGNED], minlength=len(calls))
    return types, calls, scores
