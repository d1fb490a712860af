"""Small symmetric systems (one p x p matrix a gene), packed and solved for all genes at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Counts a block: small enough for the working arrays of a block to stay in cache.
BLOCK_ELEMENTS = 36_864


def blocks(n_samples: int, n_genes: int) -> list[slice]:
    """Slices of the genes, each with about `BLOCK_ELEMENTS` counts."""
    width = max(BLOCK_ELEMENTS // n_samples, 128)
    return [slice(start, min(n_genes, start + width)) for start in range(0, n_genes, width)]


def per_count(factors: Array) -> Array:
    """Factors as counts (samples, genes) are divided by them: one a sample, shape (samples,), becomes a column."""
    return factors[:, None] if factors.ndim == 1 else factors


def of_genes(factors: Array, genes: Any) -> Array:
    """The factors of some genes (positions, a mask or a slice); one a sample serves all genes."""
    return factors if factors.ndim == 1 or factors.shape[1] == 1 else factors[:, genes]


class PackedDesign:
    """A design matrix with the algebra of X' W X for one diagonal weight matrix W a gene.

    Symmetric matrices are kept as their lower triangle, packed along axis 0: shape (p(p+1)/2, genes).

    Parameters
    ----------
    matrix : array of shape (samples, p)
        The design matrix, of full column rank.
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix: Array = np.ascontiguousarray(matrix, dtype=float)
        self.n, self.p = self.matrix.shape
        self.transposed: Array = np.ascontiguousarray(self.matrix.T)
        rows, columns = np.tril_indices(self.p)
        self._pairs = list(zip(rows.tolist(), columns.tolist(), strict=True))
        self._at = {pair: k for k, pair in enumerate(self._pairs)}
        self._at.update({(b, a): k for k, (a, b) in enumerate(self._pairs)})
        self.outer: Array = np.ascontiguousarray(
            np.stack([self.matrix[:, a] * self.matrix[:, b] for a, b in self._pairs])
        )
        # An off-diagonal element stands twice in a quadratic form.
        self.multiplicity: Array = np.array([1.0 if a == b else 2.0 for a, b in self._pairs])[:, None]
        self.diagonal = [self._at[a, a] for a in range(self.p)]
        q, r = np.linalg.qr(self.matrix)
        self.pseudo_inverse: Array = np.linalg.solve(r, q.T)
        self.hat: Array = q @ q.T

    def gram(self, weights: Array) -> Array:
        """X' diag(w_g) X of every gene; `weights` is (samples, genes)."""
        return self.outer @ weights

    def cholesky(self, packed: Array) -> Array:
        """Lower Cholesky factor, packed; NaN where a matrix is not positive definite."""
        at = self._at
        factor = np.empty_like(packed)
        with np.errstate(invalid="ignore", divide="ignore"):
            for a in range(self.p):
                for b in range(a + 1):
                    value = packed[at[a, b]].copy()
                    for c in range(b):
                        value -= factor[at[a, c]] * factor[at[b, c]]
                    factor[at[a, b]] = np.sqrt(value) if a == b else value / factor[at[b, b]]
        return factor

    def solve(self, factor: Array, right: Array) -> Array:
        """Solve M x = right (p, genes), given the Cholesky factor of M."""
        at, x = self._at, right.copy()
        for a in range(self.p):
            for c in range(a):
                x[a] -= factor[at[a, c]] * x[c]
            x[a] /= factor[at[a, a]]
        for a in range(self.p - 1, -1, -1):
            for c in range(a + 1, self.p):
                x[a] -= factor[at[c, a]] * x[c]
            x[a] /= factor[at[a, a]]
        return x

    def inverse(self, factor: Array) -> Array:
        """Packed inverse of M, given the Cholesky factor of M."""
        at = self._at
        lower: dict[tuple[int, int], Array] = {}
        for a in range(self.p):
            lower[a, a] = 1.0 / factor[at[a, a]]
            for b in range(a):
                value = np.zeros(factor.shape[1])
                for c in range(b, a):
                    value -= factor[at[a, c]] * lower[c, b]
                lower[a, b] = value * lower[a, a]
        result = np.zeros_like(factor)
        for k, (a, b) in enumerate(self._pairs):
            for c in range(a, self.p):
                result[k] += lower[c, a] * lower[c, b]
        return result

    def log_determinant(self, factor: Array) -> Array:
        """Log determinant of M, given the Cholesky factor of M."""
        result: Array = 2.0 * np.log(factor[self.diagonal]).sum(axis=0)
        return result

    def pack(self, matrix: Array) -> Array:
        """One symmetric matrix (p, p) as a packed column, shape (p(p+1)/2, 1)."""
        return np.array([matrix[a, b] for a, b in self._pairs])[:, None]

    def times(self, packed: Array, vectors: Array) -> Array:
        """M v of every gene, shape (p, genes); `vectors` is (p, genes), or (p, 1) for one vector."""
        rows = [sum(packed[self._at[a, b]] * vectors[b] for b in range(self.p)) for a in range(self.p)]
        return np.stack(rows)

    def unpack(self, packed: Array) -> Array:
        """Full matrices, shape (genes, p, p)."""
        full = np.empty((packed.shape[1], self.p, self.p))
        for k, (a, b) in enumerate(self._pairs):
            full[:, a, b] = packed[k]
            full[:, b, a] = packed[k]
        return full
