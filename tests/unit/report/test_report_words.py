"""What the report says in words: numbers beside chance, and never "no change" for "not significant"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from acuomics.report.answer import answer
from acuomics.report.methods import methods_text, references
from acuomics.report.read import read_study
from acuomics.report.study import describe_study, page_title
from acuomics.report.words import count, fold, listing, mean_count, percent
from tests.unit.report.fake_results import CONTRASTS, PAIR, SETTINGS, FakeStudy, write_fake_study

UNCHANGED = re.compile(r"no change|unchanged|did not change\b(?! *[;.]?$)|nothing changed", re.IGNORECASE)


def study(tmp_path: Path, **options: object):
    return read_study(write_fake_study(tmp_path, FakeStudy(n_features=600, **options)))


def test_answer_gives_found_beside_expected_and_permuted(tmp_path: Path) -> None:
    results = study(tmp_path)
    text = " ".join(answer(results, SETTINGS))
    row = results.summary.iloc[0]
    assert f"**{row['n_q']} of {row['n_tested']}** tested genes changed" in text
    assert f"at p < 0.05 pass {row['n_p05']}, where {round(row['expected_p05'])} would by chance alone" in text
    summary = results.reversals[PAIR].summary
    assert f"**{summary['reversed']} of {summary['n_tested']}** tested genes are reversed" in text
    assert (
        f"holds {summary['nominal_venn_both']}, {summary['nominal_venn_opposite']} of them with opposite signs" in text
    )
    assert "(20 of 923 other labelings) the test calls 0.15 on average" in text
    assert "p = 0.048, and the smallest p possible here is 0.048" in text
    assert f"{2 ** row['median_detectable_log2fc']:.2f}-fold" in text


def test_nothing_significant_is_never_called_unchanged(tmp_path: Path) -> None:
    text = " ".join(answer(study(tmp_path, signal=False, seed=5), SETTINGS))
    assert text.count("was detected as changed at q < 0.05 and this power") == 3
    assert "was detected as reversed" in text
    assert not UNCHANGED.search(text)
    assert "what was not detected at this power may still have changed" in text


def test_counts_no_better_than_chance_are_said_to_be_so(tmp_path: Path) -> None:
    results = study(tmp_path)
    results.summary.loc[0, ["n_p05", "expected_p05"]] = [20, 28.0]
    assert "pass 20, no more than the 28 that chance alone gives" in answer(results, SETTINGS)[0]


def test_missing_pair_is_explained_by_the_roles(tmp_path: Path) -> None:
    results = study(tmp_path, pairs=False, contrasts=CONTRASTS[:1])
    text = answer(results, SETTINGS)[-1]
    assert text == "Reversal cannot be tested: the study's contrasts lack a contrast of the treatment with the model."


def test_methods_name_the_papers_and_the_thresholds_that_were_used(tmp_path: Path) -> None:
    settings = {**SETTINGS, "de": {**SETTINGS["de"], "q": 0.1, "power": 0.9}}
    results = study(tmp_path)
    text = " ".join(methods_text(results, settings))
    for paper in (
        "Love et al. 2014", "Muzellec et al. 2023", "Zhu et al. 2019", "Benjamini and Hochberg 1995", "Berger 1982",
        "Fieller 1954", "Schuirmann 1987",
    ):  # fmt: skip
        assert paper in text
    assert "q < 0.1" in text
    assert "90\u00a0% power" in text
    assert "residual degrees of freedom 15" in text
    assert "0.585 (1.50-fold)" in text
    assert "simulated with known effects (seed 20190523)" in text
    assert len(references(results)) == 8


def test_methods_say_nothing_of_what_was_not_done(tmp_path: Path) -> None:
    results = study(tmp_path, pairs=False, simulated=False)
    text = " ".join(methods_text(results, SETTINGS))
    assert "intersection-union" not in text
    assert "simulated" not in text
    assert not any("Fieller" in reference for reference in references(results))


def test_rounding_and_dropped_features_are_told(tmp_path: Path) -> None:
    results = study(tmp_path, simulated=False, record={"counts": {"rounding": "nearest"}})
    results.intake["dropped"] = {"summary_row": 5, "none": 0}
    text = methods_text(results, SETTINGS)[0]
    assert "rounded to the nearest integer" in text
    assert "Dropped: 5 (summary_row)." in text


def test_title_of_a_simulated_study_says_so_even_when_the_record_forgot() -> None:
    assert page_title({"study": "a", "title": "Spinal cord", "simulated": True}) == "SIMULATED: Spinal cord"
    assert page_title({"study": "a", "title": "SIMULATED: x", "simulated": True}) == "SIMULATED: x"
    assert page_title({"study": "a", "title": "Spinal cord", "simulated": False}) == "Spinal cord"


def test_null_share_of_opposite_signs_follows_from_the_null_correlation(tmp_path: Path) -> None:
    results = study(tmp_path)
    facts = describe_study(results, [], SETTINGS)["reversals"][0]
    assert facts["null_opposite_share"] == pytest.approx(2 / 3)
    results.reversals[PAIR].summary["null_correlation"] = 0.0
    assert describe_study(results, [], SETTINGS)["reversals"][0]["null_opposite_share"] == pytest.approx(0.5)


def test_numbers_in_words() -> None:
    assert [count(1234.4), count(None)] == ["1,234", "?"]
    assert [mean_count(0.15), mean_count(41.34), mean_count(1234.5), mean_count(3.0)] == ["0.15", "41.3", "1,234", "3"]
    assert percent(2 / 3) == "66.7\u00a0%"
    assert [fold(1), fold(-1), fold(float("nan"))] == ["2.00-fold", "2.00-fold", "not known"]
    assert [listing([]), listing(["a"]), listing(["a", "b", "c"])] == ["none", "a", "a, b and c"]
