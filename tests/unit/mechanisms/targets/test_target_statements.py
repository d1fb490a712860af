"""One-step statements: every word of the vocabulary, and none that says too much."""

import pandas as pd
import pytest

from acuomics.mechanisms.targets.statements import STATEMENTS, state_one_step
from acuomics.problems import InputError


def targets(effect_level="both"):
    return pd.DataFrame(
        {
            "species": 10116,
            "mimat": "MIMAT0000606",
            "mirna": "rno-miR-7a-5p",
            "target_ncbi": ["24766", "24225"],
            "symbol": ["Scn2b", "Bdnf"],
            "strength": "strong",
            "effect_level": effect_level,
            "pmids": "23861446",
        }
    )


def state(mirna=(1.5, 0.01), gene=(-1.0, 0.01), levels=("spinal", "spinal"), effect_level="both", sets=None):
    mirnas = pd.DataFrame({"mimat": ["MIMAT0000606"], "log2fc": [mirna[0]], "q": [mirna[1]]})
    genes = None
    if gene is not None:
        genes = pd.DataFrame({"ncbi_gene": ["24766"], "log2fc": [gene[0]], "q": [gene[1]]})
    sets = sets or {"EAM:1012": ["24766"]}
    return state_one_step(
        targets(effect_level), mirnas, genes, sets, mirna_level=levels[0], gene_level=levels[1], rate=0.05
    )


CASES = {
    "opposite_direction": {},
    "same_direction": {"gene": (1.0, 0.01)},
    "different_level": {"levels": ("spinal", "DRG")},
    "target_not_measured": {"gene": None, "levels": ("spinal", None)},
    "target_not_tested": {"gene": (-1.0, float("nan"))},
    "target_not_significant": {"gene": (-1.0, 0.5)},
    "mirna_not_tested": {"mirna": (1.0, float("nan"))},
    "mirna_not_significant": {"mirna": (1.0, 0.9)},
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_statement(statement):
    table = state(**CASES[statement])
    assert list(table["statement"]) == [statement]
    assert table["note"][0]


def test_direction_counts_both_ways():
    assert list(state(mirna=(-1.0, 0.01), gene=(1.0, 0.01))["statement"]) == ["opposite_direction"]


def test_opposite_direction_has_no_p_and_says_why():
    table = state()
    assert "p" not in table.columns
    assert "no p value: the animals are not matched" in table["note"][0]


@pytest.mark.parametrize("case", ["same_direction", "target_not_significant", "target_not_measured"])
def test_a_silent_mrna_refutes_nothing(case):
    assert "absence of mRNA change does not refute a miRNA claim" in state(**CASES[case])["note"][0]


def test_an_effect_on_the_protein_is_told():
    assert "on the protein only" in state(gene=(0.1, 0.9), effect_level="protein")["note"][0]
    assert "on the protein only" not in state(gene=(0.1, 0.9))["note"][0]


def test_a_target_of_two_mechanisms_has_two_rows_and_others_have_none():
    table = state(sets={"EAM:1012": ["24766"], "EAM:0001": ["24766"], "EAM:0002": ["7"]})
    assert list(table["mechanism_id"]) == ["EAM:0001", "EAM:1012"]


def test_an_identifier_twice_is_refused():
    twice = pd.DataFrame({"mimat": ["M", "M"], "log2fc": [1.0, 2.0], "q": [0.1, 0.1]})
    with pytest.raises(InputError, match="column mimat, value 'M': the identifier stands there twice"):
        state_one_step(targets(), twice, None, {}, mirna_level="spinal", gene_level=None, rate=0.05)
