"""What must hold of the input of the set tests, checked all at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from acuomics.de.kernels.packed import Array
from acuomics.problems import Problems

#: Columns of a matrix of samples x genes.
Positions = NDArray[np.intp]
#: Positions of the genes of a set, and the signs claimed, +1 or -1.
GeneSet = tuple[Positions, Array]
Sets = Mapping[str, GeneSet]

#: Fewer expressed genes than this have no mean-variance trend worth the name.
FEWEST_GENES = 20


def check_model(counts: Array, design: Array, size_factors: Array | None) -> None:
    """Check what `weighted_model` is given.

    Raises
    ------
    InputError
        For counts that are not finite and non-negative, an empty library, a design that does not fit the samples, is
        not of full rank or leaves no residual degree of freedom, or size factors that are not positive.
    """
    problems = Problems()
    if counts.ndim != 2 or design.ndim != 2 or counts.shape[0] != design.shape[0]:
        problems.add(
            "set tests",
            f"counts {counts.shape} and design {design.shape} do not have the same samples",
            "give counts as samples x genes and the design as samples x coefficients, in one order",
        )
        problems.raise_if_any()
    wrong = ~(np.isfinite(counts) & (counts >= 0.0))
    for row, column in np.argwhere(wrong)[:5].tolist():
        problems.add(
            "counts", "not a count", "counts are numbers from 0 on", row=row + 1, column=str(column + 1),
            value=counts[row, column],
        )  # fmt: skip
    if not wrong.any():
        for row in np.flatnonzero(counts.sum(axis=1) == 0.0).tolist():
            problems.add("counts", "the library has no counts", "leave the sample out of the study", row=row + 1)
    n, p = design.shape
    rank = int(np.linalg.matrix_rank(design)) if np.isfinite(design).all() else 0
    if rank < p:
        problems.add("design", f"rank {rank} of {p} coefficients", "leave out a covariate that others determine")
    if n <= p:
        problems.add(
            "design", f"{p} coefficients for {n} samples leave no residual", "add replicates, or leave out a covariate"
        )
    if size_factors is not None and (size_factors.shape != (n,) or not (size_factors > 0.0).all()):
        problems.add("size factors", f"not {n} positive numbers", "give one a sample, in the order of the counts")
    problems.raise_if_any()


def check_contrasts(contrasts: Mapping[str, Array], coefficients: int) -> None:
    """Check that every contrast is a vector of the design's coefficients that is not all zero."""
    problems = Problems()
    for name, vector in contrasts.items():
        if vector.shape != (coefficients,) or not np.isfinite(vector).all():
            problems.add("contrasts", f"not {coefficients} finite weights", "give one a coefficient", row=name)
        elif not vector.any():
            problems.add("contrasts", "all weights are zero", "compare two different levels", row=name)
    problems.raise_if_any()


def check_sets(sets: Sets, genes: int) -> None:
    """Check that every set names genes of the matrix, each once and with a sign; an empty set is no fault."""
    problems = Problems()
    for name, (positions, signs) in sets.items():
        if positions.ndim != 1 or positions.shape != signs.shape:
            problems.add("sets", f"{positions.size} genes and {signs.size} signs", "give each gene one sign", row=name)
            continue
        if positions.size and not np.issubdtype(positions.dtype, np.integer):
            problems.add("sets", "positions are not whole numbers", "give columns of the matrix", row=name)
            continue
        for at in positions[(positions < 0) | (positions >= genes)].tolist():
            problems.add(
                "sets", f"no such gene among {genes}", "positions count from 0", row=name, column="gene", value=at
            )
        found, times = np.unique(positions, return_counts=True)
        for at in found[times > 1].tolist():
            problems.add(
                "sets", "the gene is named twice", "keep one claim of a gene", row=name, column="gene", value=at
            )
        for at in np.flatnonzero(np.abs(signs) != 1.0).tolist():
            problems.add("sets", "not a sign", "signs are +1 and -1", row=name, column="sign", value=signs[at])
    problems.raise_if_any()
