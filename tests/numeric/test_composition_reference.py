"""Composition tests against limma 3.54 by the steps of propeller (tests/fixtures/propeller), and against null data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acuomics.singlecell.composition import COLUMNS, compare_composition

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "propeller"
CASES = sorted(path.name.removesuffix(".cells.tsv") for path in FIXTURES.glob("*.cells.tsv"))
ALL = [
    {"contrast": "b_vs_a", "factor": "condition", "numerator": "b", "denominator": "a", "role": "model"},
    {"contrast": "c_vs_b", "factor": "condition", "numerator": "c", "denominator": "b", "role": "treatment"},
]


def load(name):
    cells = pd.read_csv(FIXTURES / f"{name}.cells.tsv", sep="\t", index_col="sample")
    samples = pd.read_csv(FIXTURES / f"{name}.samples.tsv", sep="\t", dtype=str)
    return cells, samples, pd.read_csv(FIXTURES / f"{name}.reference.tsv", sep="\t")


@pytest.mark.parametrize("name", CASES)
def test_everything_agrees_with_limma(name):
    cells, samples, reference = load(name)
    formula = "~ batch + condition" if samples["batch"].nunique() > 1 else "~ condition"
    contrasts = [c for c in ALL if c["contrast"] in set(reference["contrast"])]
    ours = compare_composition(cells, samples, contrasts, formula).set_index(["contrast", "cell_type"])
    assert list(ours.reset_index().columns) == sorted(COLUMNS, key=lambda c: (c not in ("contrast", "cell_type"), 0))
    limma = reference[reference["transform"] == "logit"].set_index(["contrast", "cell_type"]).loc[ours.index]
    names = {"logit_difference": "difference", "se": "se", "t": "t", "df": "df", "p": "p", "q": "q"}
    for column, theirs in names.items():
        np.testing.assert_allclose(ours[column], limma[theirs], rtol=1e-7, err_msg=column)
    asin = reference[reference["transform"] == "asin"].set_index(["contrast", "cell_type"]).loc[ours.index]
    np.testing.assert_allclose(ours["p_asin"], asin["p"], rtol=1e-7)
    assert (ours["status"] == "tested").all()


def test_the_cases_hold_what_they_are_for():
    """Finite and infinite prior degrees of freedom, and a batch."""
    df = {name: load(name)[2]["df"] for name in CASES}
    assert (df["2arms_n3_even"] == 24).any() and (df["3arms_n4"] < 81).any()
    assert set(load("3arms_n3_batch")[1]["batch"]) == {"x", "y", "z"}


def test_one_animal_an_arm_has_no_p_value():
    cells = pd.DataFrame({"A": [5000, 9000], "B": [5000, 1000]}, index=["r1", "r2"])
    samples = pd.DataFrame({"sample": ["r1", "r2"], "condition": ["a", "b"]})
    table = compare_composition(cells, samples, ALL[:1], "~ condition")
    assert (table["status"] == "not_analysable").all()
    assert table["reason"].str.contains("cells are no replicates").all()
    assert table[["p", "q", "p_asin"]].isna().all().all()
    assert table["proportion_numerator"].tolist() == pytest.approx([0.9, 0.1])


def test_swapping_the_levels_negates_the_difference():
    cells, samples, _ = load("3arms_n4")
    back = ALL[0] | {"numerator": "a", "denominator": "b"}
    one = compare_composition(cells, samples, [ALL[0]], "~ condition")
    two = compare_composition(cells, samples, [back], "~ condition")
    np.testing.assert_allclose(one["logit_difference"], -two["logit_difference"])
    np.testing.assert_allclose(one["p"], two["p"])


def test_unassigned_cells_do_not_count():
    cells, samples, _ = load("3arms_n4")
    more = cells.assign(unassigned=np.arange(12) * 100)
    pd.testing.assert_frame_equal(
        compare_composition(more, samples, ALL, "~ condition"), compare_composition(cells, samples, ALL, "~ condition")
    )


def test_the_level_holds_on_null_data():
    """Animals that differ, arms that do not: at p < 0.05 about one type in twenty, over 100 studies of eight types."""
    rng = np.random.default_rng(11)
    samples = pd.DataFrame({"sample": [f"r{i}" for i in range(8)], "condition": ["a", "b"] * 4})
    share = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.05, 0.02])
    p = []
    for _ in range(100):
        odds = np.log(share) + rng.normal(0, 0.25, (8, 8))
        of_animal = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
        numbers = [rng.multinomial(800, row) for row in of_animal]
        cells = pd.DataFrame(numbers, index=samples["sample"], columns=[f"t{k}" for k in range(8)])
        p.append(compare_composition(cells, samples, ALL[:1], "~ condition")["p"].to_numpy())
    rate = (np.array(p) < 0.05).mean()
    # 800 tests, not independent within a study: the binomial spread alone is 0.008.
    assert 0.025 < rate < 0.075
