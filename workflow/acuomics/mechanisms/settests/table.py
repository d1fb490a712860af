"""The table of set tests: every set in every contrast, none dropped, with what to beware of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from acuomics.de.kernels.filtering import adjust_bh
from acuomics.mechanisms.settests.camera import CameraInput, camera, camera_input
from acuomics.mechanisms.settests.checks import GeneSet, Sets, check_sets
from acuomics.mechanisms.settests.fry import fry, standardise
from acuomics.mechanisms.settests.model import ContrastFit, WeightedModel

#: Sets with fewer expressed genes are tested, and said to be below size.
SMALLEST_SET = 5
#: Stems of the names of cells whose number moves all their marker genes together.
CELLS = ("microgli", "astrocyt", "mast cell")
CELL_TYPE_CAUTION = "cell-type signal"

COLUMNS = (
    "contrast",
    "set",
    "n_genes",
    "n_not_expressed",
    "below_size",
    "direction",
    "mean_log2fc",
    "p_fry",
    "p_fry_mixed",
    "direction_camera",
    "p_camera",
    "correlation",
    "q",
    "caution",
)


def set_tests(model: WeightedModel, fits: Mapping[str, ContrastFit], sets: Sets, *, bulk: bool = True) -> pd.DataFrame:
    """Test each set in each contrast.

    Parameters
    ----------
    model : WeightedModel
    fits : mapping of str to ContrastFit
        From `fit_contrasts`.
    sets : mapping of str to (positions, signs)
        Columns of the count matrix, and the direction claimed of each gene in the contrasts, +1 or -1.
    bulk : bool
        Whether the libraries are of whole tissue, in which sets of cell markers measure composition as much as state.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, a row a contrast and set, in the order given. `direction` is ``as_claimed`` where the set changes
        along its signs, ``against_claim`` where it changes the other way; it says nothing of significance.
        `mean_log2fc` is the mean along the signs. `p_fry` and `p_camera` are two-sided, `p_fry_mixed` is of change in
        whatever direction. `correlation` is the mean between genes' residuals, along the signs. `q` is
        Benjamini-Hochberg's over all `p_fry` of the table. A set without expressed genes has no p.

    Raises
    ------
    InputError
        See `check_sets`.
    """
    check_sets(sets, model.place.size)
    rows = []
    for contrast, fit in fits.items():
        standardised = standardise(fit.effects, fit.tests.prior)
        genes = camera_input(fit.effects, fit.tests)
        for name, of_set in sets.items():
            row = {"contrast": contrast, "set": name, **_test(model.locate(of_set), fit, standardised, genes)}
            row["n_not_expressed"] = of_set[0].size - row["n_genes"]
            row["caution"] = CELL_TYPE_CAUTION if bulk and names_a_cell(name) else ""
            rows.append(row)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["q"] = adjust_bh(table["p_fry"].to_numpy(dtype=float))
    return table


def names_a_cell(name: str) -> bool:
    """Whether a set is named after a cell type (`CELLS`), however it is written."""
    words = re.sub(r"[^a-z]+", " ", name.lower())
    return any(cell in words for cell in CELLS)


def _test(of_set: GeneSet, fit: ContrastFit, standardised: np.ndarray, genes: CameraInput) -> dict[str, Any]:
    """Everything of one set in one contrast."""
    positions, signs = of_set
    m = positions.size
    row: dict[str, Any] = {
        "n_genes": m,
        "below_size": m < SMALLEST_SET,
        "direction": "none",
        "direction_camera": "none",
    }
    if m == 0:
        return row
    rotated = fry(standardised, positions, signs)
    row["direction"] = _direction(rotated.t)
    row["mean_log2fc"] = float((fit.effects.log2fc[positions] * signs).mean())
    row["p_fry"], row["p_fry_mixed"] = rotated.p, rotated.p_mixed
    if m < genes.z.size:
        beside = camera(genes, positions, signs)
        row["direction_camera"] = _direction(beside.t)
        row["p_camera"], row["correlation"] = beside.p, beside.correlation
    return row


def _direction(t: float) -> str:
    if t == 0.0:
        return "none"
    return "as_claimed" if t > 0.0 else "against_claim"
