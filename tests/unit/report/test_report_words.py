"""What the report says in words: numbers beside chance, and never "no change" for "not significant"."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from acuomics.report.answer import answer, keeps_effect, permutation_p
from acuomics.report.methods import methods_text, references
from acuomics.report.read import read_study
from acuomics.report.study import describe_study, page_title
from acuomics.report.words import count, fixed, fold, listing, mean_count, number, percent
from tests.unit.report.fake_results import CONTRASTS, PAIR, SETTINGS, FakeStudy, write_fake_study

UNCHANGED = re.compile(r"no change|unchanged|did not change\b(?! *[;.]?$)|nothing changed", re.IGNORECASE)


def study(tmp_path: Path, **options: object):
    return read_study(write_fake_study(tmp_path, FakeStudy(n_features=600, **options)))


def test_answer_gives_found_beside_expected_and_permuted(tmp_path: Path) -> None:
    results = study(tmp_path)
    items = answer(results, SETTINGS)
    summary = results.reversals[PAIR].summary
    # Reversal first, then its null, then a contrast an item, then the power.
    assert len(items) == 2 + 3 + 1
    assert items[0].startswith(f"**Reversal: {summary['reversed']} of {summary['n_tested']}** tested genes")
    assert f"would report {summary['nominal_venn_opposite']}." in items[0]
    assert "(20 of 923 other labelings) the test calls 0.15 on average" in items[1]
    assert "p = 0.048, the floor of 20 draws" in items[1]
    row = results.summary.iloc[0]
    assert items[2].startswith(f"**RTX / control: {row['n_q']} of {row['n_tested']}** tested genes changed at q < 0.05")
    assert f"p < 0.05 holds for {row['n_p05']}, by chance alone for {round(row['expected_p05'])}" in items[2]
    assert f"{2 ** row['median_detectable_log2fc']:.2f}-fold" in items[-1]


def test_a_permutation_p_above_the_floor_is_not_called_the_floor() -> None:
    at = {"draws": 20, "p": 1 / 21, "smallest_p": 1 / 21}
    assert permutation_p(at) == "p = 0.048, the floor of 20 draws: no smaller p is possible"
    assert permutation_p({**at, "p": 3 / 21}) == "p = 0.14, where the floor of 20 draws is 0.048"


def test_mean_of_relabelings_is_explained(tmp_path: Path) -> None:
    results = study(tmp_path)
    assert "keep part of the planted treatment effect" in keeps_effect(results, PAIR)
    real = study(tmp_path / "real", simulated=False)
    assert keeps_effect(real, PAIR).startswith("where the treatment has a true effect, relabelings keep part of it")
    assert "conservative" in keeps_effect(real, PAIR)
    results.reversals[PAIR].summary["permutations"] = {}
    assert keeps_effect(results, PAIR) == ""


def test_nothing_significant_is_never_called_unchanged(tmp_path: Path) -> None:
    text = " ".join(answer(study(tmp_path, signal=False, seed=5), SETTINGS))
    assert text.count("was detected as changed at q < 0.05 and this power") == 3
    assert "was detected as reversed" in text
    assert not UNCHANGED.search(text)
    assert "what was not detected at this power may still have changed" in text


def test_counts_no_better_than_chance_are_said_to_be_so(tmp_path: Path) -> None:
    results = study(tmp_path)
    results.summary.loc[0, ["n_p05", "expected_p05"]] = [20, 28.0]
    assert "p < 0.05 holds for 20, no more than the 28 of chance alone" in answer(results, SETTINGS)[2]


def test_missing_pair_is_explained_by_the_roles(tmp_path: Path) -> None:
    results = study(tmp_path, pairs=False, contrasts=CONTRASTS[:1])
    text = answer(results, SETTINGS)[0]
    assert (
        text == "**Reversal** cannot be tested: the study's contrasts lack a contrast of the treatment with the model."
    )


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


def test_methods_say_where_counts_come_from(tmp_path: Path) -> None:
    deposited = study(tmp_path, simulated=False)
    assert "were taken as deposited" in methods_text(deposited, SETTINGS)[0]
    facts = {"engine": "native", "reference": {"matures": 764, "hairpins": 495}}
    record = {**deposited.record, "assay": "mirna", "reads": {"folder": "fastq"}}
    text = methods_text(replace(deposited, record=record, reads_facts=facts), SETTINGS)[0]
    assert "were made of the reads" in text and "764 miRNAs and their 495 precursors" in text
    assert "deposited" not in text
    cells = replace(deposited, record={**deposited.record, "parent": "sc"})
    assert "sums over the cells of one type" in methods_text(cells, SETTINGS)[0]
    quantified = {"engine": "salmon", "version": "1.10.1", "transcripts": {"fasta": "cdna.fa.gz"}}
    quantified["decoys"] = {"fasta": "genome.fa.gz"}
    genes = replace(deposited, record={**record, "assay": "mrna"}, reads_facts=quantified)
    text = methods_text(genes, SETTINGS)[0]
    assert "quantified by salmon 1.10.1 (Patro et al. 2017), with the genome (genome.fa.gz) as decoys" in text
    assert any("Patro R" in paper for paper in references(genes))


def test_title_of_a_simulated_study_says_so_even_when_the_record_forgot() -> None:
    assert page_title({"study": "a", "title": "Spinal cord", "simulated": True}) == "SIMULATED: Spinal cord"
    assert page_title({"study": "a", "title": "SIMULATED: x", "simulated": True}) == "SIMULATED: x"
    assert page_title({"study": "a", "title": "Spinal cord", "simulated": False}) == "Spinal cord"


def test_null_share_of_opposite_signs_follows_from_the_null_correlation(tmp_path: Path) -> None:
    results = study(tmp_path)
    facts = describe_study(results, [], SETTINGS)["reversals"][0]
    assert facts["null_opposite_share"] == pytest.approx(2 / 3)
    assert "correlate at −0.50 and 66.7\u00a0% of all features" in " ".join(methods_text(results, SETTINGS))
    results.reversals[PAIR].summary["null_correlation"] = -0.25
    facts = describe_study(results, [], SETTINGS)["reversals"][0]
    # The angle between two normals of correlation -0.25 by another way: the share is arccos(r) / pi.
    assert facts["null_opposite_share"] == pytest.approx(math.acos(-0.25) / math.pi)
    text = " ".join(methods_text(results, SETTINGS))
    assert "correlate at −0.25 and 58.0\u00a0% of all features" in text
    assert "two thirds" not in text
    results.reversals[PAIR].summary["null_correlation"] = None
    assert "None" not in " ".join(methods_text(results, SETTINGS))


def test_numbers_in_words() -> None:
    assert [count(1234.4), count(None)] == ["1,234", "?"]
    assert [mean_count(0.15), mean_count(41.34), mean_count(1234.5), mean_count(3.0)] == ["0.15", "41.3", "1,234", "3"]
    assert [percent(2 / 3), percent(0.5, 1)] == ["66.7\u00a0%", "50.0\u00a0%"]
    assert [fixed(2, 1), fixed(0.05 * 53, 1), fixed(1234.56, 1), fixed(-0.04, 1), fixed(-0.5, 3), fixed(None, 1)] == [
        "2.0", "2.6", "1,234.6", "0.0", "−0.500", "–",
    ]  # fmt: skip
    assert [number(-0.5), number(1e-5), number(None)] == ["−0.5", "1e-05", "not known"]
    assert [fold(1), fold(-1), fold(float("nan"))] == ["2.00-fold", "2.00-fold", "not known"]
    assert [listing([]), listing(["a"]), listing(["a", "b", "c"])] == ["none", "a", "a, b and c"]
