"""Count matrices for programs: the Matrix Market triple (matrix, features, barcodes) and h5ad."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from acuomics.inputs.hdf5 import can_be_read
from acuomics.inputs.matrix import CountMatrix, Values, Wanted, choose_columns, report_not_finite
from acuomics.inputs.table import split_rows
from acuomics.inputs.text import read_text
from acuomics.inputs.words import some
from acuomics.problems import Problems

_WHOLE = re.compile(r"\d{1,15}")


def _read_names(path: str, columns: Sequence[int], problems: Problems) -> list[list[str]] | None:
    """Read a headerless list of names; give the columns asked for (positions from 0)."""
    text = read_text(path, problems)
    if text is None:
        return None
    rows = split_rows(text.rstrip("\n").split("\n"), "\t", path, problems)
    if rows is None:
        return None
    short = [number for number, row in enumerate(rows, start=1) if len(row) <= max(columns)]
    if short:
        problems.add(
            path,
            f"column {max(columns) + 1} is missing in {len(short)} rows",
            "give a tab separated file without a header, and count counts.feature_column and label_column from 1",
            row=short[0],
        )
        return None
    return [[row[at] for row in rows] for at in columns]


def _read_triples(path: str, text: str, shape: tuple[int, int], problems: Problems) -> Values | None:
    """Read banner, size line and entries of a coordinate matrix of `shape`; give the entries, shape (n, 3).

    Row and column are whole numbers from 1; whether they lie inside the matrix is left to the caller.
    """
    import pandas as pd

    banner, _, body = text.partition("\n")
    kind = banner.lower().split()
    if len(kind) != 5 or kind[:3] != ["%%matrixmarket", "matrix", "coordinate"] or kind[3] not in ("integer", "real"):
        problems.add(
            path,
            "not a Matrix Market coordinate matrix of integers or reals",
            "write the matrix so that its first line is: %%MatrixMarket matrix coordinate integer general",
            row="line 1",
            value=banner,
        )
        return None
    if kind[4] != "general":
        problems.add(path, f"a {kind[4]} matrix cannot be features by samples", "write it as general", row="line 1")
        return None
    number, line, rest = 1, "", body
    while rest and (not line.strip() or line.lstrip().startswith("%")):
        line, _, rest = rest.partition("\n")
        number += 1
    size = [] if line.lstrip().startswith("%") else line.split()
    if len(size) != 3 or not all(_WHOLE.fullmatch(number) for number in size):
        problems.add(
            path,
            "the size line 'rows columns entries' is not there"
            if not size
            else "not a size line 'rows columns entries'",
            "fetch the file again: it may be cut short",
            row=f"line {number}" if size else None,
            value=line if size else None,
        )
        return None
    n_rows, n_columns, n_entries = (int(text) for text in size)
    if (n_rows, n_columns) != shape:
        problems.add(
            path,
            f"the matrix is {n_rows} x {n_columns}; there are {shape[0]} features and {shape[1]} barcodes",
            "give the three files of one matrix, features in rows",
        )
        return None
    entries = np.empty((0, 3))
    if rest.strip():
        try:
            table = pd.read_csv(io.StringIO(rest), sep=r"\s+", comment="%", header=None, dtype=np.float64, quoting=3)
        except ValueError as error:
            detail = str(error).splitlines()[0].removeprefix("Error tokenizing data. C error: ")
            problems.add(path, f"a line of the matrix is not 'row column value' ({detail})", "fetch the file again")
            return None
        entries = table.to_numpy(dtype=np.float64)
    if entries.shape[1] != 3 or np.isnan(entries).any():
        problems.add(
            path, "a line of the matrix is not 'row column value'", "fetch the file again: it may be cut short"
        )
        return None
    if len(entries) != n_entries:
        problems.add(
            path,
            f"{len(entries)} entries where the head says {n_entries}",
            "fetch the file again: it may be cut short",
        )
        return None
    positions = entries[:, :2]
    if not (np.isfinite(positions).all() and (positions % 1 == 0).all() and (positions < 2**53).all()):
        problems.add(path, "the row or column of an entry is not a whole number", "fetch the file again")
        return None
    return entries


def read_mtx(paths: Sequence[str], spec: dict[str, Any], wanted: Wanted, problems: Problems) -> CountMatrix | None:
    """Read a Matrix Market triple: features in rows, samples (barcodes) in columns; names without header.

    Parameters
    ----------
    paths : sequence of str
        Matrix, features, barcodes.
    spec : dict
        ``counts`` of the study record; ``feature_column`` and ``label_column`` count from 1 (10x: 1 and 2).
    wanted, problems
        As in `acuomics.inputs.delimited.read_matrix`.

    References
    ----------
    Boisvert, Pozo, Remington (1996), The Matrix Market exchange formats, NISTIR 5935.
    """
    path, features_path, barcodes_path = paths
    at = [int(spec["feature_column"] or 1) - 1]
    if spec["label_column"] is not None:
        at.append(int(spec["label_column"]) - 1)
    names = _read_names(features_path, at, problems)
    barcodes = _read_names(barcodes_path, [0], problems)
    text = read_text(path, problems)
    if names is None or barcodes is None or text is None:
        return None
    n_rows, n_columns = len(names[0]), len(barcodes[0])
    entries = _read_triples(path, text, (n_rows, n_columns), problems)
    if entries is None:
        return None
    rows, columns = entries[:, 0].astype(np.int64) - 1, entries[:, 1].astype(np.int64) - 1
    outside = (rows < 0) | (rows >= n_rows) | (columns < 0) | (columns >= n_columns)
    if outside.any():
        problems.add(path, f"{int(outside.sum())} entries lie outside the matrix", "fetch the file again")
        return None
    if twice := [name for name, n in Counter(barcodes[0]).items() if n > 1]:
        problems.add(barcodes_path, f"sample named more than once: {some(twice)}", "give every sample its own name")
        return None
    samples = choose_columns(barcodes[0], wanted, barcodes_path, problems)
    place = np.full(n_columns, -1)
    column_of = {name: at for at, name in enumerate(barcodes[0])}
    for position, name in enumerate(samples):
        place[column_of[name]] = position
    kept = place[columns] >= 0
    values = np.zeros((n_rows, len(samples)))
    # Entries for one cell add up: the format allows a cell to be assembled in parts.
    np.add.at(values, (rows[kept], place[columns[kept]]), entries[kept, 2])
    labels = names[1] if len(names) > 1 else None
    matrix = CountMatrix(path, [path] * len(samples), names[0], labels, samples, values)
    report_not_finite(matrix, problems)
    return matrix


def read_h5ad(path: str, spec: dict[str, Any], wanted: Wanted, problems: Problems) -> CountMatrix | None:
    """Read an h5ad file whose observations are the samples; ``layer`` chooses a layer instead of X.

    ``feature_column`` and ``label_column`` name columns of ``var``; without the first, ``var_names`` are the features.
    """
    from pathlib import Path

    if not Path(path).is_file():
        problems.add(path, "the file does not exist", "mend counts.path, or put the file there")
        return None
    if Path(path).stat().st_size == 0:
        problems.add(path, "the file is empty", "fetch the file again")
        return None
    if not can_be_read(path, "h5ad", problems):
        return None
    # anndata costs seconds to import; only studies that come as h5ad pay.
    import anndata

    try:
        data = anndata.read_h5ad(path)
    except Exception as error:  # h5py and anndata raise many kinds for a damaged file
        problems.add(path, f"cannot be read as h5ad ({error})", "fetch the file again, or write it with anndata")
        return None
    before = len(problems.found)
    layer = spec["layer"]
    if layer is not None and layer not in data.layers:
        problems.add(
            path,
            f"there is no layer {layer!r}",
            f"name one of the layers: {some(sorted(data.layers))}" if len(data.layers) else "remove counts.layer",
        )
    for key in ("feature_column", "label_column"):
        if spec[key] is not None and spec[key] not in data.var.columns:
            problems.add(
                path,
                f"counts.{key} names {spec[key]!r}, which is no column of var",
                f"name a column that var has: {some(list(data.var.columns), 8)}",
            )
    names = [str(name) for name in data.obs_names]
    if len(set(names)) < len(names):
        problems.add(path, "a sample (obs name) occurs more than once", "give every observation its own name")
    if len(problems.found) > before:
        return None
    samples = choose_columns(names, wanted, path, problems)
    chosen = data[samples]
    content = chosen.X if layer is None else chosen.layers[layer]
    if content is None:
        problems.add(path, "the file holds no matrix X", "name the layer with the counts under counts: layer")
        return None
    values = np.asarray(content.toarray() if hasattr(content, "toarray") else content, dtype=np.float64).T.copy()
    column = spec["feature_column"]
    features = [str(name) for name in (data.var_names if column is None else data.var[column])]
    label = spec["label_column"]
    labels = None if label is None else [str(name) for name in data.var[label]]
    matrix = CountMatrix(path, [path] * len(samples), features, labels, samples, values)
    report_not_finite(matrix, problems)
    return matrix
