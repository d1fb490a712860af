"""The linear model of a study for set tests: log counts with precision weights, and its contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.de.kernels.packed import Array
from acuomics.linear_model import Effects, Moderated, contrast_effects, moderated_t
from acuomics.mechanisms.settests.checks import FEWEST_GENES, GeneSet, check_contrasts, check_model
from acuomics.mechanisms.settests.expression import expressed, library_sizes
from acuomics.mechanisms.settests.voom import Voom, voom
from acuomics.problems import Problems


@dataclass(frozen=True)
class WeightedModel:
    """Log-expression of the expressed genes.

    Attributes
    ----------
    voom : Voom
    design : array of shape (samples, coefficients)
    place : integer array of shape (all genes,)
        Column of a gene among the expressed ones, -1 where it is not expressed.
    """

    voom: Voom
    design: Array
    place: NDArray[np.intp]

    def locate(self, of_set: GeneSet) -> GeneSet:
        """A set without the genes that are not expressed, as columns of the model."""
        positions, signs = of_set
        at = self.place[positions]
        return at[at >= 0], signs[at >= 0]


@dataclass(frozen=True)
class ContrastFit:
    """A contrast in all expressed genes: orthogonal effects, and moderated t tests."""

    effects: Effects
    tests: Moderated


def weighted_model(
    counts: Array,
    design: Array,
    size_factors: Array | None,
    *,
    keep: NDArray[np.bool_] | None = None,
) -> WeightedModel:
    """Log counts per million with precision weights (voom), of the expressed genes.

    Parameters
    ----------
    counts : array of shape (samples, genes)
    design : array of shape (samples, coefficients)
    size_factors : array of shape (samples,) or None
        Those of the study's fit. None takes libraries to be as large as their sums: then genes that rise make all
        others seem to fall, and fry, which asks for any change, finds that.
    keep : bool array of shape (genes,), optional
        Genes taken to be expressed; by default the rule of `expressed`.

    Raises
    ------
    InputError
        See `check_model`; also where fewer than `FEWEST_GENES` genes are expressed.
    """
    counts, design = np.asarray(counts, dtype=float), np.asarray(design, dtype=float)
    check_model(counts, design, size_factors)
    sizes = library_sizes(counts, size_factors)
    keep = expressed(counts, design, sizes) if keep is None else keep
    n = int(keep.sum())
    if n < FEWEST_GENES:
        problems = Problems()
        problems.add(
            "counts",
            f"{n} genes are expressed; precision weights need {FEWEST_GENES}",
            "give the counts of all genes, not of a selection",
        )
        problems.raise_if_any()
    place = np.full(counts.shape[1], -1, dtype=np.intp)
    place[keep] = np.arange(n)
    return WeightedModel(voom(counts[:, keep], design, sizes), design, place)


def fit_contrasts(model: WeightedModel, contrasts: Mapping[str, Array]) -> dict[str, ContrastFit]:
    """Fit each contrast; the vectors weigh the coefficients of the design (`acuomics.designs.contrast_vector`).

    Raises
    ------
    InputError
        Where a vector does not fit the design, or is all zero.
    """
    check_contrasts(contrasts, model.design.shape[1])
    fits = {}
    for name, vector in contrasts.items():
        effects = contrast_effects(model.voom.log_cpm, model.design, vector, model.voom.weights)
        fits[name] = ContrastFit(effects, moderated_t(effects))
    return fits
