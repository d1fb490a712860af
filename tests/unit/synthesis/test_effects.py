"""One effect a study: which contrast is taken, and which genes have an estimate that counts."""

import numpy as np
import pandas as pd
import pytest

from acuomics.problems import InputError
from acuomics.synthesis.effects import choose_contrasts, effects_of, same_animals
from tests.claims import table
from tests.synthesis import facts, record, trait


def chosen(rows, *studies):
    return choose_contrasts(rows, {study["study"]: study for study in studies})


def test_of_several_contrasts_of_a_study_one_is_taken_and_the_reason_given():
    rows = [trait("a", 6, contrast="ea2"), trait("a", 9, contrast="ea1"), trait("a", 6, contrast="other", pool="q")]
    found = chosen(rows, record("a"))
    assert [row["taken"] for row in found] == [False, True, True]
    assert "ea1" in found[0]["why_taken"] and "share animals" in found[0]["why_taken"]
    assert "most samples" in found[1]["why_taken"] and "only contrast" in found[2]["why_taken"]


def test_of_equals_the_first_is_taken():
    found = chosen([trait("a", 8, contrast="x"), trait("a", 8, contrast="b")], record("a"))
    assert [row["taken"] for row in found] == [True, False]


@pytest.mark.parametrize("known", [{"accession": ["GSE1"]}, {"doi": "10.1/x"}, {"pmid": "7"}])
def test_the_same_animals_count_once(known):
    one, other = record("a", facts=facts([2], **known)), record("b", facts=facts([2], **known))
    found = chosen([trait("a", 6), trait("b", 9)], one, other)
    assert [row["taken"] for row in found] == [False, True] and "animals are those of b" in found[0]["why_taken"]
    assert not same_animals(one, record("c"))


def test_studies_that_read_the_same_samples_of_one_file_count_once():
    one, other = (record(name, counts={"path": "m.tsv"}, samples=[{"sample": "s1"}, {"sample": name}]) for name in "ab")
    assert same_animals(one, other)
    assert not same_animals(one, other | {"samples": [{"sample": "x"}]})


def test_unknown_numbers_of_samples_cannot_be_weighed():
    found = chosen([trait("a", float("nan"))], record("a"))
    assert not found[0]["taken"] and "not known" in found[0]["why_taken"]


def taken_effects(de, simulated=False, **features):
    n = len(de)
    frame = {"feature": de["feature"], "mapping": "identity", "ncbi_gene": [str(i) for i in range(n)]}
    frame |= {"ensembl_gene": None, "mimat": None, **features}
    row = trait("a", family="simulated" if simulated else "real")
    return effects_of(row, de.assign(symbol="x"), pd.DataFrame(frame), 0.95)


def test_what_cannot_be_pooled_is_dropped_and_counted():
    de = table(np.full(8, 0.5), 0.2)
    de.loc[0, "log2fc_se"] = 0.0
    de.loc[1, "log2fc_se"] = np.nan
    de.loc[2, ["log2fc", "p"]] = [0.0, 1.0]
    de.loc[3, "p"] = np.nan
    de.loc[4, "log2fc"] = np.nan
    ids = ["1", "2", "3", "4", "5", None, "9", "9"]
    mapping = ["identity"] * 8
    found, losses = taken_effects(de.assign(base_mean=[1, 1, 1, 1, 1, 1, 5.0, 7.0]), ncbi_gene=ids, mapping=mapping)
    dropped = {"no_standard_error": 2, "not_expressed": 1, "no_p_value": 1, "no_estimate": 1, "no_identifier": 1}
    assert losses["dropped"] == dropped | {"shares_identifier": 1}
    assert (losses["n_in"], losses["n_out"]) == (8, 1) == (8, len(found))
    assert losses["n_in"] - losses["n_out"] == sum(losses["dropped"].values())
    # Of the two of gene 9 the one with most reads.
    assert found["feature"].tolist() == ["f7"]
    assert found["ci_high"][0] == pytest.approx(0.5 + 1.959964 * 0.2, rel=1e-6)


def test_a_study_without_any_standard_error_has_no_effect():
    found, losses = taken_effects(table(np.full(5, 0.5), 0.2).assign(log2fc_se=np.nan))
    assert found.empty and losses["dropped"] == {"no_standard_error": 5}


def test_a_name_is_an_identifier_of_invented_features_only():
    de = table(np.full(3, 0.5), 0.2)
    assert taken_effects(de, ncbi_gene=None)[0].empty
    invented, _ = taken_effects(de, simulated=True, ncbi_gene=None)
    assert invented["identifier_kind"].tolist() == ["invented"] * 3
    ensembl, _ = taken_effects(de, ncbi_gene=None, ensembl_gene=["E1", "E2", "E3"])
    assert ensembl["identifier"].tolist() == ["E1", "E2", "E3"]


def test_broken_tables_are_refused_with_every_fault():
    de = table(np.full(3, 0.5), 0.2).drop(columns=["log2fc_se", "q"])
    with pytest.raises(InputError) as caught:
        taken_effects(de, feature=["f0", "f0", "f1"])
    text = str(caught.value)
    assert "column log2fc_se" in text and "column q" in text and "two rows" in text and "ea_vs_model" in text
