"""Small single-cell inputs that tests can break."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import io, sparse

from acuomics.problems import InputError, Problems
from acuomics.singlecell.libraries import Libraries, read_libraries
from acuomics.singlecell.settings import CellsInput
from acuomics.singlecell.take_in import take_in_cells

RAT = 10116


def counts_of(cells: int = 60, genes: int = 12, seed: int = 1) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.random.default_rng(seed).poisson(1.5, (cells, genes)).astype(np.float32))


def barcodes_of(cells: int) -> list[str]:
    return [f"CELL{i:04d}-1" for i in range(cells)]


def genes_of(genes: int = 12) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": [f"ENSRNOG{i:011d}" for i in range(genes)], "name": [f"Gene{chr(97 + i)}" for i in range(genes)]}
    )


def write_10x(
    folder: Path, counts: sparse.csr_matrix, *, v3: bool = True, antibodies: int = 0, prefix: str = ""
) -> None:
    """A folder as Cell Ranger writes it: version 3 gzipped with types, version 2 plain."""
    folder.mkdir(parents=True, exist_ok=True)
    genes = genes_of(counts.shape[1])
    kinds = ["Antibody Capture" if i < antibodies else "Gene Expression" for i in range(len(genes))]
    matrix = folder / f"{prefix}matrix.mtx"
    io.mmwrite(matrix, counts.T.astype(int))
    rows = [f"{i}\t{n}\t{k}" if v3 else f"{i}\t{n}" for i, n, k in zip(genes["id"], genes["name"], kinds, strict=True)]
    features, barcodes = "\n".join(rows) + "\n", "\n".join(barcodes_of(counts.shape[0])) + "\n"
    if v3:
        for name, text in (("features.tsv", features), ("barcodes.tsv", barcodes), ("matrix.mtx", matrix.read_text())):
            (folder / f"{prefix}{name}.gz").write_bytes(gzip.compress(text.encode()))
        matrix.unlink()
    else:
        (folder / f"{prefix}genes.tsv").write_text(features)
        (folder / f"{prefix}barcodes.tsv").write_text(barcodes)


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "samples.tsv"
        path.write_text(text.replace(" ", "\t"))
        return path

    return write


@pytest.fixture
def two_libraries(tmp_path: Path, sheet: Callable[[str], Path]) -> Libraries:
    """Two 10x folders, a and b, of an animal each."""
    for name, seed in (("a", 1), ("b", 2)):
        write_10x(tmp_path / name, counts_of(seed=seed))
    problems = Problems()
    libraries = read_libraries(sheet("library sample condition path\na r1 control a\nb r2 EA b\n"), problems)
    assert libraries is not None, problems.found
    return libraries


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Take in libraries that must be refused; the one problem as the user reads it."""

    def run(libraries: Libraries, spec: CellsInput | None = None, taxon: int = RAT, fewest_cells: int = 50) -> str:
        with pytest.raises(InputError) as caught:
            take_in_cells(libraries, spec or CellsInput(), taxon, fewest_cells, data_root=tmp_path)
        assert len(caught.value.problems) == 1, str(caught.value)
        return str(caught.value.problems[0])

    return run
