"""Verdicts and set tests on the page: counts that add up, rows that stay, and nothing where no file was given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acuomics.report.methods import methods_text, references
from acuomics.report.read import read_study
from acuomics.report.settests import set_test_facts, set_test_table
from acuomics.report.study import describe_study
from acuomics.report.verdicts import count_verdicts, join_untested, read_verdicts, study_verdicts
from tests.sites import FakeSite, site_of
from tests.unit.report.fake_results import CONTRASTS, SETTINGS, FakeStudy, write_fake_study
from tests.unit.report.fake_verdicts import (
    fake_set_tests,
    fake_verdicts,
    write_fake_set_tests,
    write_fake_verdicts,
)

NAMES = [contrast for contrast, *_ in CONTRASTS]
STUDY = "demo_phn_mrna"


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    return write_fake_verdicts(tmp_path, [STUDY, "other"])


def site(tmp_path: Path, settests: bool = True, **files: Path) -> FakeSite:
    """The site of one study, with the files given."""
    made = write_fake_study(tmp_path, FakeStudy(n_features=300))
    if settests:
        made["settests"] = write_fake_set_tests(tmp_path, STUDY)
    return site_of(tmp_path, [describe_study(read_study(made), [], SETTINGS)], **files)


def column(table: dict, title: str) -> list:
    at = [entry["title"] for entry in table["columns"]].index(title)
    return [row[at] for row in table["rows"]]


def test_counts_of_a_contrast_add_up_to_its_rows_with_circular_claims_apart() -> None:
    table = fake_verdicts(STUDY)
    counts = {row["verdict"]: row["counts"] for row in count_verdicts(table, NAMES)}
    assert [sum(column) for column in zip(*counts.values(), strict=True)] == [30, 30, 30]
    assert counts["circular"] == [1, 1, 1]
    treatment = table[(table["contrast"] == "ea_vs_rtx") & ~table["circular"]]
    assert counts["concordant"][1] == (treatment["verdict"] == "concordant").sum() > 0
    # The reason after the colon is no verdict of its own.
    assert counts["not_testable"][1] == treatment["verdict"].str.startswith("not_testable").sum() > 1


def test_every_claim_is_in_the_table_and_every_test_keeps_its_row(written: dict[str, Path]) -> None:
    verdicts = read_verdicts(written["verdicts"])
    facts, tables = study_verdicts(STUDY, verdicts, None, 0.05)
    here = verdicts[verdicts["study"] == STUDY]
    shown = tables["verdicts"]
    assert set(column(shown, "Claim")) == set(here["claim_id"])
    assert facts["n_claims"] == 30
    assert facts["silent"] == ["ea_vs_control", "rtx_vs_control"]
    q = [value for value in column(shown, "q family") if value is not None]
    assert q == sorted(q)
    assert len(q) == here["q_family"].notna().sum()
    value, low, high = next(cell for cell in column(shown, "log2FC") if cell)
    assert low == pytest.approx(value - 0.5, abs=1e-4)
    assert high == pytest.approx(value + 0.5, abs=1e-4)
    assert all(isinstance(feature, str) for feature in column(shown, "Feature"))
    json.dumps(shown, allow_nan=False)


def test_rows_without_a_test_are_joined_only_where_all_say_the_same() -> None:
    table = fake_verdicts(STUDY)
    joined = join_untested(table, NAMES)
    silent = joined[joined["verdict"].str.startswith("not_testable:soma")]
    assert set(silent["contrast"]) == {"all"}
    assert len(silent) == table["verdict"].str.startswith("not_testable:soma").sum() / 3
    # A tested claim keeps its contrast; in the model and residual contrasts its reasons differ by role.
    first = joined[joined["claim_id"] == "A000"]
    assert sorted(first["contrast"]) == sorted(NAMES)
    # One number cannot stand for three contrasts.
    everywhere = joined[joined["contrast"] == "all"]
    assert everywhere["log2fc"].isna().all()
    assert not join_untested(table[table["contrast"] == "ea_vs_rtx"], ["ea_vs_rtx"])["log2fc"].isna().all()


def test_mechanisms_have_counts_and_no_score(written: dict[str, Path]) -> None:
    _, tables = study_verdicts(STUDY, None, read_verdicts(written["mechanism_verdicts"]), 0.05)
    table = tables["mechanism_verdicts"]
    titles = [entry["title"] for entry in table["columns"]]
    assert "score" not in " ".join(titles).lower()
    rows = pd.DataFrame(table["rows"], columns=titles)
    assert len(rows) == 6
    assert (rows[titles[3:]].sum(axis=1) == rows["Rows"]).all()


def test_mechanisms_are_named_where_the_name_is_known(written: dict[str, Path]) -> None:
    verdicts = read_verdicts(written["verdicts"])
    verdicts.loc[0, "mechanism_id"] = "EAM:0000|EAM:0001"
    _, tables = study_verdicts(STUDY, verdicts, None, 0.05, {"EAM:0001": "opioid"})
    seen = set(column(tables["verdicts"], "Mechanism"))
    assert {"EAM:0000", "EAM:0001 opioid", "EAM:0000; EAM:0001 opioid"} <= seen


def test_page_shows_verdicts_and_set_tests_under_mechanisms(tmp_path: Path, written: dict[str, Path]) -> None:
    page = site(tmp_path, **written).page()
    assert "30 curated claims was held against each contrast" in page.text
    assert "No claim is judged in ea_vs_control, rtx_vs_control: not a comparison of EA" in page.text
    assert "counts are not combined into a score" in page.text
    assert "sensitivity analysis" in page.text
    assert "Caution is said of some sets (cell-type signal)" in page.text
    start, end = page.ids.index("mechanisms"), page.ids.index("samples")
    for name in ("verdicts", "mechanism-verdicts", "settests"):
        assert start < page.ids.index(f"table-{name}") < end


def test_page_without_the_files_says_that_they_are_missing(tmp_path: Path) -> None:
    text = site(tmp_path, settests=False).page().text
    assert "Verdicts of the claims" not in text
    assert "Verdicts of the curated claims are not shown" in text
    assert "Tests of curated sets are not shown" in text
    assert "fry" not in text


def test_a_study_without_rows_in_the_files_renders(tmp_path: Path) -> None:
    text = site(tmp_path, settests=False, **write_fake_verdicts(tmp_path, ["other"])).page().text
    assert "Verdicts of the claims" not in text


def test_only_one_of_the_two_files(tmp_path: Path, written: dict[str, Path]) -> None:
    text = site(tmp_path, mechanism_verdicts=written["mechanism_verdicts"]).page().text
    assert "Counts of verdicts by mechanism" in text
    assert "Claims and their verdicts" not in text


def test_names_in_verdicts_are_escaped(tmp_path: Path) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    made = site(tmp_path, **write_fake_verdicts(tmp_path, [STUDY], hostile=name))
    assert name not in made.source()
    assert made.page().tags.count("img") == 1  # the empty one of the enlarged figure


def test_set_tests_keep_sets_without_p_and_name_the_sensitivity_analysis(tmp_path: Path) -> None:
    table = fake_set_tests()
    shown = set_test_table(STUDY, table, 0.05)
    assert len(shown["rows"]) == len(table) == 12
    assert column(shown, "p fry")[-3:] == [None] * 3
    assert "Sensitivity: p ULM" in [entry["title"] for entry in shown["columns"]]
    assert column(shown, "Caution").count("cell-type signal") == 3
    roles = {contrast: role for contrast, _, _, role in CONTRASTS}
    facts = set_test_facts(table, 0.05, roles)
    assert facts["n_tested"] == 9
    assert facts["n_called"] == int(np.sum(table["q"] < 0.05))
    older = set_test_table(STUDY, table.drop(columns=["sensitivity_ulm_p", "caution"]), 0.05)
    assert len(older["rows"]) == 12
    assert set_test_facts(table.drop(columns=["sensitivity_ulm_p", "caution"]), 0.05, {})["cautions"] == []
    assert set_test_table(STUDY, table.iloc[:0], 0.05)["rows"] == []


def test_directions_count_only_where_the_contrast_speaks_to_ea() -> None:
    table = fake_set_tests().assign(q=0.01)
    table.loc[(table["contrast"] == "ea_vs_rtx") & (table["set"] == "opioid_spinal"), "direction"] = "against_claim"
    facts = set_test_facts(table, 0.05, {contrast: role for contrast, _, _, role in CONTRASTS})
    assert facts["speaking"] == ["ea_vs_rtx"]
    assert facts["silent"] == ["rtx_vs_control", "ea_vs_control"]
    # Nine sets with a direction were called; those of the two other contrasts are no evidence for a claim.
    assert (facts["n_called"], facts["n_as_claimed"], facts["n_against"]) == (12, 2, 1)


def test_methods_tell_of_set_tests_only_where_they_were_made(tmp_path: Path) -> None:
    files = write_fake_study(tmp_path, FakeStudy(n_features=300))
    plain = read_study(files)
    tested = read_study({**files, "settests": write_fake_set_tests(tmp_path, STUDY)})
    assert not any("camera" in text for text in methods_text(plain, SETTINGS))
    assert any("camera (Wu and Smyth 2012)" in text for text in methods_text(tested, SETTINGS))
    assert len(references(tested)) == len(references(plain)) + 5
