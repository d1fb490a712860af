"""Every form of input gives the same cells, and what is no count is refused."""

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from acuomics.problems import Problems
from acuomics.singlecell.raw_counts import fault_of_values
from acuomics.singlecell.read import read_cells
from acuomics.singlecell.settings import CellsInput
from tests.unit.singlecell.conftest import barcodes_of, counts_of, genes_of, write_10x


def read(path, **spec):
    problems = Problems()
    return read_cells(path, CellsInput(**spec), problems), [str(problem) for problem in problems.found]


def write_10x_h5(path, counts, *, v3=True):
    genes = genes_of(counts.shape[1])
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix" if v3 else "mRatBN7")
        group["barcodes"] = np.array(barcodes_of(counts.shape[0]), dtype="S")
        group["data"], group["indices"], group["indptr"] = counts.data.astype(int), counts.indices, counts.indptr
        group["shape"] = np.array(counts.shape[::-1])
        of = group.create_group("features") if v3 else group
        of["id" if v3 else "genes"] = np.array(genes["id"], dtype="S")
        of["name" if v3 else "gene_names"] = np.array(genes["name"], dtype="S")
        if v3:
            of["feature_type"] = np.array(["Gene Expression"] * len(genes), dtype="S")


def as_h5ad(counts, **parts):
    genes = genes_of(counts.shape[1])
    var = pd.DataFrame({"gene_symbol": genes["name"].to_numpy()}, index=pd.Index(genes["id"]))
    return anndata.AnnData(counts, pd.DataFrame(index=pd.Index(barcodes_of(counts.shape[0]))), var, **parts)


@pytest.mark.parametrize("form", ["v2", "v3", "v2_h5", "v3_h5", "h5ad", "triple"])
def test_every_form_gives_the_same_cells(form, tmp_path):
    counts = counts_of()
    if form in ("v2", "v3"):
        path = tmp_path / "lib"
        write_10x(path, counts, v3=form == "v3")
    elif form == "triple":
        write_10x(tmp_path, counts, prefix="GSM1_rat_")
        path = tmp_path / "GSM1_rat_matrix.mtx.gz"
    elif form == "h5ad":
        path = tmp_path / "x.h5ad"
        as_h5ad(counts).write_h5ad(path)
    else:
        path = tmp_path / "x.h5"
        write_10x_h5(path, counts, v3=form == "v3_h5")
    cells, faults = read(path, symbol_column="gene_symbol" if form == "h5ad" else None)
    assert faults == []
    assert (cells.X.toarray() == counts.toarray()).all()
    assert cells.X.dtype == np.float32
    assert list(cells.obs_names) == barcodes_of(60)
    assert list(cells.var_names) == list(genes_of()["id"])
    assert list(cells.var["symbol"]) == list(genes_of()["name"])


def test_features_that_are_no_genes_are_left_out_and_counted(tmp_path):
    write_10x(tmp_path / "lib", counts_of(), antibodies=3)
    cells, _ = read(tmp_path / "lib")
    assert cells.n_vars == 9
    assert cells.uns["source"]["not_genes"] == 3
    assert (cells.X.toarray() == counts_of().toarray()[:, 3:]).all()


@pytest.mark.parametrize("place", ["layer", "raw"])
def test_raw_counts_are_found_where_x_is_normalised(place, tmp_path):
    counts = counts_of()
    data = as_h5ad(counts)
    if place == "raw":
        data.raw = data.copy()
    else:
        data.layers["aaa"] = counts * 0.5
        data.layers["counts"] = counts.copy()
    data.X = np.log1p(counts)
    data.write_h5ad(tmp_path / "x.h5ad")
    cells, faults = read(tmp_path / "x.h5ad")
    assert faults == []
    assert cells.uns["source"]["matrix"] == ("counts" if place == "layer" else "raw")
    assert (cells.X.toarray() == counts.toarray()).all()


def test_normalised_values_without_raw_counts_are_refused(tmp_path):
    counts = counts_of()
    data = as_h5ad(np.log1p(counts))
    data.layers["scaled"] = counts.toarray() - 1.0
    data.write_h5ad(tmp_path / "x.h5ad")
    cells, faults = read(tmp_path / "x.h5ad")
    assert cells is None
    assert "no matrix of raw counts: X holds fractional values such as " in faults[0]
    assert "scaled holds negative values such as -1" in faults[0]


def test_a_layer_that_is_named_is_taken_and_no_other(tmp_path):
    data = as_h5ad(counts_of())
    data.layers["norm"] = np.log1p(counts_of())
    data.write_h5ad(tmp_path / "x.h5ad")
    assert "norm holds fractional" in read(tmp_path / "x.h5ad", layer="norm")[1][0]
    assert "there is no matrix 'spliced'" in read(tmp_path / "x.h5ad", layer="spliced")[1][0]


def test_features_and_matrix_of_different_length_are_refused(tmp_path):
    write_10x(tmp_path / "lib", counts_of(), v3=False)
    (tmp_path / "lib" / "genes.tsv").write_text("ENSRNOG1\tA\nENSRNOG2\tB\n")
    cells, faults = read(tmp_path / "lib")
    assert cells is None
    assert "the matrix is 12 x 60; there are 2 features and 60 barcodes" in faults[0]


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("x.h5ad", b"not hdf5", "cannot be read as h5ad"),
        ("x.h5", b"not hdf5", "cannot be read as 10x HDF5"),
        ("x.h5ad", b"", "the file is empty"),
        ("none.h5ad", None, "the file does not exist"),
    ],
)
def test_damaged_files_are_refused(name, content, message, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    cells, faults = read(tmp_path / name)
    assert cells is None
    assert message in faults[0]


def test_a_matrix_cut_short_is_refused(tmp_path):
    write_10x(tmp_path / "lib", counts_of(), v3=False)
    matrix = tmp_path / "lib" / "matrix.mtx"
    matrix.write_text("".join(matrix.read_text().splitlines(keepends=True)[:-20]))
    cells, faults = read(tmp_path / "lib")
    assert cells is None
    assert "cannot be read as a Matrix Market matrix" in faults[0]


def test_a_missing_file_of_a_folder_is_named(tmp_path):
    write_10x(tmp_path / "lib", counts_of(), v3=False)
    (tmp_path / "lib" / "barcodes.tsv").unlink()
    assert "there is no file of barcodes" in read(tmp_path / "lib")[1][0]


@pytest.mark.parametrize(
    "values, fault",
    [
        ([0.0, 3.0], None),
        ([0.5, 3.0], "fractional"),
        ([-1.0, 3.0], "negative"),
        ([np.nan, 3.0], "not finite"),
        ([np.inf, 3.0], "not finite"),
        ([3e8, 3.0], "impossibly large"),
        ([0.0, 0.0], "only zeros"),
    ],
)
def test_what_counts_are(values, fault):
    for matrix in (np.array([values]), sparse.csr_matrix([values])):
        found = fault_of_values(matrix)
        assert found is None if fault is None else found is not None and (fault in found or found == "no values")
