"""Scoring against the truth, on hand-made tables whose answers were worked out by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from acuomics.files import write_json, write_tsv
from acuomics.recovery.read import read_results
from acuomics.recovery.score import RECOVERY_COLUMNS, REPORTED, score

TRUTH = pd.DataFrame(
    [
        ("1", "untouched", 1.0, 0.0),
        ("2", "partial", 2.0, -1.0),
        ("3", "full", -1.5, 1.5),
        ("4", "overcorrected", 1.0, -1.6),
        ("5", "aggravated", 1.0, 0.8),
        ("6", "treatment_only", 0.0, 1.2),
        ("7", "null", 0.0, 0.0),
        ("8", "null", 0.0, 0.0),
    ],
    columns=["feature", "class", "log2fc_model", "log2fc_treatment"],
)
ROLES = {"rtx_vs_control": "model", "ea_vs_rtx": "treatment", "ea_vs_control": "residual"}


def table(called, log2fc, detectable=0.9):
    """A table in reverse order of the truth, so that nothing can rest on the order of rows."""
    q = [0.01 if str(i) in called else 0.5 for i in range(1, 9)]
    frame = pd.DataFrame(
        {
            "feature": TRUTH["feature"],
            "log2fc": log2fc,
            "q": q,
            "detectable_log2fc": detectable,
        }
    )
    return frame.iloc[::-1].reset_index(drop=True)


def pair(called, classes):
    return pd.DataFrame(
        {
            "feature": TRUTH["feature"],
            "q_reversal": [0.01 if str(i) in called else 0.5 for i in range(1, 9)],
            "log2fc_model": TRUTH["log2fc_model"] * 0.9,
            "class": classes,
        }
    )


MODEL = table("12347", TRUTH["log2fc_model"] + np.array([0, 0, 0, 0, 0, 0, 1, 1]) * 0.5)
TREATED = table("236", TRUTH["log2fc_treatment"])
RESIDUAL = table("134", TRUTH["log2fc_model"] + TRUTH["log2fc_treatment"])
PAIR = pair("2367", ["inconclusive", "partial", "full", np.nan, "aggravated", "inconclusive", "full", "none_supported"])


def rows(**options):
    tables = {"rtx_vs_control": MODEL, "ea_vs_rtx": TREATED, "ea_vs_control": RESIDUAL}
    tables |= options.pop("tables", {})
    recovery = score(TRUTH, tables, ROLES, {"p": options.pop("pair", PAIR)}, q_de=0.05, q_reversal=0.05)
    keyed = {(row["test"], row["contrast"]): row for row in recovery.table.to_dict("records")}
    return recovery, keyed


def counts(row):
    return row["n_true"], row["n_called"], row["n_found"], row["recall"], row["false_discovery"]


def test_columns_and_rows():
    recovery, keyed = rows()
    assert tuple(recovery.table.columns) == RECOVERY_COLUMNS
    assert len(keyed) == 7


def test_model_contrast():
    assert counts(rows()[1]["de", "rtx_vs_control"]) == (5, 5, 4, 0.8, 0.2)


def test_treatment_contrast():
    assert counts(rows()[1]["de", "ea_vs_rtx"]) == (5, 3, 3, 0.6, 0.0)


def test_residual_is_the_sum_so_full_restoration_is_no_effect():
    # True: 1, 2, 4, 5, 6. Called 1, 3, 4: feature 3 is fully restored, hence a false discovery.
    assert counts(rows()[1]["de", "ea_vs_control"]) == (5, 3, 2, 0.4, pytest.approx(1 / 3))


def test_wrong_sign_is_a_false_discovery():
    wrong = table("12347", -MODEL.iloc[::-1]["log2fc"].to_numpy())
    assert counts(rows(tables={"rtx_vs_control": wrong})[1]["de", "rtx_vs_control"]) == (5, 5, 0, 0.0, 1.0)


def test_detectable_effects_only():
    # Treatment effects of at least 0.9: features 2, 3, 4, 6; found 2, 3, 6.
    n_true, n_called, n_found, recall, false_discovery = counts(rows()[1]["de_detectable", "ea_vs_rtx"])
    assert (n_true, n_called, n_found, recall) == (4, 3, 3, 0.75)
    assert np.isnan(false_discovery)


def test_missing_bound_is_not_detectable():
    unknown = table("236", TRUTH["log2fc_treatment"], detectable=np.nan)
    row = rows(tables={"ea_vs_rtx": unknown})[1]["de_detectable", "ea_vs_rtx"]
    assert row["n_true"] == 0
    assert np.isnan(row["recall"])


def test_reversal():
    # True: 2, 3, 4. Called 2, 3, 6, 7.
    assert counts(rows()[1]["reversal", "p"]) == (3, 4, 2, pytest.approx(2 / 3), 0.5)


def test_missing_q_is_not_called_and_stays_in_recall():
    lost = MODEL.assign(q=MODEL["q"].mask(MODEL["feature"] == "1"))
    assert counts(rows(tables={"rtx_vs_control": lost})[1]["de", "rtx_vs_control"])[:3] == (5, 4, 3)


def test_feature_missing_from_a_result_is_not_called():
    fewer = MODEL[MODEL["feature"] != "1"]
    assert counts(rows(tables={"rtx_vs_control": fewer})[1]["de", "rtx_vs_control"])[:3] == (5, 4, 3)


def test_nothing_called_has_no_false_discovery_rate():
    nothing = PAIR.assign(q_reversal=1.0)
    recovery, keyed = rows(pair=nothing)
    assert np.isnan(keyed["reversal", "p"]["false_discovery"])
    entry = next(row for row in recovery.summary["tests"] if row["test"] == "reversal")
    assert entry["false_discovery"] is None


def test_confusion_counts_every_feature_once():
    confusion = rows()[0].summary["confusion"]["p"]
    assert confusion["partial"]["partial"] == 1
    assert confusion["full"]["full"] == 1
    assert confusion["overcorrected"]["not_tested"] == 1
    assert confusion["null"] == {**dict.fromkeys(REPORTED, 0), "full": 1, "none_supported": 1}
    assert sum(sum(row.values()) for row in confusion.values()) == len(TRUTH)


def test_contrast_of_another_role_is_said_not_to_be_scored():
    recovery = score(TRUTH, {"x": MODEL}, {"x": "baseline"}, {}, q_de=0.05, q_reversal=0.05)
    assert recovery.table.empty
    assert recovery.summary["contrasts_not_scored"] == ["x"]


def test_results_are_read_from_a_study_folder(tmp_path):
    write_tsv(TRUTH, tmp_path / "truth.tsv")
    for name, frame in (("rtx_vs_control", MODEL), ("ea_vs_rtx", TREATED)):
        write_tsv(frame, tmp_path / "tables" / f"{name}.tsv")
    write_tsv(PAIR, tmp_path / "p.tsv")
    summary = pd.DataFrame({"contrast": ["rtx_vs_control", "ea_vs_rtx"], "role": ["model", "treatment"]})
    write_tsv(summary, tmp_path / "summary.tsv")
    results = read_results(tmp_path / "truth.tsv", tmp_path / "tables", tmp_path / "summary.tsv", [tmp_path / "p.tsv"])
    recovery = score(*results, q_de=0.05, q_reversal=0.05)
    assert list(recovery.table["n_found"]) == [4, 4, 3, 3, 2]
    write_json(recovery.summary, tmp_path / "recovery.json")
    assert json.loads((tmp_path / "recovery.json").read_text())["n_features"] == 8


def test_a_reversal_of_the_wrong_sign_is_a_false_discovery():
    wrong = PAIR.assign(log2fc_model=-PAIR["log2fc_model"])
    _, keyed = rows(pair=wrong)
    assert counts(keyed["reversal", "p"]) == (3, 4, 0, 0.0, 1.0)
