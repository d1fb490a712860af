"""Count matrices in TSV or CSV, gzipped or not: one matrix, or one file a sample."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acuomics.inputs.matrix import CountMatrix, Mask, Values, Wanted, choose_columns, report_cells
from acuomics.inputs.table import check_header, separator_of, split_rows
from acuomics.inputs.text import read_text
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
MISSING = frozenset({"", "na", "nan", "n/a", "#n/a", "null", "none", ".", "-"})


@dataclass(frozen=True)
class _Raw:
    """A delimited file: header names (None: no header) and cells, a pandas column for each position."""

    file: str
    columns: list[str]
    cells: pd.DataFrame

    def texts(self, at: int) -> list[str]:
        return [str(cell).strip() for cell in self.cells[at]]


def _read(
    path: str, separator: str, header: bool | None, text_columns: Sequence[str | int | None], problems: Problems
) -> _Raw | None:
    """Read one file; columns named (or numbered from 1) in `text_columns`, and the first, stay text.

    With `header` None the first line is a header unless its second cell is a number.
    """
    import pandas as pd

    text = read_text(path, problems)
    if text is None:
        return None
    lines = text.rstrip("\n").split("\n")
    # featureCounts and others put a line about themselves, with fewer fields, over the header.
    while len(lines) > 1 and lines[0].startswith("#") and lines[0].count(separator) < lines[1].count(separator):
        lines.pop(0)
    if '"' in text:
        rows = split_rows(lines, separator, path, problems)
        if rows is None:
            return None
        widths = [len(row) for row in rows]
        if len(widths) != len(lines):
            problems.add(path, "a quoted cell goes over several lines", "write one line a feature")
            return None
    else:
        widths = [line.count(separator) + 1 for line in lines]
    before = len(problems.found)
    if header is None:
        first = next(csv.reader(lines[:1], delimiter=separator))
        header = len(first) < 2 or _NUMBER.fullmatch(first[1].strip()) is None
    if header:
        columns = [cell.strip() for cell in next(csv.reader(lines[:1], delimiter=separator))]
        if not columns:
            problems.add(
                path, "the first line is empty", "put the header there: feature, and the samples", row="header"
            )
            return None
        head, lines, widths = lines[0], lines[1:], widths[1:]
        if lines and len(columns) > 1 and all(width == len(columns) + 1 for width in widths):
            columns = ["", *columns]
        check_header(columns, head, separator, path, "counts.separator in study.yaml", problems)
        if len(problems.found) == before and not lines:
            problems.add(path, "the matrix has a header and no rows", "fetch the file again")
    else:
        columns = [str(i + 1) for i in range(widths[0])]
    if len(columns) > 1 and len(problems.found) == before:
        ragged = [(row, width) for row, width in enumerate(widths, start=1) if width != len(columns)]
        if ragged:
            more = [f"row {row} ({width})" for row, width in ragged[1:3]]
            problems.add(
                path,
                f"{ragged[0][1]} cells where the header has {len(columns)}"
                + (f" ({len(ragged)} such rows; also {', '.join(more)})" if more else ""),
                "mend the rows, or fetch the file again: it may be cut short",
                row=ragged[0][0],
            )
    if len(problems.found) > before:
        return None
    text_positions = {0, *(p for p in (position(columns, name) for name in text_columns) if p is not None)}
    cells = pd.read_csv(
        io.StringIO("\n".join(lines)),
        sep=separator,
        header=None,
        names=list(range(len(columns))),
        dtype=dict.fromkeys(text_positions, str),
        keep_default_na=False,
        na_values=[],
        low_memory=False,
        skip_blank_lines=False,
        float_precision="round_trip",
    )
    return _Raw(path, columns, cells)


def position(columns: Sequence[str], name: str | int | None) -> int | None:
    """Find a column by its name, or by its number counted from 1; None when it is not there."""
    if isinstance(name, int):
        return name - 1 if 0 < name <= len(columns) else None
    return columns.index(name) if name in columns else None


def _find(raw: _Raw, key: str, name: str | int | None, default: int, problems: Problems) -> int | None:
    if name is None:
        return default
    at = position(raw.columns, name)
    if at is None:
        hint = did_you_mean(str(name), raw.columns)
        problems.add(
            raw.file,
            f"counts.{key} names {name!r}, which is no column of the file",
            f"{hint} name one of the columns {some([repr(c) for c in raw.columns], 8)}".strip(),
            row="header",
        )
    return at


def to_numbers(column: pd.Series[Any]) -> tuple[Values, Mask, dict[int, str]]:
    """Turn a column into float64; give the values, where cells are missing, and the texts that are no number."""
    import pandas as pd

    # to_numpy: a column of true/false reads as bool, which is no number here.
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=np.float64)
        bad = ~np.isfinite(values)
        return values, np.zeros(len(values), dtype=bool), {int(i): str(values[i]) for i in np.nonzero(bad)[0]}
    texts = [str(cell).strip() for cell in column]
    missing = np.array([text.casefold() in MISSING for text in texts], dtype=bool)
    values = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    faulty = {int(i): texts[i] for i in np.nonzero(~np.isfinite(values) & ~missing)[0]}
    return values, missing, faulty


def _report_not_numbers(
    matrix: CountMatrix, missing: Mask, texts: dict[tuple[int, int], str], problems: Problems
) -> None:
    empty = {(int(r), int(c)): "" for r, c in zip(*np.nonzero(missing), strict=True)}
    report_cells(
        matrix,
        missing,
        problems,
        "the cell is empty or NaN; a missing count is not zero",
        "put the count there, or remove the feature and say so",
        empty,
    )
    bad = np.zeros_like(missing)
    for row, column in texts:
        bad[row, column] = True
    report_cells(
        matrix,
        bad,
        problems,
        "the cell is not a number",
        "remove what is not a count; a column that is no sample belongs under counts: drop_columns",
        texts,
    )


def read_matrix(path: str, spec: dict[str, Any], wanted: Wanted, problems: Problems) -> CountMatrix | None:
    """Read one delimited matrix, features in rows and samples in columns.

    Parameters
    ----------
    path : str
        The file.
    spec : dict
        ``counts`` of the study record: format, separator, feature_column, label_column.
    wanted : Wanted
        The samples to read, and what may stand beside them.
    problems : Problems
        Takes every fault found.

    Returns
    -------
    CountMatrix or None
        None when the file cannot be read as a table at all.
    """
    separator = separator_of("x.csv" if spec["format"] == "csv" else "x.tsv", spec["separator"])
    raw = _read(path, separator, True, [spec["feature_column"], spec["label_column"]], problems)
    if raw is None:
        return None
    feature_at = _find(raw, "feature_column", spec["feature_column"], 0, problems)
    label_at = _find(raw, "label_column", spec["label_column"], -1, problems)
    if feature_at is None or label_at is None:
        return None
    candidates = [name for at, name in enumerate(raw.columns) if at not in (feature_at, label_at)]
    samples = choose_columns(candidates, wanted, path, problems)
    labels = raw.texts(label_at) if label_at >= 0 else None
    columns = [(path, raw.cells[raw.columns.index(name)]) for name in samples]
    return _assemble(path, raw.texts(feature_at), labels, samples, columns, problems)


def read_per_sample(
    paths: Sequence[str], spec: dict[str, Any], wanted: Wanted, problems: Problems
) -> CountMatrix | None:
    """Read one file a sample (`paths` in the order of ``wanted.samples``) and join them by feature.

    ``value_column`` names the column of counts, or numbers it from 1 in files without a header (htseq-count,
    STAR). Left out, it is the second of exactly two columns, with or without a header. Files may differ in the
    order of their features, not in which they have.
    """
    separator = separator_of("x.csv" if spec["format"] == "csv" else "x.tsv", spec["separator"])
    value_column = spec["value_column"]
    header = None if value_column is None else not isinstance(value_column, int)
    features: list[str] = []
    labels: list[str] | None = None
    columns: list[tuple[str, pd.Series[Any]]] = []
    samples: list[str] = []
    for sample, path in zip(wanted.samples, paths, strict=True):
        raw = _read(path, separator, header, [spec["feature_column"], spec["label_column"]], problems)
        if raw is None:
            continue
        feature_at = _find(raw, "feature_column", spec["feature_column"], 0, problems)
        value_at = _find(raw, "value_column", value_column, 1, problems)
        label_at = _find(raw, "label_column", spec["label_column"], -1, problems)
        if feature_at is None or value_at is None or label_at is None:
            continue
        if value_column is None and (len(raw.columns) != 2 or value_at in (feature_at, label_at)):
            problems.add(
                path,
                f"which of the {len(raw.columns)} columns holds the counts?",
                "name it in study.yaml, counts: value_column (a number from 1 when the file has no header); "
                f"the columns are {some([repr(c) for c in raw.columns], 8)}",
                row="header",
            )
            continue
        names, column = raw.texts(feature_at), raw.cells[value_at]
        if not samples:
            features, labels = names, raw.texts(label_at) if label_at >= 0 else None
        elif names != features:
            if len(set(names)) < len(names) or set(names) != set(features):
                _report_other_features(path, columns[0][0], names, features, problems)
                continue
            place = {name: row for row, name in enumerate(names)}
            column = column.iloc[np.array([place[name] for name in features])].reset_index(drop=True)
        samples.append(sample)
        columns.append((path, column))
    return _assemble(paths[0], features, labels, samples, columns, problems) if samples else None


def _report_other_features(path: str, first: str, names: list[str], features: list[str], problems: Problems) -> None:
    lacking, extra = sorted(set(features) - set(names)), sorted(set(names) - set(features))
    if not lacking and not extra:
        twice = sorted({name for name in names if names.count(name) > 1})
        problems.add(path, f"features named more than once: {some(twice)}", "keep one row a feature")
        return
    problems.add(
        path,
        f"not the features of {first}: {len(lacking)} missing ({some(lacking)}), {len(extra)} others ({some(extra)})",
        "count all samples against the same annotation",
    )


def _assemble(
    path: str,
    features: list[str],
    labels: list[str] | None,
    samples: list[str],
    columns: list[tuple[str, pd.Series[Any]]],
    problems: Problems,
) -> CountMatrix:
    values = np.full((len(features), len(samples)), np.nan)
    missing = np.zeros(values.shape, dtype=bool)
    texts: dict[tuple[int, int], str] = {}
    for at, (_, column) in enumerate(columns):
        numbers, absent, faulty = to_numbers(column)
        values[:, at], missing[:, at] = numbers, absent
        texts |= {(row, at): text for row, text in faulty.items()}
    values[~np.isfinite(values)] = np.nan
    matrix = CountMatrix(path, [file for file, _ in columns], features, labels, samples, values)
    _report_not_numbers(matrix, missing, texts, problems)
    return matrix
