"""Contrasts: names, levels, covariates, roles, interactions."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from acuomics.catalogue.contrasts import read_contrasts
from acuomics.catalogue.formula import parse_formula
from acuomics.catalogue.pairs import find_pairs
from acuomics.designs import cells_of
from acuomics.problems import Problems

HEAD = "contrast\tfactor\tnumerator\tdenominator\tcovariates\trole\n"
THREE = [
    {"sample": f"{c}{i}", "condition": c, "sex": "fm"[i % 2]} for c in ("control", "model", "EA") for i in range(4)
]
TWO_BY_TWO = [
    {"sample": f"{d}{t}{i}", "disease": d, "treatment": t}
    for d, t, i in itertools.product(("healthy", "ill"), ("none", "EA"), range(2))
]


def read(tmp_path: Path, *rows: str, design="~ condition", samples=THREE, head=HEAD, least=2):
    path = tmp_path / "contrasts.tsv"
    path.write_text(head + "".join("\t".join(row.split(",")) + "\n" for row in rows))
    problems, warnings = Problems(), []
    formula = parse_formula(design, "study.yaml", problems)
    contrasts = read_contrasts(str(path), formula, samples, least, problems, warnings)
    return contrasts, "\n".join(map(str, problems.found)), warnings


def test_a_table_and_its_pair(tmp_path):
    rows = [
        "m,condition,model,control,sex,model",
        "t,condition,EA,model,sex,treatment",
        "r,condition,EA,control,sex,residual",
    ]
    contrasts, problems, warnings = read(tmp_path, *rows, design="~ sex + condition")
    assert (problems, warnings) == ("", [])
    assert contrasts[0] == {
        "contrast": "m", "factor": "condition", "numerator": "model", "denominator": "control",
        "covariates": ["sex"], "role": "model",
    }  # fmt: skip
    assert find_pairs(contrasts) == [
        {
            "pair": "m__t", "model": "m", "treatment": "t", "factor": "condition",
            "control_level": "control", "model_level": "model", "treated_level": "EA",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("../m,condition,model,control,,model", "not a name for files"),
        ("a__b,condition,model,control,,model", "not a name for files"),
        ("m,condition,model,control,,modle", "did you mean 'model'?"),
        ("m,conditon,model,control,,model", "did you mean 'condition'?"),
        ("m,condition,model,model,,model", "are the same"),
        ("m,condition,model,Control,,model", "did you mean 'control'?"),
        ("m,condition,model,control,sex,model", "the covariates of this contrast are none"),
        ("m,condition,model,control,,interaction", "difference of differences has the role interaction"),
        ("m,condition,model - EA,control - EA,,interaction", "not a level"),
    ],
)
def test_faults_of_a_row(tmp_path, row, message):
    _, problems, _ = read(tmp_path, row)
    assert message in problems
    assert problems.count("contrasts.tsv, row 1, column ") == 1


def test_covariates_are_the_other_terms(tmp_path):
    _, problems, _ = read(tmp_path, "m,condition,model,control,,model", design="~ sex + condition")
    assert "row 1, column covariates" in problems
    assert "~ sex + condition" in problems
    assert "write 'sex'" in problems


def test_names_differ_by_more_than_case(tmp_path):
    _, problems, _ = read(tmp_path, "m,condition,model,control,,model", "M,condition,EA,control,,residual")
    assert "row 2, column contrast, value 'M': the contrast is named twice (first in row 1)" in problems


def test_columns(tmp_path):
    row = "m,condition,model,control,,model"
    assert "the column 'role' is missing" in read(tmp_path, row, head=HEAD.replace("role", "rolle"))[1]
    assert "did you mean 'rolle'?" in read(tmp_path, row, head=HEAD.replace("role", "rolle"))[1]
    assert "unknown column 'note'" in read(tmp_path, row + ",x", head=HEAD.replace("role", "role\tnote"))[1]


@pytest.mark.parametrize(("n", "fault", "warned"), [(1, True, 0), (2, False, 1), (3, False, 1), (4, False, 0)])
def test_replicates(tmp_path, n, fault, warned):
    samples = [row for row in THREE if row["condition"] != "EA" or int(row["sample"][-1]) < n]
    _, problems, warnings = read(tmp_path, "t,condition,EA,model,,treatment", samples=samples)
    assert ("too few biological replicates in condition = EA" in problems) is fault
    assert len(warnings) == warned
    assert all(f"only {n} samples in condition = EA" in text for text in warnings)


def test_more_replicates_can_be_asked_for(tmp_path):
    assert "at least 5 are needed" in read(tmp_path, "t,condition,EA,model,,treatment", least=5)[1]


def test_an_interaction(tmp_path):
    row = "i,disease:treatment,ill:EA - ill:none,healthy:EA - healthy:none,,interaction"
    contrasts, problems, warnings = read(tmp_path, row, design="~ disease*treatment", samples=TWO_BY_TWO)
    assert problems == ""
    assert contrasts[0]["numerator"] == "ill:EA - ill:none"
    assert len(warnings) == 4


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("m,disease,ill,healthy,treatment,model", "the effect of 'disease' differs by the other factor"),
        ("m,disease:treatment,ill:ea,healthy:none,,model", "did you mean 'ill:EA' or"),
        ("m,disease:treatment,ill:EA - ill:none,healthy:none,,interaction", "on both sides"),
        ("m,disease:treatment,ill:EA - ill:none,healthy:EA - healthy:none,,model", "has the role interaction"),
        ("m,disease:treatment,ill:EA - ill:x,healthy:EA - healthy:none,,interaction", "unknown level 'ill:x'"),
    ],
)
def test_faults_of_interactions(tmp_path, row, message):
    assert message in read(tmp_path, row, design="~ disease*treatment", samples=TWO_BY_TWO)[1]


def test_cells_whose_levels_hold_hyphens_and_spaces(tmp_path):
    samples = [{**row, "treatment": row["treatment"].replace("EA", "EA-2 Hz")} for row in TWO_BY_TWO]
    row = "i,disease:treatment,ill:EA-2 Hz  -  ill:none,healthy:EA-2 Hz - healthy:none,,interaction"
    contrasts, problems, _ = read(tmp_path, row, design="~ disease*treatment", samples=samples)
    assert problems == ""
    # The design vectors split at ' - ' and ':' only.
    assert contrasts[0]["numerator"] == "ill:EA-2 Hz - ill:none"
    assert [cell for _, cell in cells_of(contrasts[0])][:2] == [
        {"disease": "ill", "treatment": "EA-2 Hz"},
        {"disease": "ill", "treatment": "none"},
    ]
