"""The map: UMAP's layout of a neighbour graph in two dimensions, the same on every run.

McInnes, Healy, Melville 2018 (arXiv:1802.03426), algorithm 5: stochastic gradient descent on the cross entropy of the
graph, edges drawn as often as they weigh, with random vertices to be pushed away. As in umap-learn, and so in scanpy,
but compiled once and kept: umap-learn compiles it in every process, which takes longer than to lay out 10,000 cells.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.jit import kernel

#: Of 1 / (1 + a d^(2b)), which fits an exponential decay of spread 1 from a distance of 0.5 on (scanpy's defaults).
A, B = 0.5830300203414425, 1.3341669924314914
#: Random vertices a drawn edge, first step, and how far one step may move a coordinate.
NEGATIVES, FIRST_STEP, FARTHEST = 5, 1.0, 4.0


def lay_out(graph: Any, start: NDArray[np.floating[Any]], epochs: int, seed: int) -> NDArray[np.float32]:
    """Lay a graph out in the plane.

    Parameters
    ----------
    graph : csr_matrix of shape (cells, cells)
        Symmetric weights.
    start : array of shape (cells, 2)
        Where the cells begin.
    epochs : int
        Rounds; an edge of the largest weight is drawn in each.
    seed : int

    Returns
    -------
    array of shape (cells, 2)
    """
    edges = graph.tocoo()
    largest = float(edges.data.max()) if edges.nnz else 1.0
    # An edge that would be drawn less than once is not drawn.
    kept = edges.data >= largest / epochs
    place = np.ascontiguousarray(start, dtype=np.float32).copy()
    every = largest / edges.data[kept].astype(np.float64)
    head, tail = edges.row[kept].astype(np.int64), edges.col[kept].astype(np.int64)
    _descend(place, head, tail, every, epochs, int(np.random.default_rng(seed).integers(1, 2**32)))
    return place


@kernel
def _descend(
    place: NDArray[np.float32],
    head: NDArray[np.int64],
    tail: NDArray[np.int64],
    every: NDArray[np.float64],
    epochs: int,
    state: int,
) -> None:
    """Move `place`: edge i is drawn every `every[i]` rounds; `state` is that of a 32-bit xorshift (Marsaglia 2003)."""
    n = place.shape[0]
    following = every.copy()
    following_far = every / NEGATIVES
    for epoch in range(epochs):
        step = FIRST_STEP * (1.0 - epoch / epochs)
        for i in range(len(head)):
            if following[i] > epoch:
                continue
            j, k = head[i], tail[i]
            dx, dy = place[j, 0] - place[k, 0], place[j, 1] - place[k, 1]
            square = dx * dx + dy * dy
            if square > 0.0:
                power = square ** (B - 1.0)
                pull = -2.0 * A * B * power / (A * power * square + 1.0)
                mx = min(max(pull * dx, -FARTHEST), FARTHEST) * step
                my = min(max(pull * dy, -FARTHEST), FARTHEST) * step
                place[j, 0] += mx
                place[j, 1] += my
                place[k, 0] -= mx
                place[k, 1] -= my
            following[i] += every[i]
            far = int((epoch - following_far[i]) / (every[i] / NEGATIVES))
            for _ in range(far):
                state ^= (state << 13) & 0xFFFFFFFF
                state ^= state >> 17
                state ^= (state << 5) & 0xFFFFFFFF
                k = state % n
                if k == j:
                    continue
                dx, dy = place[j, 0] - place[k, 0], place[j, 1] - place[k, 1]
                square = dx * dx + dy * dy
                if square > 0.0:
                    push = 2.0 * B / ((0.001 + square) * (A * square**B + 1.0))
                    place[j, 0] += min(max(push * dx, -FARTHEST), FARTHEST) * step
                    place[j, 1] += min(max(push * dy, -FARTHEST), FARTHEST) * step
                else:
                    place[j, 0] += FARTHEST * step
                    place[j, 1] += FARTHEST * step
            following_far[i] += far * (every[i] / NEGATIVES)
