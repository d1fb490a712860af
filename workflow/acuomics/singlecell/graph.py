"""The graph of nearest neighbours: exact, and the same on every run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
#: Bisection steps for the width of a cell's neighbourhood, and how near its sum must come.
STEPS, TOLERANCE = 64, 1e-5
#: Least width, as a share of the mean distance.
LEAST_WIDTH = 1e-3
CHUNK = 10_000


def nearest(points: NDArray[np.floating[Any]], k: int) -> tuple[NDArray[np.intp], Floats]:
    """The `k` nearest cells of each cell, itself first.

    Exact search: approximate ones depend on threads and seeds, and up to some 100,000 cells cost no less.

    Parameters
    ----------
    points : array of shape (cells, components)
    k : int
        Fewer than cells.

    Returns
    -------
    indices, distances : arrays of shape (cells, k)
        Euclidean; the first column is the cell itself, at 0.
    """
    from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped]

    search = NearestNeighbors(n_neighbors=k - 1, algorithm="brute").fit(np.ascontiguousarray(points, dtype=np.float32))
    # Asked without points, the search leaves each cell out of its own neighbours, also where cells coincide.
    indices = search.kneighbors(return_distance=False)
    exact = np.asarray(points, dtype=np.float64)
    # The search works with scalar products, which lose the difference of cells that lie close together.
    distances = np.empty(indices.shape)
    for start in range(0, len(exact), CHUNK):
        part = slice(start, start + CHUNK)
        distances[part] = np.sqrt(((exact[indices[part]] - exact[part, None, :]) ** 2).sum(axis=2))
    own = np.arange(len(points))[:, None]
    return np.hstack([own, indices]), np.hstack([np.zeros((len(points), 1)), distances])


def fuzzy_graph(indices: NDArray[np.intp], distances: Floats) -> Any:
    """Weights of the neighbour graph: the fuzzy union of local neighbourhoods.

    A neighbour at distance d from cell i weighs exp(-(d - rho_i) / sigma_i), with rho_i the distance of the nearest
    one and sigma_i such that the weights add up to log2(k). Both directions are joined as a + b - ab.
    Source: McInnes, Healy, Melville 2018, algorithms 2 and 3; as in umap-learn and so in scanpy, but for all cells at
    once and without compiling anything.

    Parameters
    ----------
    indices, distances : arrays of shape (cells, k)
        From `nearest`.

    Returns
    -------
    csr_matrix of shape (cells, cells)
        Symmetric, float32.
    """
    n, k = distances.shape
    others = distances[:, 1:]
    # Cells that coincide are no distance: the nearest one that is not at 0 counts.
    rho = np.where(others > 0, others, np.inf).min(axis=1)
    rho[np.isinf(rho)] = 0.0
    target = np.log2(k)
    excess = np.maximum(others - rho[:, None], 0.0)
    low, high, sigma = np.zeros(n), np.full(n, np.inf), np.ones(n)
    going = np.ones(n, dtype=bool)
    for _ in range(STEPS):
        total = np.exp(-excess[going] / sigma[going][:, None]).sum(axis=1)
        at = np.flatnonzero(going)
        done = np.abs(total - target) < TOLERANCE
        above = at[(total > target) & ~done]
        below = at[(total <= target) & ~done]
        high[above] = sigma[above]
        sigma[above] = (low[above] + high[above]) / 2
        low[below] = sigma[below]
        sigma[below] = np.where(np.isinf(high[below]), sigma[below] * 2, (low[below] + high[below]) / 2)
        going[at[done]] = False
        if not going.any():
            break
    least = LEAST_WIDTH * np.where(rho > 0, distances.mean(axis=1), distances.mean())
    sigma = np.maximum(sigma, least)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.where(excess > 0, np.exp(-excess / sigma[:, None]), 1.0)
    rows = np.repeat(np.arange(n), k - 1)
    one_way = sparse.csr_matrix((weights.ravel(), (rows, indices[:, 1:].ravel())), shape=(n, n))
    back = one_way.T.tocsr()
    union = (one_way + back - one_way.multiply(back)).tocsr().astype(np.float32)
    union.eliminate_zeros()
    union.sort_indices()
    return union
