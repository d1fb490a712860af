"""Faults in the values of a matrix: what cannot be a count, and what was normalised before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from acuomics.inputs.matrix import CountMatrix, Mask, Values, report_cells
from acuomics.inputs.words import some
from acuomics.problems import Problems

MOST = 2**31 - 1
# Whole numbers below LOW in MANY features: no library is that shallow, but rounded log2 values are that low.
LOW = 30
MANY = 200
RAW = "get the raw counts (the authors, the archive's raw reads): negative binomial models need them"


@dataclass(frozen=True)
class ValueFacts:
    """What the values say: the share of cells that are no integers, and what a reader should doubt."""

    fractional_share: float
    warnings: list[str]


def _spread(sums: Values) -> float:
    """Give the relative range of the column sums; infinite where there is nothing to compare."""
    return float((sums.max() - sums.min()) / sums.mean()) if len(sums) > 1 and sums.mean() > 0 else float("inf")


def normalised(values: Values, everything: Values) -> str | None:
    """Say why `values` look normalised, or give None.

    Parameters
    ----------
    values : ndarray, shape (n_features, n_samples)
        The features under test; finite and not negative.
    everything : ndarray, shape (n_rows, n_samples)
        All rows but totals (a matrix may have been scaled before some features were dropped).

    Returns
    -------
    str or None
        The reason in one clause.

    Notes
    -----
    Integers: library sizes equal within 0.1 % in three samples or more are an act of scaling; sequencing
    gives spreads of tens of per cent. Fractions: the same (TPM and CPM sum to a million), a maximum under 30
    (no library ends at 30 reads, but log2 values do), or FPKM's signature (nine in ten expressed values
    fractional, a fifth of them below one read, sums below two million).
    """
    if not values.size:
        return None
    fractional = bool((values % 1 != 0).any())
    for block in (values, everything):
        sums = block.sum(axis=0)
        if fractional and len(sums) > 1 and np.all(np.abs(sums / 1e6 - 1) < 0.01):
            return "every sample sums to a million: TPM or CPM"
        if _spread(sums) < 1e-3 and len(sums) >= (2 if fractional else 3):
            kind = "normalised values" if fractional else "integers that were scaled, not counted"
            return f"the library sizes are all {sums.mean():,.0f} within 0.1 %: {kind}"
    if not fractional:
        return None
    if values.max() < LOW:
        return f"the largest value is {values.max():.4g}: log-scale values"
    expressed = values[values > 0]
    fpkm = np.mean(expressed % 1 != 0) > 0.9 and np.mean(expressed < 1) > 0.2 and values.sum(axis=0).max() < 2e6
    return "most values are fractions and many lie below one read: FPKM or the like" if fpkm else None


def too_low(values: Values) -> bool:
    """Say whether whole numbers are too low for counts: all under 30, in 200 features with any count or more."""
    return int((values > 0).any(axis=1).sum()) >= MANY and bool(np.nanmax(values) < LOW)


def doubts(values: Values) -> list[str]:
    """Say what makes accepted fractions doubtful as estimated counts; an empty list when nothing does.

    Shared reads give fractions to some features and whole numbers to the others, and leave library sizes as
    uneven as sequencing made them. Values that are fractions almost everywhere, in libraries that agree within
    5 %, were more likely adjusted (for batch, GC content or depth) after counting.
    """
    expressed = values[values > 0]
    if not expressed.size or np.mean(expressed % 1 != 0) < 0.95 or _spread(values.sum(axis=0)) > 0.05:
        return []
    return [
        f"{np.mean(expressed % 1 != 0):.1%} of the values above zero are fractions and the library sizes agree "
        f"within {_spread(values.sum(axis=0)):.1%}: these look adjusted after counting, so that a negative "
        "binomial model may overstate its certainty"
    ]


def check_values(
    matrix: CountMatrix,
    keep: Mask,
    no_totals: Mask,
    rounding: str,
    max_zero_share: float,
    problems: Problems,
    low_counts: bool = False,
) -> ValueFacts:
    """Check that the values can be counts.

    Parameters
    ----------
    matrix : CountMatrix
        As read; NaN cells were reported by the reader.
    keep, no_totals : ndarray of bool, shape (n_features,)
        The rows under test, and all rows that are no totals.
    rounding : str
        ``none`` refuses fractions, ``nearest`` accepts them when declared.
    max_zero_share : float
        A sample with a larger share of zeros is an error.
    problems : Problems
        Takes the faults: negative, over 2**31-1, normalised, fractional, suspiciously low, empty samples.
    low_counts : bool
        Whether study.yaml declares that the counts really are that low.
    """
    values = matrix.cells
    rows = keep[:, None]
    negative = rows & (values < 0)
    fraction = rows & np.isfinite(values) & (values % 1 != 0)
    cells = int((rows & np.isfinite(values)).sum())
    facts = ValueFacts(float(fraction.sum() / cells) if cells else 0.0, doubts(matrix.cells[keep & no_totals]))
    also = ": with the fractions beside it, a sign of log ratios or scaled values" if fraction.any() else ""
    report_cells(matrix, negative, problems, f"a count cannot be negative{also}", RAW)
    report_cells(
        matrix,
        rows & (values > MOST),
        problems,
        "over 2147483647, more than a sample can hold",
        "check that the column holds counts and not positions or identifiers",
    )
    if not negative.any():
        whole = not np.isnan(values[no_totals]).any()
        reason = normalised(values[keep & no_totals], values[no_totals]) if whole else None
        if reason is not None:
            problems.add(matrix.file, f"these are normalised values, not counts: {reason}", RAW)
        elif fraction.any() and rounding == "none":
            report_cells(
                matrix,
                fraction,
                problems,
                f"a count must be a whole number; {facts.fractional_share:.1%} of the cells are fractions",
                "if these are estimated counts (RSEM, salmon, shared multi-mapping reads), declare in "
                "study.yaml counts: rounding: nearest, with rounding_reason; FPKM, TPM and log values cannot "
                "be mended",
            )
        elif not low_counts and too_low(values[keep & no_totals]):
            problems.add(
                matrix.file,
                f"the largest of the values in {int(keep.sum()):,} features is "
                f"{np.nanmax(values[keep & no_totals]):.0f}: log-scale or scaled values that were rounded, not counts",
                f"{RAW}; if these are counts of libraries that shallow, declare it in study.yaml: counts: "
                "low_counts: true",
            )
    _check_empty_samples(matrix, keep, max_zero_share, problems)
    return facts


def _check_empty_samples(matrix: CountMatrix, keep: Mask, max_zero_share: float, problems: Problems) -> None:
    if not keep.any():
        problems.add(matrix.file, "no feature is left", "check counts.drop_features")
        return
    zero = (matrix.cells[keep] == 0).mean(axis=0)
    empty, poor = np.nonzero(zero == 1)[0], np.nonzero((zero > max_zero_share) & (zero < 1))[0]
    for found, message in (
        (empty, "every count of the sample is zero"),
        (
            poor,
            f"{zero[poor[0]] if len(poor) else 0:.2%} of the sample's counts are zero, more than "
            f"intake.max_zero_share ({max_zero_share:g})",
        ),
    ):
        if not len(found):
            continue
        others = [matrix.samples[at] for at in found[1:]]
        problems.add(
            matrix.files[found[0]],
            message + (f" ({len(found)} such samples; also {some(others, 8)})" if others else ""),
            "leave the sample out of the sheet (and list it in counts: drop_columns), and say why",
            column=matrix.samples[found[0]],
        )


def whole_numbers(values: Values) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Round to the nearest integer, halves to the even one (as R's ``round`` does)."""
    return np.rint(values).astype(np.int64)
