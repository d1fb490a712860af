"""One library, or one file of libraries, as cells x genes of raw counts: 10x folders and HDF5, h5ad, MTX triples."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from acuomics.inputs.hdf5 import can_be_read
from acuomics.inputs.table import split_rows
from acuomics.inputs.text import read_text
from acuomics.inputs.words import some
from acuomics.problems import Problems
from acuomics.singlecell.raw_counts import fault_of_values, find_raw
from acuomics.singlecell.settings import CellsInput

if TYPE_CHECKING:
    import anndata

#: The type of feature that is a gene, as Cell Ranger calls it.
GENES = "Gene Expression"
FETCH = "fetch the file again: it may be cut short"


def read_cells(path: str | Path, spec: CellsInput, problems: Problems) -> anndata.AnnData | None:
    """Read cells and raw counts, whatever the form.

    Parameters
    ----------
    path : path
        A folder (10x v2 or v3), ``.h5`` (10x), ``.h5ad``, or the ``.mtx`` of a triple, whose features and barcodes
        stand beside it under the same prefix.
    spec : CellsInput
    problems : Problems
        Takes every fault.

    Returns
    -------
    anndata.AnnData or None
        ``X`` raw counts (CSR, float32), ``obs_names`` barcodes, ``var`` with ``symbol``, ``var_names`` feature ids.
    """
    path = Path(path)
    form = spec.format if spec.format != "auto" else _form_of(path)
    if not path.exists():
        problems.add(path, "the file does not exist", "mend the path or put the file there")
        return None
    if path.is_file() and path.stat().st_size == 0:
        problems.add(path, "the file is empty", "fetch the file again")
        return None
    if form == "h5ad":
        return _read_h5ad(path, spec, problems)
    if form == "10x_h5":
        return _read_10x_h5(path, problems)
    return _read_triple(path, problems)


def _form_of(path: Path) -> str:
    return {".h5ad": "h5ad", ".h5": "10x_h5", ".hdf5": "10x_h5"}.get(path.suffix, "mtx")


def _assemble(counts: Any, features: pd.DataFrame, barcodes: list[str], file: str) -> anndata.AnnData:
    """Put cells x genes together; features that are no genes (antibodies, guides) are left out and counted."""
    import anndata

    genes = (features["type"] == GENES).to_numpy()
    kept = counts if genes.all() else counts[:, np.flatnonzero(genes)]
    var = pd.DataFrame({"symbol": features["symbol"][genes].to_numpy()}, index=pd.Index(features["feature"][genes]))
    data = anndata.AnnData(sparse.csr_matrix(kept, dtype=np.float32), pd.DataFrame(index=pd.Index(barcodes)), var)
    data.uns["source"] = {"file": file, "matrix": "X", "not_genes": int((~genes).sum())}
    return data


def _read_h5ad(path: Path, spec: CellsInput, problems: Problems) -> anndata.AnnData | None:
    import anndata

    if not can_be_read(path, "h5ad", problems):
        return None
    try:
        data = anndata.read_h5ad(path)
    except Exception as error:  # h5py and anndata raise many kinds for a damaged file
        problems.add(path, f"cannot be read as h5ad ({error})", "fetch the file again, or write it with anndata")
        return None
    found = find_raw(data, spec.layer, str(path), problems)
    if found is None:
        return None
    name, counts = found
    var = data.raw.var if name == "raw" else data.var
    if spec.symbol_column is not None and spec.symbol_column not in var.columns:
        fix = f"name a column that var has: {some(list(var.columns), 8)}"
        problems.add(path, "cells.symbol_column is no column of var", fix, value=spec.symbol_column)
        return None
    symbols = var.index if spec.symbol_column is None else var[spec.symbol_column]
    features = pd.DataFrame({"feature": var.index.astype(str), "symbol": symbols.astype(str).to_numpy(), "type": GENES})
    cells = _assemble(counts, features, [str(name) for name in data.obs_names], str(path))
    cells.uns["source"]["matrix"] = name
    for key in ("library_column", "label_column"):
        column = getattr(spec, key)
        if column is None:
            continue
        if column not in data.obs.columns:
            fix = f"name a column that obs has: {some(list(data.obs.columns), 8)}"
            problems.add(path, f"cells.{key} is no column of obs", fix, value=column)
            return None
        cells.obs[key.removesuffix("_column")] = data.obs[column].astype(str).to_numpy()
    return cells


def _read_10x_h5(path: Path, problems: Problems) -> anndata.AnnData | None:
    """Read Cell Ranger's HDF5: one group ``matrix`` (version 3) or one group a genome (version 2)."""
    import h5py  # type: ignore[import-untyped]

    if not can_be_read(path, "10x HDF5", problems):
        return None
    try:
        with h5py.File(path, "r") as file:
            groups = [name for name in file if isinstance(file[name], h5py.Group) and "barcodes" in file[name]]
            if len(groups) != 1:
                found = f"found: {some(groups)}" if groups else "none found"
                problems.add(path, f"not one 10x matrix ({found})", "give Cell Ranger's filtered_feature_bc_matrix.h5")
                return None
            group = file[groups[0]]
            of = group.get("features", group)
            ids, names = ("id", "name") if "features" in group else ("genes", "gene_names")
            text = {key: [value.decode() for value in of[key][:]] for key in (ids, names)}
            kinds = [v.decode() for v in of["feature_type"][:]] if "feature_type" in of else [GENES] * len(text[ids])
            barcodes = [value.decode() for value in group["barcodes"][:]]
            parts = tuple(group[key][:] for key in ("data", "indices", "indptr"))
            shape = tuple(int(n) for n in group["shape"][:])
    except (OSError, KeyError, TypeError, ValueError, AttributeError, MemoryError) as error:
        problems.add(path, f"cannot be read as 10x HDF5 ({error})", FETCH)
        return None
    features = pd.DataFrame({"feature": text[ids], "symbol": text[names], "type": kinds})
    if not _lengths_agree(shape, len(features), len(barcodes), str(path), problems):
        return None
    if len(parts[2]) != shape[1] + 1 or parts[2][-1] != len(parts[0]) or len(parts[0]) != len(parts[1]):
        problems.add(path, "the parts of the sparse matrix do not fit one another", FETCH)
        return None
    # Stored by columns of a features x barcodes matrix, which are the rows of ours.
    counts = sparse.csr_matrix(parts, shape=(shape[1], shape[0]))
    return _checked(counts, features, barcodes, str(path), problems)


