"""Tables of the page: which rows, which cells, and that nothing is lost in silence."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from acuomics.report.read import StudyResults, read_study
from acuomics.report.tables import (
    Column,
    cell,
    cells_of,
    de_table,
    mechanism_table,
    reversal_table,
    sample_table,
    without_repeats,
)
from tests.unit.report.fake_results import PAIR, FakeStudy, write_fake_study


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    return read_study(write_fake_study(tmp_path_factory.mktemp("tables"), FakeStudy(n_features=1500)))


def column(table: dict, title: str) -> list:
    at = [entry["title"] for entry in table["columns"]].index(title)
    return [row[at] for row in table["rows"]]


def features(table: dict) -> list[str]:
    """The identifier of every row: that of the column, or the symbol where it says the same."""
    return [feature or label for feature, label in zip(column(table, "Feature"), column(table, "Symbol"), strict=True)]


def test_best_rows_and_every_curated_feature(results: StudyResults) -> None:
    table = de_table(results, "rtx_vs_control", 0.05, rows=100)
    curated = set(results.annotations["feature"])
    assert curated <= set(features(table))
    full = results.tables["rtx_vs_control"]
    best = set(full.nsmallest(100, "p")["feature"])
    assert best <= set(features(table))
    assert set(features(table)) == best | curated
    assert table["n_total"] == 1500
    assert table["path"] == "results/demo_phn_mrna/de/tables/rtx_vs_control.tsv"


def test_rows_come_by_p_with_the_missing_last(results: StudyResults) -> None:
    p = column(de_table(results, "ea_vs_rtx", 0.05), "p")
    known = [value for value in p if value is not None]
    assert known == sorted(known)
    assert p[len(known) :] == [None] * (len(p) - len(known))
    assert len(p) - len(known) == int(results.tables["ea_vs_rtx"]["p"].isna().sum())


def test_values_are_those_of_the_table_and_json_takes_them(results: StudyResults) -> None:
    table = de_table(results, "rtx_vs_control", 0.05)
    json.dumps(table, allow_nan=False)
    full = results.tables["rtx_vs_control"].set_index("feature")
    for feature, log2fc in zip(features(table), column(table, "log2FC"), strict=True):
        if log2fc is not None:
            assert log2fc == pytest.approx(full.loc[feature, "log2fc"], rel=1e-5)


def test_class_and_restoration_with_interval_come_right_after_the_symbol(results: StudyResults) -> None:
    table = reversal_table(results, PAIR, results.reversals[PAIR])
    titles = [entry["title"] for entry in table["columns"]]
    assert titles[:3] == ["Symbol", "Class", "Restored"]
    full = results.reversals[PAIR].table.set_index("feature")
    seen = dict(zip(features(table), column(table, "Restored"), strict=True))
    known = {feature: cell for feature, cell in seen.items() if cell is not None}
    assert 0 < len(known) < len(seen)
    for feature, (value, low, high) in known.items():
        expected = full.loc[feature, ["restoration", "restoration_low", "restoration_high"]].to_list()
        assert [value, low, float(high)] == pytest.approx(expected, rel=1e-5)
    assert all(math.isnan(full.loc[feature, "restoration"]) for feature in set(seen) - set(known))


def test_an_interval_without_an_end_says_so() -> None:
    table = pd.DataFrame({"r": [0.5, np.nan], "low": [np.nan, 0.1], "high": [np.inf, 0.2]})
    assert cells_of(table, Column("r", "R", "", "interval", 2, "low", "high")) == [[0.5, None, "Infinity"], None]
    assert cells_of(table[["r"]], Column("r", "R", "", "interval", 2, "low", "high")) == [[0.5, None, None], None]


def test_identifier_that_repeats_the_symbol_is_left_out() -> None:
    table = pd.DataFrame({"feature": ["1", "Gene2"], "label": ["Gene1", "Gene2"]})
    assert without_repeats(table)["feature"].fillna("").to_list() == ["1", ""]
    assert "feature" not in without_repeats(table.iloc[1:])


def test_numeric_identifiers_stay_text(results: StudyResults) -> None:
    assert "24000" in set(results.tables["rtx_vs_control"]["feature"])
    assert all(isinstance(value, str) for value in column(mechanism_table(results), "Feature"))


def test_reversal_table_keeps_every_nominal_call(results: StudyResults) -> None:
    reversal = results.reversals[PAIR]
    table = reversal_table(results, PAIR, reversal, rows=5)
    nominal = set(reversal.table.loc[reversal.table["nominal_venn"], "feature"])
    assert nominal
    assert nominal <= set(features(table))
    assert sum(column(table, "Nominal Venn")) == len(nominal)


def test_filters_name_columns_that_hold_their_values(results: StudyResults) -> None:
    table = reversal_table(results, PAIR, results.reversals[PAIR])
    by_label = {entry["label"]: entry for entry in table["filters"]}
    entry = by_label["class full"]
    found = sum(row[entry["column"]] == entry["value"] for row in table["rows"])
    assert found == int((results.reversals[PAIR].table["class"] == "full").sum())


def test_samples_have_quality_and_size_factors(results: StudyResults) -> None:
    table = sample_table(results)
    assert column(table, "Sample") == list(results.samples["sample"])
    assert column(table, "Reads")[1] == 15_010_000
    assert column(table, "Size factor")[2] == pytest.approx(0.84)
    assert column(table, "condition").count("RTX") == 6


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (math.nan, "number", None),
        (None, "text", None),
        (pd.NA, "text", None),
        (np.inf, "number", "Infinity"),
        (-np.inf, "number", "-Infinity"),
        (0.123456789, "number", 0.123457),
        (1e-300, "number", 1e-300),
        (np.int64(7), "integer", 7),
        (np.bool_(True), "flag", True),
        ("False", "flag", False),
        (math.nan, "flag", False),
    ],
)
def test_cell(value: object, kind: str, expected: object) -> None:
    assert cell(value, kind) == expected
