"""Published claims are looked for in the studies that did not publish them, and the table says where not and why."""

import numpy as np
import pytest

from acuomics.mechanisms.verdicts.vocabulary import Settings
from acuomics.synthesis.elsewhere import Place, Source, count_found, look_elsewhere
from acuomics.synthesis.vocabulary import NOT_LOOKED_FOR, PUBLISHED_ELSEWHERE_COLUMNS
from tests.claims import CONTRASTS, PAIR, SUMMARY, claim, features, table
from tests.claims import record as claims_record

RAT = "Rattus norvegicus"


def place(study="other", species=RAT, level="spinal", log2fc=(1.0, -1.0, 0.02), **changes):
    known = {"species": species, "tissue": {"level": level}, "reversal_pairs": [], "simulated": False}
    content = claims_record(**(known | {"study": study} | changes))
    tables = {row["contrast"]: table(np.array(log2fc), 0.1) for row in content["contrasts"]}
    return Place(content, lambda: (features(len(log2fc)), tables, SUMMARY), dict)


def source(*claims, study="paper", **changes):
    roles = {"ea_vs_rtx": "treatment", "rtx_vs_sham": "model", PAIR: "reversal"}
    known = {"collection": "studies", "species": RAT, "level": "spinal", "has_data": False, "roles": roles}
    return Source(**(known | {"study": study, "claims": claims} | changes))


def look(sources, places, own=None, roles=None):
    found = look_elsewhere(sources, places, roles or {}, own or {}, Settings())
    assert list(found.columns) == list(PUBLISHED_ELSEWHERE_COLUMNS)
    return found


def test_claims_are_held_against_other_studies():
    claims = [claim("c1", 0, "up"), claim("c2", 1, "up"), claim("c3", 2, "up"), claim("c4", 9, "up")]
    table = look([source(*claims)], [place()]).set_index("claim")
    assert table["found"].to_dict() == {
        "c1": "reproduced",
        "c2": "contradicted",
        "c3": "inconclusive",
        "c4": "not_tested:not_measured",
    }
    assert table.loc["c1", "log2fc"] == 1.0 and table.loc["c1", "same_level"]
    assert set(table["contrast"]) == {"ea_vs_rtx"} and set(table["elsewhere"]) == {"other"}


def test_a_study_is_not_elsewhere_to_itself():
    table = look([source(claim("c1"), study="other")], [place()])
    assert table["found"].tolist() == [NOT_LOOKED_FOR] and table["elsewhere"].tolist() == [""]


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"species": "Mus musculus"}, "no study of the run has miRNAs of Rattus norvegicus"),
        ({"assay": "mrna"}, "no study of the run has miRNAs"),
        ({"contrasts": CONTRASTS[:1]}, "with a contrast of this role (treatment)"),
    ],
)
def test_where_nobody_could_look_the_reason_is_given(changes, words):
    table = look([source(claim("c1"))], [place(**changes)])
    assert table["found"].tolist() == [NOT_LOOKED_FOR] and words in table["reason"].iloc[0]


@pytest.mark.parametrize(
    "stated,words",
    [
        (claim("c1", None), "which feature is meant"),
        (claim("c1", 0, None), "nothing that a test could find"),
        (claim("c1", contrast=None, contrast_as_printed="EA tolerance"), "has no role"),
    ],
)
def test_claims_that_nobody_can_look_for(stated, words):
    assert words in look([source(stated)], [place()])["reason"].iloc[0]


def test_a_printed_contrast_may_have_a_role():
    stated = claim("c1", contrast=None, contrast_as_printed="EA vs model")
    assert look([source(stated)], [place()], roles={"EA vs model": "treatment"})["found"].tolist() == ["reproduced"]


def test_other_tissue_is_looked_in_and_flagged():
    table = look([source(claim("c1"))], [place(level="DRG"), place(study="same")])
    assert table[["elsewhere", "same_level"]].values.tolist() == [["other", False], ["same", True]]


def test_claims_without_data_are_claims_and_no_estimates():
    table = look([source(claim("c1", effect="2.1-fold"))], [])
    assert not table["claim_has_data"].iloc[0] and table["effect_claimed"].iloc[0] == "2.1-fold"
    assert np.isnan(float(table["log2fc"].iloc[0] or np.nan))


def test_own_verdicts_stand_beside():
    table = look([source(claim("c1"), has_data=True)], [place()], own={("paper", "c1"): "direction_only"})
    assert table["own_verdict"].tolist() == ["direction_only"]


def test_claims_of_two_papers_with_one_number_are_two():
    table = look([source(claim("c1", 0)), source(claim("c1", 1), study="second")], [place()])
    assert table[["claim_study", "found"]].values.tolist() == [["paper", "reproduced"], ["second", "contradicted"]]


def test_simulated_studies_are_counted_apart():
    table = look([source(claim("c1"))], [place(), place(study="sim", simulated=True)])
    assert count_found(table) == {"real": {"reproduced": 1}, "simulated": {"reproduced": 1}}
    assert count_found(look([source(claim("c1"))], [])) == {"nowhere": {NOT_LOOKED_FOR: 1}}
