"""Studies of single cells in the catalogue: libraries, files and declared types are checked before anything runs."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest
import yaml

from acuomics.catalogue.cells import slugs
from acuomics.catalogue.claims import COLUMNS
from acuomics.catalogue.overview import claim_rows
from acuomics.catalogue.published import read_published
from acuomics.problems import Problems
from tests.conftest import REPO

PANEL = {"format": "h5ad", "path": "cells.h5ad", "library_column": "library", "panels": ["nervous"]}
LABELS = {"format": "h5ad", "path": "cells.h5ad", "label_column": "type", "types": ["B cell", "T-cell (CD4)"]}


@pytest.fixture
def cells(make_study):
    """A valid study of single cells; its file is there and holds nothing, since it is not opened."""

    def make(section=PANEL, libraries=None, name="cells"):
        study = make_study(name)
        del study.study["counts"]
        study.study |= {"assay": "single_cell", "feature_id": "ncbi_gene", "cells": dict(section)}
        if libraries is not None:
            study.samples = libraries
        study.write(matrix=False)
        (study.data / "cells.h5ad").write_bytes(b"not opened before the run")
        return study

    return make


def test_every_type_of_the_panel_becomes_a_study(cells, load):
    found = load(cells()).studies["cells"]
    assert (found.kind, found.counted, found.simulated) == ("cells", False, False)
    assert found.cells_files == [f"{cells().data}/cells.h5ad"] and found.counts_files == []
    by_name = {entry["cell_type"]: entry for entry in found.types}
    assert by_name["microglia"] == {
        "cell_type": "microglia", "study": "cells_microglia", "cell_ontology": "CL:0000129"
    }  # fmt: skip
    assert "B cell" not in by_name and len(by_name) == 11
    assert found.pairs == ["model_vs_control__ea_vs_model"] and len(found.record["samples"]) == 9


def test_types_can_be_fewer(cells, load):
    found = load(cells(PANEL | {"types": ["astrocyte", "microglia"]})).studies["cells"]
    # In the order of the table of markers.
    assert [entry["study"] for entry in found.types] == ["cells_microglia", "cells_astrocyte"]


def test_labels_of_the_study_are_declared_by_name(cells, load):
    found = load(cells(LABELS)).studies["cells"]
    assert [entry["study"] for entry in found.types] == ["cells_b_cell", "cells_t_cell_cd4"]
    assert "types" not in found.record["cells"]["section"]


def test_an_animal_may_have_several_libraries(cells, load):
    rows = [
        {"library": f"{arm}{i}{part}", "sample": f"{arm}{i}", "condition": arm}
        for arm in ("control", "model", "EA")
        for i in (1, 2, 3)
        for part in "ab"
    ]
    found = load(cells(libraries=rows)).studies["cells"]
    assert len(found.record["samples"]) == 9 and len(found.record["cells"]["libraries"]) == 18
    assert set(found.record["samples"][0]) == {"sample", "condition"}


def test_one_animal_an_arm_is_no_fault_and_is_said(cells, load):
    rows = [{"sample": arm, "condition": arm} for arm in ("control", "model", "EA")]
    found = load(cells(libraries=rows)).studies["cells"]
    assert any("one sample in condition = EA has no variance to test against" in w for w in found.record["warnings"])


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (PANEL | {"panels": ["nervus"]}, "no such panel of markers\n      mend: did you mean 'nervous'?"),
        (PANEL | {"types": ["microglya"]}, "no type of the marker panels\n      mend: did you mean 'microglia'?"),
        (PANEL | {"types": ["unassigned"]}, "this is the word for cells of no type"),
        ({"format": "h5ad", "path": "cells.h5ad"}, "nothing says how cells get a type"),
        ({**LABELS, "types": []}, "must not be empty"),
        ({k: v for k, v in LABELS.items() if k != "types"}, "the types of the study's own labels are not declared"),
        (PANEL | {"path": "nowhere.h5ad"}, "there is no file or folder"),
        (PANEL | {"formt": "h5ad"}, "unknown key 'formt'"),
    ],
)
def test_faults_of_the_section(cells, faults, section, message):
    assert any(message in text for text in faults(cells(section)))


def test_an_animal_in_two_arms(cells, the_fault):
    rows = [{"library": f"l{i}", "sample": f"r{i}", "condition": ("control", "model", "EA")[i % 3]} for i in range(9)]
    rows.append({"library": "l9", "sample": "r0", "condition": "EA"})
    text = the_fault(cells(libraries=rows))
    assert "row 10, column condition, value 'EA': animal 'r0' is in more than one condition: control, EA" in text


def test_every_library_needs_its_file(cells, faults):
    rows = [
        {"sample": f"{arm}{i}", "condition": arm, "path": f"{arm}{i}"}
        for arm in ("control", "model", "EA")
        for i in (1, 2)
    ]
    found = faults(cells({"format": "10x_mtx", "panels": ["nervous"]}, libraries=rows))
    assert len(found) == 6 and all("column path" in text and "there is no file or folder" in text for text in found)
    assert "row 6" in found[5]


def test_sheets_of_libraries_are_read_as_they_stand(cells, the_fault):
    study = cells()
    study.study["samples"] = {"values": {"condition": {"EA": "electro"}}}
    study.study_path.write_text(yaml.safe_dump(study.study))
    assert "column samples.values: a sheet of libraries is read as it stands" in the_fault(study)


def test_a_name_that_a_type_needs_is_taken(cells, make_study, the_fault):
    text = the_fault(cells(), make_study("cells_microglia").write())
    assert "its cell type 'microglia' becomes the study 'cells_microglia', as does a study of the run" in text


def test_all_faults_of_a_study_come_at_once(cells, faults):
    study = cells(PANEL | {"panels": ["nervus"], "path": "nowhere.h5ad"})
    study.contrasts[0][2] = "modell"
    study.write(matrix=False)
    found = "\n".join(faults(study))
    for part in ("no such panel", "there is no file or folder", "unknown level 'modell'"):
        assert part in found


def test_counts_and_cells_are_one_fault(cells, the_fault):
    study = cells()
    study.study["counts"] = {"format": "tsv", "layout": "matrix", "path": "x.tsv"}
    study.study_path.write_text(yaml.safe_dump(study.study))
    assert "exactly one of counts, reads, cells, statistics and simulation; cells and counts are there" in the_fault(
        study
    )


def test_bulk_is_no_assay_of_cells(cells, the_fault):
    study = cells()
    study.study["assay"] = "mirna"
    study.study_path.write_text(yaml.safe_dump(study.study))
    assert "not the assay of single cells" in the_fault(study)


def test_slugs_are_names_of_studies():
    assert slugs(["CD4 T", "CD4-T", "β"]) == {"CD4 T": "cd4_t", "CD4-T": "cd4_t_2", "β": "type"}


def write_claim(study, cell_type):
    values = dict.fromkeys(COLUMNS, "NA") | {
        "claim": "c01", "kind": "transcript", "feature_as_printed": "Tnf", "feature": "24835", "feature_name": "Tnf",
        "name_status": "current", "direction": "down", "evidence": "table", "source": "made for a test",
    }  # fmt: skip
    values["contrast_as_printed"] = "EA vs CFA"
    rows = [[*COLUMNS, "cell_type"], [*values.values(), cell_type]]
    (study.folder / "claims.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))


@pytest.mark.parametrize("assay", ["single_cell", "mrna"])
def test_claims_name_a_declared_type(cells, load, the_fault, assay):
    study = cells(PANEL | {"types": ["microglia"]})
    study.study["assay"] = assay
    study.write(matrix=False)
    write_claim(study, "microglia")
    assert load(study).studies["cells"].record["claims"][0]["cell_type"] == "microglia"
    write_claim(study, "microgila")
    assert "column cell_type, value 'microgila': no type of the study that is tested" in the_fault(study)


def test_the_catalogue_reads_types_of_claims_without_the_cells(tmp_path):
    shutil.copytree(REPO / "resources" / "studies" / "zhang2025", tmp_path / "zhang2025")
    study = SimpleNamespace(folder=tmp_path / "zhang2025")
    problems = Problems()
    write_claim(study, "microglia")
    published = read_published(tmp_path, problems)
    assert problems.found == [] and claim_rows(published)[0]["cell_type"] == "microglia"
