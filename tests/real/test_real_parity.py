"""Against R DESeq2 1.38.3 on the real studies (the benchmark `parity` prints the whole table)."""

import numpy as np
import pandas as pd
import pytest

from acuomics.de.study import analyse_study
from acuomics.reversal.iut import reversal_test
from tests.benchmark.parity import measure
from tests.realdata import reference


@pytest.fixture(scope="module")
def agreement(real_data):
    return measure(engines=("deseq2",))


def test_every_contrast_agrees_with_r(agreement):
    rows, worst = agreement
    assert len(rows) == 8
    assert worst["jaccard_min"] == 1.0  # the issue asks for 0.97
    assert worst["size_factor_rel_max"] < 1e-6
    for row in rows:
        assert row[6] == 0, f"{row[:2]}: p is missing for other features than in R"
        # Medians are exact; the tail holds features whose search ended on R's fallback optimiser.
        assert row[7] < 1e-8 and row[9] < 1e-8, row
        assert row[10] < 1e-6, row


@pytest.mark.parametrize(
    ("kind", "study", "calls", "venn", "tested"),
    [("miRNA", "gse188236_mirna", 7, 46, 600), ("mRNA", "gse188236_mrna", 6, 681, 44_521)],
)
def test_reversal_calls_from_r_statistics(real_data, kind, study, calls, venn, tested):
    model, _ = reference(study, "tgfb1_vs_ctrl", real_data)
    treatment, _ = reference(study, "sb_vs_tgfb1", real_data)
    valid = (model["pvalue"].notna() & treatment["pvalue"].notna()).to_numpy()
    result = reversal_test(model["stat"].to_numpy(), treatment["stat"].to_numpy(), valid)
    assert (valid.sum(), (result.q < 0.05).sum()) == (tested, calls)
    both = (model["pvalue"] < 0.05) & (treatment["pvalue"] < 0.05)
    opposite = both & (model["log2FoldChange"] * treatment["log2FoldChange"] < 0)
    assert both.sum() == opposite.sum() == venn, kind


@pytest.mark.parametrize(
    ("folder", "design"), [("single_factor", "~ condition"), ("multi_factor", "~ group + condition")]
)
def test_pydeseq2s_r_reference_sets(real_data, folder, design):
    """PyDESeq2's own fixtures hold R's Wald table and apeglm's shrunken fold changes."""
    root = real_data / "pydeseq2_r"
    counts = pd.read_csv(root / "synthetic_counts.csv", index_col=0)
    sheet = pd.read_csv(root / "synthetic_metadata.csv", index_col=0).loc[counts.columns].astype(str)
    contrast = {"contrast": "b", "factor": "condition", "numerator": "B", "denominator": "A", "role": "model"}
    record = {
        "study": "synthetic",
        "design": design,
        "samples": [{"sample": name, **row} for name, row in sheet.to_dict("index").items()],
        "contrasts": [{**contrast, "covariates": []}],
    }
    frame = counts.reset_index(names="feature")
    ours = analyse_study(record, frame, [None] * len(frame), engine="deseq2", rate=0.1, power=0.8).tables["b"]
    ours = ours.set_index("feature")
    wald = pd.read_csv(root / folder / "r_test_res.csv", index_col=0)
    np.testing.assert_allclose(ours["log2fc"], wald["log2FoldChange"], rtol=1e-9)
    np.testing.assert_allclose(ours["log2fc_se"], wald["lfcSE"], rtol=1e-9)
    np.testing.assert_allclose(ours["q"], wald["padj"], rtol=1e-8)
    shrunk = pd.read_csv(root / folder / "r_test_lfc_shrink_res.csv", index_col=0)
    np.testing.assert_allclose(ours["log2fc_shrunk"], shrunk["log2FoldChange"], atol=1e-3)
    np.testing.assert_allclose(ours["log2fc_shrunk_se"], shrunk["lfcSE"], rtol=1e-3)


def test_wide_and_large_reference_sets(real_data):
    root = real_data / "pydeseq2_r" / "wide"
    counts = pd.read_csv(root / "test_counts.csv", index_col=0)
    sheet = pd.read_csv(root / "test_metadata.csv", index_col=0).loc[counts.columns].astype(str)
    record = {
        "study": "wide",
        "design": "~ group + condition",
        "samples": [{"sample": name, **row} for name, row in sheet.to_dict("index").items()],
        "contrasts": [
            {
                "contrast": "b",
                "factor": "condition",
                "numerator": "B",
                "denominator": "A",
                "covariates": [],
                "role": "model",
            }
        ],
    }
    frame = counts.reset_index(names="feature")
    ours = analyse_study(record, frame, [None] * len(frame), engine="deseq2", rate=0.1, power=0.8).tables["b"]
    wald = pd.read_csv(root / "r_test_res.csv", index_col=0)
    assert (ours["p"].isna().to_numpy() == wald["pvalue"].isna().to_numpy()).all()
    np.testing.assert_allclose(ours["log2fc"], wald["log2FoldChange"], rtol=1e-8)
    np.testing.assert_allclose(ours["q"], wald["padj"], rtol=1e-8)
