"""Which studies are alike: frequency classes, contradictions, and that every trait keeps pools apart."""

import pandas as pd
import pytest

from acuomics.problems import InputError, Problems
from acuomics.synthesis.alike import (
    as_warnings,
    compartment_of,
    frequency_class,
    pool_name,
    read_endpoints,
    read_roles,
    stimulation,
    traits_of,
)
from acuomics.synthesis.vocabulary import FREQUENCY_CLASSES, POOL_KEY, Settings
from tests.realdata import REPO
from tests.synthesis import facts, record

SUMMARY = pd.DataFrame({"contrast": ["ea_vs_model"], "n_numerator": [4], "n_denominator": [6]})


@pytest.mark.parametrize(
    "hertz,expected",
    [
        ([2], "low"),
        ([10], "low"),
        ([15], "intermediate"),
        ([50], "high"),
        ([100, 120], "high"),
        (["2/100"], "alternating"),
        ([2, 100], "several"),
        ([100, "2/120"], "several"),
        ([], "unknown"),
    ],
)
def test_frequencies_have_classes(hertz, expected):
    assert frequency_class(hertz, Settings()) == expected and expected in FREQUENCY_CLASSES


def said(study, arm="EA"):
    problems = Problems()
    found = stimulation(study, study["contrasts"][0] | {"numerator": arm}, Settings(), problems)
    return found, as_warnings(problems)


@pytest.mark.parametrize(
    "stated,arm,expected,source",
    [
        (facts([2]), "EA", "low", "facts"),
        (facts([2, 100]), "EA_2Hz", "low", "name of the arm"),
        (facts([2, 100]), "EA_100_Hz", "high", "name of the arm"),
        (facts([2, 100]), "EA", "several", "facts"),
        (facts(["2/100", 2]), "EA_2_100Hz", "alternating", "name of the arm"),
        (facts(None), "EA", "unknown", ""),
        (facts(None), "EA_2Hz", "low", "name of the arm"),
        # A number before the frequency may be anything: here the day.
        (facts(None), "day7_100Hz", "unknown", ""),
        (facts([], kind="moxibustion"), "moxa", "none", "kind of treatment"),
        (None, "EA", "unknown", ""),
    ],
)
def test_the_facts_decide_and_the_arm_where_they_leave_it_open(stated, arm, expected, source):
    found, warnings = said(record("a", facts=stated), arm)
    assert (found["frequency_class"], found["frequency_from"], warnings) == (expected, source, [])


@pytest.mark.parametrize(
    "stated,arm,words",
    [
        (facts([2], kind="moxibustion"), "moxa", "give moxibustion a frequency"),
        (facts([]), "EA", "has no frequency"),
        (facts([], kind="none"), "EA", "nothing was done"),
        (facts([2]), "EA_100Hz", "names a frequency that the facts do not have"),
    ],
)
def test_contradictions_are_told_and_pooled_with_nothing(stated, arm, words):
    found, warnings = said(record("a", facts=stated), arm)
    assert found["frequency_class"] == "contradictory"
    assert len(warnings) == 1 and words in warnings[0] and "study a" in warnings[0] and "mend:" in warnings[0]
    rows = [dict.fromkeys(POOL_KEY, "x") | {"study": s, "contrast": "c", **found} for s in ("a", "b")]
    assert pool_name(rows[0]) != pool_name(rows[1])


def test_every_trait_keeps_pools_apart():
    base = dict.fromkeys(POOL_KEY, "x") | {"study": "a", "contrast": "c"}
    names = {pool_name(base)} | {pool_name(base | {key: "y"}) for key in POOL_KEY}
    assert len(names) == 1 + len(POOL_KEY)
    assert pool_name(base) == pool_name(base | {"study": "b", "contrast": "d"})


def test_only_treatment_and_specificity_have_traits_and_sizes_are_read():
    contrasts = [
        {
            "contrast": "ea_vs_model",
            "numerator": "EA",
            "denominator": "model",
            "factor": "condition",
            "role": "treatment",
        },
        {
            "contrast": "model_vs_control",
            "numerator": "model",
            "denominator": "c",
            "factor": "condition",
            "role": "model",
        },
    ]
    rows = traits_of(
        record("zou2019", contrasts=contrasts), SUMMARY, {"zou2019": "neuropathic"}, Settings(), Problems()
    )
    assert [row["contrast"] for row in rows] == ["ea_vs_model"]
    assert rows[0]["effective_n"] == pytest.approx(4 / (1 / 4 + 1 / 6))
    assert rows[0]["endpoint"] == "neuropathic"
    other = traits_of(record("own"), SUMMARY, {}, Settings(), Problems())
    assert other[0]["endpoint"] == "as printed: nerve injury"


def test_derived_studies_are_no_bulk():
    assert compartment_of(record("a")) == "bulk"
    assert compartment_of(record("demo_sc_microglia", parent="demo_sc")) == "cells: microglia"
    cells = compartment_of(record("demo_sc_x", parent="demo_sc", cell_type="Microglia"))
    assert cells == "cells: Microglia"


def test_the_tables_of_the_project_are_whole_and_name_studies_that_exist():
    folder = REPO / "resources" / "synthesis"
    endpoints = read_endpoints(str(folder / "endpoints.tsv"))
    known = {path.parent.name for path in (REPO / "resources" / "studies").glob("*/study.yaml")}
    assert len(endpoints) > 40 and set(endpoints) <= known
    assert set(read_roles(str(folder / "roles.tsv")).values()) <= {"model", "treatment", "specificity"}


def test_a_faulty_table_is_refused_with_every_fault(tmp_path):
    (tmp_path / "e.tsv").write_text("study\tendpoint\na\tpain\na\tpain\nb\t\n")
    with pytest.raises(InputError) as caught:
        read_endpoints(str(tmp_path / "e.tsv"))
    text = str(caught.value)
    assert "2 problems" in text and "stands there twice" in text and "row 3" in text
