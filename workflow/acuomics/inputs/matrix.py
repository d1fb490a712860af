"""The count matrix as it is read: values, names, and where each cell stands in its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.inputs.words import near_names, some
from acuomics.problems import Problems

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class CountMatrix:
    """A count matrix before it is judged.

    Parameters
    ----------
    file : str
        The file that faults are reported in (of several, the first).
    files : list of str
        The file of each sample (they differ only when there is one file a sample).
    features : list of str
        Identifiers, one a row, in file order.
    labels : list of str or None
        Symbols that the file carries beside the identifiers, one a row.
    samples : list of str
        Column names in the order of the sample sheet.
    cells : ndarray of float64, shape (n_features, n_samples)
        Values; NaN where the file has no number (already reported by the reader).
    """

    file: str
    files: list[str]
    features: list[str]
    labels: list[str] | None
    samples: list[str]
    cells: Values


@dataclass(frozen=True)
class Wanted:
    """Which columns a study uses: `samples` of its sheet; and which it leaves out by declaration."""

    samples: list[str]
    excluded: frozenset[str]
    dropped: list[str]


def choose_columns(columns: Sequence[str], wanted: Wanted, file: str, problems: Problems) -> list[str]:
    """Compare the columns of a matrix with the sample sheet; give the wanted ones there, in sheet order."""
    present = set(columns)
    missing = [name for name in wanted.samples if name not in present]
    known = set(wanted.samples) | wanted.excluded | set(wanted.dropped)
    strangers = [name for name in columns if name not in known]
    for name in missing[:3]:
        near = near_names(name, strangers or columns)
        hint = (
            f"mend the sheet, or map the name in study.yaml: samples: values: sample: {{{name}: {near[0]}}}"
            if near
            else "mend the sheet, or add the sample to the matrix"
        )
        problems.add(file, f"sample {name!r} of the sheet is not in the matrix", hint, column=name)
    if len(missing) > 3:
        problems.add(
            file,
            f"{len(missing) - 3} more samples of the sheet are not in the matrix: {some(missing[3:])}",
            f"mend the sheet, or the matrix; it has the columns {some(list(columns), 8)}",
        )
    if strangers:
        problems.add(
            file,
            "columns of the matrix that are not in the sample sheet: " + some([repr(name) for name in strangers], 6),
            "add them to the sheet, or list them in study.yaml under counts: drop_columns",
            column=strangers[0],
        )
    for name in wanted.dropped:
        if name not in present:
            near = near_names(name, columns)
            problems.add(
                file,
                f"counts.drop_columns names {name!r}, which is no column of the matrix",
                f"write {near[0]!r}, if that is meant" if near else "remove it from counts.drop_columns",
                column=name,
            )
    return [name for name in wanted.samples if name in present]


def report_cells(
    matrix: CountMatrix,
    mask: Mask,
    problems: Problems,
    message: str,
    fix: str,
    texts: dict[tuple[int, int], str] | None = None,
) -> None:
    """Report the cells where `mask` is true as one problem: the first in full, two more by place, all counted.

    `texts` gives what stands in a cell that is not a number, by (row, column) position.
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return

    def show(row: int, column: int) -> str:
        if texts is not None and (row, column) in texts:
            return texts[row, column]
        return f"{matrix.cells[row, column]:.12g}"

    first, column = int(rows[0]), int(columns[0])
    if len(rows) > 1:
        others = [
            f"row {r + 1} column {matrix.samples[c]} ({show(int(r), int(c))!r})"
            for r, c in zip(rows[1:3], columns[1:3], strict=True)
        ]
        message += f" ({len(rows)} such cells; also {'; '.join(others)})"
    problems.add(
        matrix.files[column],
        f"feature {matrix.features[first]!r}: {message}",
        fix,
        row=first + 1,
        column=matrix.samples[column],
        value=show(first, column),
    )


def report_not_finite(matrix: CountMatrix, problems: Problems) -> None:
    """Report NaN and infinite cells of a matrix that a program wrote, and set them to NaN."""
    bad = ~np.isfinite(matrix.cells)
    report_cells(
        matrix,
        bad,
        problems,
        "the cell is empty or NaN; a missing count is not zero",
        "put the count there, or remove the feature and say so",
    )
    matrix.cells[bad] = np.nan
