"""GSE198274 (migraine, acupuncture, serum exosome miRNA): a table of p values recounted, and claims held against it."""

import pytest

from acuomics.claims.run import run_claims
from acuomics.claims.vocabulary import NOT_TESTED, VERDICTS
from acuomics.files import read_json, read_tsv, write_json, write_tsv
from acuomics.intake.statistics import take_in_statistics
from tests.claims import claim, count_claim

MODEL, TREATMENT = "before_vs_healthy", "after_vs_before"
# Claims of the table itself, and the accessions that miRBase 22.1 gives these names.
CLAIMS = [
    claim(
        "c01", None, "up", contrast=MODEL, feature="MIMAT0004570", feature_name="hsa-miR-223-5p", name_status="current"
    ),
    claim(
        "c02",
        None,
        "up",
        contrast=TREATMENT,
        feature="MIMAT0004569",
        feature_name="hsa-miR-222-5p",
        name_status="current",
    ),
    claim("c03", None, "down", feature="MIMAT0001621", feature_name="hsa-miR-369-5p", name_status="current"),
    claim("c04", None, "up", feature_as_printed="has-miR-378a-5p", kind="correlation"),
    count_claim("c05", 65, "both", threshold="p < 0.05"),
    count_claim("c06", 38, "both", contrast=MODEL, threshold="FDR < 0.05"),
    count_claim("c07", 8, "up", contrast=None),
]


@pytest.fixture(scope="module")
def record():
    rows = [
        (MODEL, "before", "healthy", "model"),
        (TREATMENT, "after", "before", "treatment"),
        ("after_vs_healthy", "after", "healthy", "residual"),
    ]
    keys = ("contrast", "numerator", "denominator", "role")
    return {
        "study": "gse198274",
        "kind": "statistics",
        "simulated": False,
        "assay": "mirna",
        "source": "GSE198274",
        "facts": None,
        "contrasts": [dict(zip(keys, row, strict=True)) for row in rows],
        "claims": [
            {**row, "contrast": TREATMENT if row["contrast"] == "ea_vs_rtx" else row["contrast"]} for row in CLAIMS
        ],
        "statistics": {
            "path": "GSE198274_mirna_response.csv",
            "format": "csv",
            "feature_column": "mirna",
            "contrast_column": "contrast",
            "log2fc_column": "log2fc",
            "p_column": "pvalue",
            "q_column": "padj",
            "n_numerator_column": "n_group_a",
            "n_denominator_column": "n_group_b",
            "test": "Welch t on log2(x + 1); paired t for after_vs_before",
            "contrasts": {
                MODEL: "case_before_vs_control",
                TREATMENT: "case_after_vs_before",
                "after_vs_healthy": "case_after_vs_control",
            },
        },
    }


@pytest.fixture(scope="module")
def taken(real_data, record):
    return take_in_statistics(record, str(real_data / "gse198274" / "GSE198274_mirna_response.csv"))


@pytest.fixture(scope="module")
def judged(tmp_path_factory, record, taken):
    folder = tmp_path_factory.mktemp("gse198274")
    write_json(record, folder / "study.json")
    write_tsv(taken.table, folder / "statistics.tsv")
    write_tsv(taken.recount, folder / "recount.tsv")
    run_claims(
        record=str(folder / "study.json"),
        tables=str(folder / "statistics.tsv"),
        features=None,
        summary=str(folder / "recount.tsv"),
        reversals=[],
        settings={},
        verdicts=str(folder / "verdicts.tsv"),
        facts=str(folder / "claims.json"),
    )
    return read_tsv(folder / "verdicts.tsv").set_index("claim"), read_json(folder / "claims.json")


def test_acupuncture_changes_no_more_than_chance(taken):
    row = taken.recount.set_index("contrast").loc[TREATMENT]
    assert (row["n_p05"], row["n_tested"], row["expected_p05"]) == (65, 1114, pytest.approx(55.7))
    assert row["n_q05"] == row["n_q05_deposited"] == 0
    assert row["min_q"] == pytest.approx(0.67, abs=0.005)
    assert row["p_excess_if_independent"] > 0.05
    assert (row["n_numerator"], row["n_denominator"]) == (10, 10)


def test_migraine_changes_38(taken):
    row = taken.recount.set_index("contrast").loc[MODEL]
    assert (row["n_p05"], row["n_tested"]) == (357, 1193)
    assert row["n_q05"] == row["n_q05_deposited"] == 38
    assert row["n_q05_up"] + row["n_q05_down"] == 38
    assert row["max_q_difference"] < 1e-9


def test_no_row_is_lost_and_no_model_is_fitted(taken):
    assert len(taken.table) == 3 * 1239
    assert taken.facts["n_without_p"] == 227
    assert taken.facts["inference"] == ["recount_of_statistics"]
    assert "negative_binomial" not in taken.facts["inference"]


def test_claims_are_judged_by_the_deposited_p_values(judged):
    table, facts = judged
    # The top feature of the model holds; two small p values of the treatment, picked from 1,114, do not.
    assert table.loc["c01", "verdict"] == "reproduced"
    assert table.loc[["c02", "c03"], "verdict"].tolist() == ["direction_only"] * 2
    assert (table.loc[["c02", "c03"], "q_genome"] > 0.6).all()
    assert table.loc[["c01", "c02", "c03"], ["log2fc_low", "log2fc_high", "power"]].isna().all(axis=None)
    assert table.loc["c05", "verdict"] == "inconclusive"
    assert table.loc["c05", ["count_found_p05", "count_found_q"]].tolist() == [65, 0]
    assert "55.7" in table.loc["c05", "reason"]
    assert table.loc["c06", "verdict"] == "reproduced"
    assert table.loc["c07", "verdict"] == "not_tested:no_such_contrast"
    assert set(table["verdict"]) <= {*VERDICTS, *(f"not_tested:{reason}" for reason in NOT_TESTED)}
    assert facts["n_claims"] == 7
    assert facts["n_judged"] == 5
    assert facts["family_size"] == 3
    assert facts["answer"].startswith("Of 7 published claims 5 could be held against the data: 2 reproduced")
