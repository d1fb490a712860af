"""Which matrix of an h5ad holds raw counts: X, a layer or raw, told by its values and not by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from acuomics.inputs.words import some
from acuomics.problems import Problems

if TYPE_CHECKING:
    import anndata

#: Layers looked at first, when X holds no counts.
USUAL = ("counts", "raw_counts", "raw", "umi", "count")
#: float32 holds every integer up to this; a count of one gene in one cell never comes near.
LARGEST_COUNT = 2**24
_CHUNK = 4_000_000


def fault_of_values(matrix: Any) -> str | None:
    """Say why a matrix holds no raw counts; None when all its values are integers from 0 to `LARGEST_COUNT`.

    Parameters
    ----------
    matrix : sparse matrix or array
    """
    values = np.asarray(getattr(matrix, "data", matrix) if sparse.issparse(matrix) else matrix).ravel()
    if values.size == 0 or not np.issubdtype(values.dtype, np.number):
        return "no values" if values.size == 0 else f"values of the type {values.dtype}"
    for start in range(0, values.size, _CHUNK):
        part = values[start : start + _CHUNK]
        with np.errstate(invalid="ignore"):
            bad = ~((part >= 0) & (part <= LARGEST_COUNT) & (part == np.rint(part)))
        if bad.any():
            value = part[np.argmax(bad)]
            if not np.isfinite(value):
                return "values that are not finite"
            kind = "negative" if value < 0 else "fractional" if value <= LARGEST_COUNT else "impossibly large"
            return f"{kind} values such as {value:.6g}"
    return None if values.any() else "only zeros"


def _matrices(data: anndata.AnnData) -> dict[str, Any]:
    """All matrices that may hold counts, in the order in which they are tried."""
    layers = sorted(data.layers, key=lambda name: (name not in USUAL, name))
    found = {"X": data.X, **{name: data.layers[name] for name in layers}}
    if data.raw is not None:
        found["raw"] = data.raw.X
    return {name: matrix for name, matrix in found.items() if matrix is not None}


def find_raw(data: anndata.AnnData, layer: str | None, file: str, problems: Problems) -> tuple[str, Any] | None:
    """Find the raw counts of an h5ad.

    Parameters
    ----------
    data : anndata.AnnData
    layer : str or None
        ``X``, ``raw`` or a layer that the study names; None tries X, then the layers (usual names first), then raw.
    file : str
        How messages call the file.
    problems : Problems
        Takes the fault: no such layer, no matrix of raw integers (with what each holds instead).

    Returns
    -------
    tuple of str and csr_matrix, or None
        The name of the matrix and its counts, cells x genes (those of ``data.raw.var`` for ``raw``), float32.
    """
    found = _matrices(data)
    if layer is not None and layer not in found:
        problems.add(file, f"there is no matrix {layer!r}", f"name one of {some(list(found), 8)} as cells.layer")
        return None
    faults = {}
    for name in [layer] if layer is not None else found:
        fault = fault_of_values(found[name])
        if fault is None:
            return name, sparse.csr_matrix(found[name], dtype=np.float32)
        faults[name] = fault
    problems.add(
        file,
        "no matrix of raw counts: " + "; ".join(f"{name} holds {fault}" for name, fault in faults.items()),
        "give the file with raw integer counts in X or in a layer: normalised values cannot be summed or tested",
    )
    return None
