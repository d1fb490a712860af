"""Are there more cells of a type? Proportions an animal, logit-transformed, with moderated t tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.designs import build_design, contrast_vector, reference_levels, sides_of
from acuomics.linear_model import contrast_effects, moderated_t
from acuomics.singlecell.celltypes import UNASSIGNED
from acuomics.singlecell.pseudobulk import testable

Floats = NDArray[np.float64]
COLUMNS = (
    "contrast", "cell_type", "n_numerator", "n_denominator", "proportion_numerator", "proportion_denominator",
    "logit_difference", "se", "t", "df", "p", "q", "p_asin", "status", "reason",
)  # fmt: skip
#: What is added to every count, so that an animal without cells of a type has a logit.
PRIOR_COUNT = 0.5


def logit_proportions(cells: Floats) -> Floats:
    """Logits of proportions, samples x types: of (n + 1/2) over the sum of these, as in propeller."""
    raised = cells + PRIOR_COUNT
    share = raised / raised.sum(axis=1, keepdims=True)
    result: Floats = np.log(share / (1.0 - share))
    return result


def asin_proportions(cells: Floats) -> Floats:
    """Arcsines of the square roots of proportions, samples x types."""
    result: Floats = np.arcsin(np.sqrt(cells / cells.sum(axis=1, keepdims=True)))
    return result


def compare_composition(
    cells: pd.DataFrame, samples: pd.DataFrame, contrasts: Sequence[Mapping[str, Any]], formula: str
) -> pd.DataFrame:
    """Test the proportion of every cell type in every contrast, with the animal as the unit.

    Phipson et al. 2022 (propeller): logit of proportions, a linear model a type, variances moderated over the types
    (Smyth 2004, not robust), Benjamini-Hochberg over the types of a contrast. Proportions add up to one: where one type
    becomes frequent all others become rarer, if by little. `p_asin` is the same test on arcsines, as sensitivity.

    Parameters
    ----------
    cells : pandas.DataFrame
        Samples x types (`acuomics.singlecell.pseudobulk.count_cells`); `UNASSIGNED` cells do not count.
    samples : pandas.DataFrame
        ``sample`` and the factors, in the order of `cells`.
    contrasts : sequence of mappings
        Contrasts of the study record.
    formula : str
        The study's design.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. `status` is ``tested`` or ``not_analysable`` (fewer than two animals on a side, no residual degree of
        freedom, fewer than two types), with the reason. Proportions are means over animals.
    """
    counted = cells.drop(columns=UNASSIGNED, errors="ignore")
    counted = counted.loc[:, counted.sum() > 0]
    present = (counted.sum(axis=1) > 0).to_numpy()
    counted, sheet = counted[present], samples[present].reset_index(drop=True)
    values = counted.to_numpy(float)
    rows_of_sheet = [{str(k): str(v) for k, v in row.items()} for row in sheet.to_dict("records")]
    references = reference_levels(contrasts)
    parts = []
    for contrast in contrasts:
        table = _frame(contrast, counted, rows_of_sheet)
        reason = _obstacle(contrast, sheet, counted.shape[1])
        if not reason:
            design = build_design(formula, rows_of_sheet, references)
            if np.linalg.matrix_rank(design.matrix) < design.matrix.shape[1]:
                reason = "the design is not of full rank"
            elif len(rows_of_sheet) <= design.matrix.shape[1]:
                reason = "no residual degree of freedom is left"
        if reason:
            table["status"], table["reason"] = "not_analysable", reason
        else:
            vector = contrast_vector(design, contrast)
            fit = contrast_effects(logit_proportions(values), design.matrix, vector)
            tests = moderated_t(fit)
            table["logit_difference"], table["t"], table["p"] = fit.log2fc, tests.t, tests.p
            table["se"], table["df"] = np.sqrt(tests.variances) * fit.unscaled_sd, tests.df
            table["q"] = _adjusted(tests.p)
            table["p_asin"] = moderated_t(contrast_effects(asin_proportions(values), design.matrix, vector)).p
            table["status"], table["reason"] = "tested", "none"
        parts.append(table)
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _adjusted(p: Floats) -> Floats:
    from scipy.stats import false_discovery_control

    result: Floats = false_discovery_control(p)
    return result


def _frame(contrast: Mapping[str, Any], counted: pd.DataFrame, rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Animals and mean proportions of both sides of a contrast; tests still missing."""
    shares = counted.to_numpy(float) / counted.sum(axis=1).to_numpy(float)[:, None]
    table = pd.DataFrame({"contrast": contrast["contrast"], "cell_type": counted.columns.astype(str)})
    for side, name in zip(sides_of(contrast), ("numerator", "denominator"), strict=True):
        inside = np.array(
            [any(all(row[k] == v for k, v in cell.items()) for _, cell in side) for row in rows], dtype=bool
        )
        table[f"n_{name}"] = int(inside.sum())
        table[f"proportion_{name}"] = shares[inside].mean(axis=0) if inside.any() else np.nan
    for name in ("logit_difference", "se", "t", "df", "p", "q", "p_asin"):
        table[name] = np.nan
    return table


def _obstacle(contrast: Mapping[str, Any], sheet: pd.DataFrame, types: int) -> str:
    """Why a contrast cannot be tested, else empty."""
    if types < 2:
        return "a proportion needs two cell types or more"
    return "" if testable(contrast, sheet) else "fewer than two animals on a side; cells are no replicates"
