"""Against R DESeq2 1.38.3 on frozen tables (tests/fixtures/deseq2; its scripts made both sides)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acuomics.de.model import NegativeBinomialFit, fit_negative_binomial
from acuomics.de.wald import adjust, wald_test
from acuomics.designs import Design, build_design, contrast_vector, samples_of

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "deseq2"
NAMES = ["2arms_n2", "2arms_n8", "3arms_n3", "3arms_n6_b2"]

#: Features whose IRLS does not settle: R then runs L-BFGS-B, which stops short of the maximum in a direction where the
#: likelihood is flat (an arm without counts). We take the maximum itself. Their p values are not small either way.
FLAT = {"3arms_n3": {"g0025", "g0010", "g0012"}, "3arms_n6_b2": {"g0010", "g0029"}}


class Case:
    def __init__(self, name: str) -> None:
        self.counts = pd.read_csv(FIXTURES / f"{name}.counts.tsv.gz", sep="\t", index_col=0)
        sheet = pd.read_csv(FIXTURES / f"{name}.samples.tsv", sep="\t", dtype=str)
        self.samples = sheet.to_dict("records")
        self.reference = pd.read_csv(FIXTURES / f"{name}.reference.tsv.gz", sep="\t", index_col=0)
        formula = "~ batch + condition" if sheet["batch"].nunique() > 1 else "~ condition"
        self.design: Design = build_design(formula, self.samples)
        matrix = self.counts.T.to_numpy()
        everywhere = (matrix > 0).all(axis=0)
        logs = np.log(matrix[:, everywhere])
        self.fit: NegativeBinomialFit = fit_negative_binomial(
            matrix, np.exp(np.median(logs - logs.mean(axis=0), axis=1)), self.design.matrix
        )
        self.contrasts = [c.partition(".")[2] for c in self.reference.columns if c.startswith("pvalue.")]


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest) -> tuple[str, Case]:
    return request.param, Case(request.param)


def _relative(ours: np.ndarray, theirs: pd.Series) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(ours / theirs.to_numpy() - 1.0)


def test_dispersions(case):
    name, c = case
    assert np.nanmax(_relative(c.fit.genewise, c.reference["genewise"])) < 1e-8
    assert np.nanmax(_relative(c.fit.fitted, c.reference["fitted"])) < 1e-8
    error = _relative(c.fit.dispersions, c.reference["dispersion"])
    if name == "2arms_n2":
        # Two residual degrees of freedom: R's prior variance is 0.25 from 10,000 random numbers, ours from the
        # density that they are drawn from.
        assert c.fit.prior.variance == pytest.approx(0.57, abs=0.01)
        assert np.nanmedian(error) < 0.15
    else:
        assert np.nanmax(error) < 1e-8


def test_contrasts(case):
    name, c = case
    loose = c.counts.index.isin(FLAT.get(name, set()))
    for label in c.contrasts:
        top, bottom = label.split("_vs_")
        contrast = {"contrast": label, "factor": "condition", "numerator": top, "denominator": bottom}
        test = wald_test(c.fit, contrast_vector(c.design, contrast), samples_of(contrast, c.samples))
        reference = {key: c.reference[f"{key}.{label}"] for key in ("log2FoldChange", "lfcSE", "pvalue", "padj")}
        assert (np.isnan(test.p) == reference["pvalue"].isna()).all()
        adjusted = adjust(c.fit, test, 0.05)
        assert ((adjusted.q < 0.05) == (reference["padj"] < 0.05)).all()
        assert (np.isnan(adjusted.q) == reference["padj"].isna()).all()
        if name == "2arms_n2":
            continue  # the prior differs, see test_dispersions
        error = np.abs(test.log2fc - reference["log2FoldChange"].to_numpy())
        assert np.nanmax(error[~loose]) < 1e-4
        assert np.nanquantile(error[~loose], 0.98) < 1e-9
        assert np.nanquantile(_relative(test.log2fc_se, reference["lfcSE"]), 0.999) < 1e-6


def test_every_missing_p_has_a_status(case):
    _, c = case
    test = wald_test(c.fit, np.eye(c.design.matrix.shape[1])[-1], np.ones(len(c.samples), dtype=bool))
    status = adjust(c.fit, test, 0.05).status
    assert (status[np.isnan(test.p)] != "tested").all()
    assert set(status[:5]) == {"all_zero"}


def test_replaced_outliers_leave_an_emptied_gene_with_p_one():
    c = Case("2arms_n8")
    test = wald_test(c.fit, np.array([0.0, 1.0]), np.ones(16, dtype=bool))
    emptied = c.counts.index.get_indexer(["g0009", "g0010"])
    assert (test.p[emptied] == 1.0).all() and (test.log2fc[emptied] == 0.0).all()
