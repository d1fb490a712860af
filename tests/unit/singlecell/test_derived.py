"""What a cell type becomes: a study with the animals and contrasts that have cells, or a reason why none."""

import pandas as pd
import pytest

from acuomics.files import write_tsv
from acuomics.singlecell.derived import derive_records
from acuomics.singlecell.pseudobulk import judge_types

ARMS = [arm for arm in ("control", "RTX", "RTX_EA") for _ in range(3)]
SAMPLES = [{"sample": f"r{i}", "condition": arm} for i, arm in enumerate(ARMS)]
CONTRASTS = [
    {
        "contrast": "rtx_vs_control",
        "factor": "condition",
        "numerator": "RTX",
        "denominator": "control",
        "role": "model",
    },
    {"contrast": "ea_vs_rtx", "factor": "condition", "numerator": "RTX_EA", "denominator": "RTX", "role": "treatment"},
]
#: Cells of a type in every animal; of `lost` the treated arm has lost two animals of three.
CELLS = {"whole": [40] * 9, "rare": [3] * 9, "lost": [40] * 7 + [2] * 2, "one": [40, 0, 0] * 3}


CLAIMS = [{"claim": "c1"}, {"claim": "c2", "cell_type": "whole"}, {"claim": "c3", "cell_type": "rare"}]


@pytest.fixture
def records(tmp_path):
    cells = pd.DataFrame(CELLS, index=[row["sample"] for row in SAMPLES])
    sheet = pd.DataFrame(SAMPLES)
    judged = judge_types(cells, sheet, CONTRASTS, 10)
    write_tsv(judged, tmp_path / "cell_types.tsv")
    for row in judged[judged["analysable"]].itertuples():
        write_tsv(sheet[(cells[row.cell_type] >= 10).to_numpy()], tmp_path / "pseudobulk" / row.slug / "samples.tsv")
    types = [{"cell_type": name, "study": f"s_{name}", "cell_ontology": "NA"} for name in [*CELLS, "absent"]]
    parent = {
        "study": "s", "title": "A study", "kind": "cells", "simulated": True, "design": "~ condition", "taxon": 10116,
        "assay": "single_cell", "samples": SAMPLES, "contrasts": CONTRASTS, "warnings": ["of the parent"],
        "claims": CLAIMS, "cells": {"types": types}, "reads": None, "statistics": None,
    }  # fmt: skip
    return {record["study"]: record for record in derive_records(parent, tmp_path)}


def test_a_type_with_replicates_is_an_ordinary_study(records):
    record = records["s_whole"]
    assert record["samples"] == SAMPLES and record["contrasts"] == CONTRASTS
    assert [pair["pair"] for pair in record["reversal_pairs"]] == ["rtx_vs_control__ea_vs_rtx"]
    assert (record["kind"], record["assay"], record["parent"], record["simulated"]) == ("pseudobulk", "mrna", "s", True)
    assert record["counts"]["path"].endswith("pseudobulk/whole/counts.tsv") and record["counts"]["low_counts"]
    assert record["cell_type"]["analysable"] and record["cell_type"]["reason"] == "none"
    # Claims on the type are its own; others, and warnings, are the parent's.
    assert [claim["claim"] for claim in record["claims"]] == ["c2"]
    assert record["warnings"] == [] and "cells" not in record


def test_an_arm_that_lost_its_animals_loses_its_contrast(records):
    record = records["s_lost"]
    assert [row["contrast"] for row in record["contrasts"]] == ["rtx_vs_control"]
    assert record["reversal_pairs"] == [] and len(record["samples"]) == 7
    assert "r7, r8" in record["warnings"][0]
    assert "ea_vs_rtx: RTX_EA has 1 (needs 2)" in record["warnings"][1]


@pytest.mark.parametrize(
    ("study", "n", "reason"),
    [
        ("s_rare", 27, "RTX has 0 (needs 2), control has 0 (needs 2)"),
        ("s_one", 120, "RTX has 1 (needs 2), control has 1 (needs 2)"),
        ("s_absent", 0, "no cell of this type was found"),
    ],
)
def test_what_cannot_be_tested_says_why_and_has_no_contrast(records, study, n, reason):
    record = records[study]
    assert record["contrasts"] == record["samples"] == record["reversal_pairs"] == [] and record["counts"] is None
    assert not record["cell_type"]["analysable"] and record["cell_type"]["n_cells"] == n
    assert reason in record["cell_type"]["reason"]
