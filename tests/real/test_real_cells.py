"""Kang et al. 2018 (PBMC, two donors an arm): our sums are the sums, and withheld labels are found from markers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import io

from acuomics.problems import Problems
from acuomics.singlecell.analyse import analyse
from acuomics.singlecell.celltypes import UNASSIGNED
from acuomics.singlecell.libraries import read_libraries
from acuomics.singlecell.pseudobulk import aggregate
from acuomics.singlecell.settings import CellSettings
from acuomics.singlecell.take_in import take_in_cells
from tests.cells import CELLS, KANG, KANG_TYPES

CONTRAST = {
    "contrast": "stim_vs_ctrl",
    "factor": "condition",
    "numerator": "stim",
    "denominator": "ctrl",
    "role": "model",
}
RECORD = {"taxon": 9606, "design": "~ condition", "contrasts": [CONTRAST]}
LABELLED = replace(KANG, label_column="cluster_id")


@pytest.fixture(scope="module")
def kang(real_data, tmp_path_factory):
    sheet = tmp_path_factory.mktemp("kang") / "samples.tsv"
    names = [f"{arm}{donor}" for arm in ("ctrl", "stim") for donor in (101, 107)]
    sheet.write_text("sample\tcondition\n" + "".join(f"{name}\t{name[:4]}\n" for name in names))
    libraries = read_libraries(sheet, Problems())
    assert libraries is not None
    return libraries, take_in_cells(libraries, LABELLED, 9606, 50, data_root=real_data / "kang_pseudobulk")


def test_sums_are_those_of_the_deposited_matrix(kang, real_data):
    _, data = kang
    folder = real_data / "kang_pseudobulk"
    matrix = io.mmread(folder / "matrix.mtx.gz").tocsc()
    obs = pd.read_csv(folder / "obs.tsv", sep="\t")
    genes = (folder / "genes.txt").read_text().split()
    sums = aggregate(data, data.obs["label"].to_numpy(str))
    assert set(sums) == set(KANG_TYPES)
    for name, table in sums.items():
        assert list(table.index) == genes
        for sample in table:
            at = ((obs["cluster_id"] == name) & (obs["sample_id"] == sample)).to_numpy()
            assert table[sample].tolist() == np.asarray(matrix[:, at].sum(axis=1)).ravel().tolist()


def test_with_labels_withheld_the_types_are_found(kang):
    libraries, data = kang
    truth = data.obs["label"].map(KANG_TYPES)
    result = analyse(data.copy(), libraries, RECORD, KANG, CellSettings(), CELLS)
    types = result.map["cell_type"].to_numpy(str)
    of_cell = pd.Series(truth.to_numpy(str), index=data.obs["library"] + ":" + data.obs["barcode"])
    right = of_cell.loc[result.map["library"] + ":" + result.map["barcode"]].to_numpy() == types
    assigned = types != UNASSIGNED
    assert right[assigned].mean() >= 0.90
    assert assigned.mean() > 0.7
    assert set(types[assigned]) <= {*KANG_TYPES.values(), "natural killer cell", "dendritic cell", "megakaryocyte"}


def test_the_studys_own_labels_are_taken_as_they_are(kang):
    libraries, data = kang
    result = analyse(data.copy(), libraries, RECORD, LABELLED, CellSettings(), CELLS)
    assert set(result.map["cell_type"]) == set(KANG_TYPES)
    assert result.types["analysable"].all()
    assert result.facts["labels"] == "study"
    assert (result.composition["status"] == "tested").all()
