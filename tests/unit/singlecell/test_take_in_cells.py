"""The sheet of libraries and what is checked across them."""

import anndata
import numpy as np
import pandas as pd
import pytest

from acuomics.problems import Problems
from acuomics.singlecell.libraries import read_libraries
from acuomics.singlecell.settings import CellsInput
from acuomics.singlecell.take_in import check_species, take_in_cells
from tests.unit.singlecell.conftest import RAT, barcodes_of, counts_of, genes_of, write_10x


def faults_of_sheet(path, **options):
    problems = Problems()
    assert read_libraries(path, problems, **options) is None
    return [str(problem) for problem in problems.found]


def test_libraries_become_one_matrix_in_the_order_of_the_sheet(two_libraries, tmp_path):
    data = take_in_cells(two_libraries, CellsInput(), RAT, 50, data_root=tmp_path)
    assert data.shape == (120, 12)
    assert list(data.obs["sample"]) == ["r1"] * 60 + ["r2"] * 60
    assert list(data.obs["condition"].iloc[[0, 60]]) == ["control", "EA"]
    assert data.obs_names[0] == "a:CELL0000-1"
    assert (data.X.toarray()[60:] == counts_of(seed=2).toarray()).all()


def test_one_h5ad_of_all_libraries(sheet, tmp_path):
    obs = pd.DataFrame({"donor": ["b"] * 60 + ["a"] * 60, "type": "T cell"}, index=barcodes_of(120))
    var = pd.DataFrame(index=pd.Index(genes_of()["id"]))
    anndata.AnnData(counts_of(120), obs, var).write_h5ad(tmp_path / "x.h5ad")
    libraries = read_libraries(sheet("library sample condition\na r1 control\nb r2 EA\n"), Problems())
    spec = CellsInput(path="x.h5ad", library_column="donor", label_column="type")
    data = take_in_cells(libraries, spec, RAT, 50, data_root=tmp_path)
    assert list(data.obs["library"].iloc[[0, 60]]) == ["a", "b"]
    assert (data.X.toarray()[:60] == counts_of(120).toarray()[60:]).all()
    assert set(data.obs["label"]) == {"T cell"}


def test_an_animal_in_two_arms_is_refused(sheet):
    faults = faults_of_sheet(sheet("library sample condition\na r1 control\nb r1 EA\n"))
    assert len(faults) == 1
    assert "animal 'r1' is in more than one condition: control, EA" in faults[0]
    assert "row 2" in faults[0]


def test_two_libraries_of_an_animal_are_one_sample(sheet):
    libraries = read_libraries(sheet("library sample condition\na r1 control\nb r1 control\nc r2 EA\n"), Problems())
    assert libraries.samples.to_dict("list") == {"sample": ["r1", "r2"], "condition": ["control", "EA"]}


@pytest.mark.parametrize(
    "text, message",
    [
        ("library sample condition\na r1 control\na r2 EA\n", "the library stands in rows 1, 2"),
        ("library condition\na control\nb EA\n", "the column is missing"),
        ("library sample\na r1\nb r2\n", "there is no factor"),
        ("library sample condition\na r1 \nb r2 EA\n", "the cell is empty"),
    ],
)
def test_faults_of_the_sheet(text, message, sheet):
    assert any(message in fault for fault in faults_of_sheet(sheet(text)))


def test_paths_are_asked_for_where_they_are_needed(sheet):
    path = sheet("library sample condition\na r1 control\n")
    assert "column path: the column is missing" in faults_of_sheet(path, paths_needed=True)[0]


def test_batches_only_where_there_are_two(sheet):
    one = read_libraries(sheet("library sample condition batch\na r1 control x\nb r2 EA x\n"), Problems())
    assert not one.batched
    assert read_libraries(sheet("library sample condition batch\na r1 control x\nb r2 EA y\n"), Problems()).batched


def test_duplicated_barcodes_are_refused(two_libraries, refused, tmp_path):
    write_10x(tmp_path / "a", counts_of(), v3=False)
    for name in ("matrix.mtx.gz", "features.tsv.gz", "barcodes.tsv.gz"):
        (tmp_path / "a" / name).unlink()
    names = barcodes_of(60)
    (tmp_path / "a" / "barcodes.tsv").write_text("\n".join([*names[:-1], names[0]]) + "\n")
    assert "library 'a' has barcodes twice: CELL0000-1" in refused(two_libraries)


def test_a_library_of_ten_cells_is_refused(two_libraries, refused, tmp_path):
    write_10x(tmp_path / "b", counts_of(10))
    assert "library 'b' has 10 cells; 50 are needed" in refused(two_libraries)


def test_libraries_of_different_references_are_refused(two_libraries, refused, tmp_path):
    write_10x(tmp_path / "b", counts_of(60, 11))
    assert "library 'b' has other features than 'a' (1 differ: ENSRNOG00000000011)" in refused(two_libraries)


def test_libraries_that_the_file_does_not_have(sheet, refused, tmp_path):
    obs = pd.DataFrame({"donor": ["a"] * 60 + ["z"] * 60}, index=barcodes_of(120))
    anndata.AnnData(counts_of(120), obs, pd.DataFrame(index=pd.Index(genes_of()["id"]))).write_h5ad(tmp_path / "x.h5ad")
    libraries = read_libraries(sheet("library sample condition\na r1 control\n"), Problems())
    assert "libraries of the file that the sheet does not have: z" in refused(
        libraries, CellsInput(path="x.h5ad", library_column="donor")
    )


def species_fault(names, taxon, symbols=None):
    problems = Problems()
    check_species(names, symbols or names, taxon, "x", problems)
    return [str(problem) for problem in problems.found]


def test_human_names_in_a_rat_study_are_refused():
    human = ["GFAP", "AIF1", "TNF", "CD3D", "C1orf54"]
    assert "the gene symbols look human" in species_fault(human, RAT)[0]
    assert "look mouse or rat" in species_fault(["Gfap", "Aif1", "Tnf"], 9606)[0]
    assert species_fault(human, 9606) == []
    assert species_fault(["Gfap", "Aif1", "LOC100912345", "RGD1560000"], RAT) == []
    ensembl = [f"ENSG{i:011d}" for i in range(5)]
    assert "the gene ids begin with ENSG; those of the rat begin with ENSRNOG" in species_fault(ensembl, RAT)[0]
    assert species_fault([f"ENSRNOG{i:011d}" for i in range(5)], RAT) == []
    assert "look human" in species_fault(["1", "2", "3"], RAT, ["GFAP", "AIF1", "TNF"])[0]


def test_all_faults_come_at_once(two_libraries, tmp_path):
    from acuomics.problems import InputError

    write_10x(tmp_path / "a", counts_of(10))
    write_10x(tmp_path / "b", counts_of(12))
    with pytest.raises(InputError) as caught:
        take_in_cells(two_libraries, CellsInput(), 9606, 50, data_root=tmp_path)
    assert len(caught.value.problems) == 4
    assert np.array(["has 10 cells" in str(p) for p in caught.value.problems]).sum() == 1