def _read_triple(path: Path, problems: Problems) -> anndata.AnnData | None:
    """Read matrix, features and barcodes: the three files of a 10x folder, or of one prefix."""
    files = _files_of(path, problems)
    if files is None:
        return None
    matrix, features_file, barcodes_file = files
    features = _names_of(features_file, problems)
    barcodes = _names_of(barcodes_file, problems)
    if features is None or barcodes is None:
        return None
    import scipy.io

    try:
        shape = tuple(int(n) for n in scipy.io.mminfo(matrix)[:2])
        if not _lengths_agree(shape, len(features), len(barcodes), str(matrix), problems):
            return None
        counts = scipy.io.mmread(matrix)
    except (ValueError, OverflowError, MemoryError, OSError, EOFError, zlib.error) as error:
        problems.add(matrix, f"cannot be read as a Matrix Market matrix ({error})", FETCH)
        return None
    rows = [[row[0], row[1] if len(row) > 1 else row[0], row[2] if len(row) > 2 else GENES] for row in features]
    table = pd.DataFrame(rows, columns=["feature", "symbol", "type"])
    return _checked(sparse.csr_matrix(counts.T), table, [row[0] for row in barcodes], str(matrix), problems)


def _files_of(path: Path, problems: Problems) -> tuple[Path, Path, Path] | None:
    """Find the files of a triple; the names are Cell Ranger's, plain or gzipped, with or without a prefix."""
    folder = path if path.is_dir() else path.parent
    prefix = "" if path.is_dir() else path.name.removesuffix(".gz").removesuffix(".mtx").removesuffix("matrix")
    found = []
    for what, stems in {
        "matrix": ["matrix.mtx"],
        "features": ["features.tsv", "genes.tsv"],
        "barcodes": ["barcodes.tsv"],
    }.items():
        names = [f"{prefix}{stem}{gz}" for stem in stems for gz in (".gz", "")]
        if what == "matrix" and path.is_file():
            names = [path.name]
        there = [folder / name for name in names if (folder / name).is_file()]
        if not there:
            fix = f"put {' or '.join(names)} there"
            problems.add(folder, f"there is no file of {what}", fix)
        found += there[:1]
    return (found[0], found[1], found[2]) if len(found) == 3 else None


def _names_of(path: Path, problems: Problems) -> list[list[str]] | None:
    text = read_text(path, problems)
    if text is None:
        return None
    rows = split_rows(text.rstrip("\n").split("\n"), "\t", str(path), problems)
    empty = [number for number, row in enumerate(rows or [], start=1) if not row or not row[0]]
    if empty:
        problems.add(
            path, f"{len(empty)} lines without a name", "remove the line, or fetch the file again", row=empty[0]
        )
        return None
    return rows


def _lengths_agree(shape: tuple[int, ...], n_features: int, n_barcodes: int, file: str, problems: Problems) -> bool:
    if shape == (n_features, n_barcodes):
        return True
    problems.add(
        file,
        f"the matrix is {shape[0]} x {shape[1]}; there are {n_features} features and {n_barcodes} barcodes",
        "give the files of one matrix, features in rows",
    )
    return False


def _checked(
    counts: Any, features: pd.DataFrame, barcodes: list[str], file: str, problems: Problems
) -> anndata.AnnData | None:
    fault = fault_of_values(counts)
    if fault is not None:
        problems.add(file, f"no matrix of raw counts: it holds {fault}", "give the raw integer counts")
        return None
    return _assemble(counts, features, barcodes, file)
