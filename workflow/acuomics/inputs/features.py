"""Faults in the names of features: repeats, spreadsheet dates, totals rows among them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from acuomics.inputs.dates import read_date
from acuomics.inputs.matrix import CountMatrix, Mask
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

# Rows about reads, not genes: htseq-count, STAR, featureCounts, and hand-made sums.
_SUMMARY = re.compile(
    r"__(?:no_feature|ambiguous|too_low_aqual|not_aligned|alignment_not_unique)"
    r"|n_(?:unmapped|multimapping|nofeature|ambiguous)|unassigned_\w+"
    r"|(?:grand |column )?(?:total|totals|sum|sums)(?:[ _.-]?(?:reads|counts|count|mapped))?",
    re.IGNORECASE,
)


def date_like(names: Sequence[str], symbols: bool) -> list[int]:
    """Give the positions of names that a spreadsheet made dates; day numbers count only when `symbols`."""
    return [at for at, name in enumerate(names) if read_date(name, day_numbers=symbols)]


def check_names(matrix: CountMatrix, feature_id: str, problems: Problems) -> list[str]:
    """Check identifiers: no empty one, no repeat, no date; give warnings about the labels beside them."""
    dates = date_like(matrix.features, feature_id == "symbol")
    if dates:
        at = dates[0]
        problems.add(
            matrix.file,
            "a spreadsheet turned gene names into dates: "
            + some([f"row {i + 1} {matrix.features[i]!r}" for i in dates])
            + f" ({len(dates)} in all)",
            "go back to the table as it was before the spreadsheet (MARCH1, SEPT2, DEC1), or use identifiers",
            row=at + 1,
            value=matrix.features[at],
        )
    empty = [at for at, name in enumerate(matrix.features) if not name]
    if empty:
        problems.add(
            matrix.file,
            f"the name of the feature is empty ({len(empty)} such rows)",
            "name the feature, or remove the row",
            row=empty[0] + 1,
        )
    rows: dict[str, list[int]] = {}
    for at, name in enumerate(matrix.features):
        rows.setdefault(name, []).append(at + 1)
    known = {matrix.features[at] for at in dates} | {""}
    twice = [(name, where) for name, where in rows.items() if len(where) > 1 and name not in known]
    if twice:
        name, where = twice[0]
        problems.add(
            matrix.file,
            f"features named more than once: {some([f'{n!r} in rows {some(w)}' for n, w in twice])}"
            + (f" ({len(twice)} names in all)" if len(twice) > 1 else ""),
            "keep one row a feature: sum what belongs together, or use unique identifiers",
            row=where[1],
            value=name,
        )
    if matrix.labels is not None and (bad := date_like(matrix.labels, True)):
        return [
            f"{len(bad)} symbols beside the identifiers are dates made by a spreadsheet: "
            + some([matrix.labels[i] for i in bad])
        ]
    return []


def check_missing_names(matrix: CountMatrix, keep: Mask, problems: Problems) -> None:
    """Refuse a feature called ``NA``: in every table that follows, NA stands for a missing name."""
    at = [i for i in np.nonzero(keep)[0] if matrix.features[i] == "NA"]
    if at:
        problems.add(
            matrix.file,
            "a feature is called NA, which no later table can tell from a missing name",
            "rename it in the matrix (identifiers instead of symbols have no such name), or list it in study.yaml: "
            "counts: drop_features: [NA]",
            row=int(at[0]) + 1,
            value="NA",
        )


def drop_features(matrix: CountMatrix, names: Sequence[str], problems: Problems) -> Mask:
    """Give the mask of rows to keep when the features in `names` are left out; each must be there."""
    present = set(matrix.features)
    for name in names:
        if name not in present:
            problems.add(
                matrix.file,
                f"counts.drop_features names {name!r}, which is no feature of the matrix",
                f"{did_you_mean(name, present if len(present) < 2000 else ())} "
                "mend counts.drop_features, or remove the name from it".strip(),
                value=name,
            )
    return ~np.isin(np.array(matrix.features, dtype=object), list(names))


def check_totals(matrix: CountMatrix, keep: Mask, problems: Problems) -> Mask:
    """Look for rows that are no features: read summaries by name, totals by arithmetic.

    A total is a row that equals the sum of all other rows in every sample (within 1e-4 of it, for rounding).

    Returns
    -------
    ndarray of bool, shape (n_features,)
        The rows found; the checks that follow leave them out.
    """
    named = np.array([_SUMMARY.fullmatch(name) is not None for name in matrix.features], dtype=bool) & keep
    total = np.zeros_like(named)
    values = matrix.cells
    rest = keep & ~named
    if rest.sum() > 2 and values.shape[1] > 0:
        sums = values[rest].sum(axis=0)
        equal = np.abs(2 * values - sums) <= np.maximum(1.0, 1e-4 * sums)
        total = rest & equal.all(axis=1) & bool((sums > 0).all())
    for mask, what in (
        (named, "counts reads, not a feature"),
        (total, "equals the sum of all other rows in every sample"),
    ):
        at = [int(i) for i in np.nonzero(mask)[0]]
        if at:
            names = [matrix.features[i] for i in at]
            problems.add(
                matrix.file,
                f"a totals row is hidden among the features: {some([repr(n) for n in names], 6)} {what}",
                f"list it in study.yaml: counts: drop_features: [{some(names, 6)}]",
                row=at[0] + 1,
                value=names[0],
            )
    return named | total
