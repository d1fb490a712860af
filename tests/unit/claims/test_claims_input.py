"""Claims and tables that no verdict can be read from are refused, all faults at once."""

from __future__ import annotations

import pytest

from acuomics.claims.judge import judge_published
from acuomics.problems import InputError
from tests.claims import claim, count_claim, features, record, table


def faults(*claims, tables=None, measured=None):
    tables = {"ea_vs_rtx": table([1.0, 0.0], 0.3)} if tables is None else tables
    with pytest.raises(InputError) as caught:
        judge_published(record(*claims), features=features(2) if measured is None else measured, tables=tables)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "mRNA"}, "not a kind"),
        ({"direction": "Up"}, "did you mean 'up'?"),
        ({"name_status": "fine"}, "not a name_status"),
        ({"effect_log2fc": "2-fold"}, "not a number"),
        ({"effect_log2fc": "-2"}, "against 'up'"),
        ({"count": "4.5"}, "not a whole number"),
        ({"feature": None}, "without its identifier"),
    ],
)
def test_a_fault_of_a_claim_names_claim_and_column(changes, said):
    (found,) = faults(claim("c7", 0, **changes))
    assert said in found
    assert "row c7" in found
    assert f"column {next(iter(changes))}" in found


def test_all_faults_come_at_once():
    lacking = {key: value for key, value in claim("d").items() if key != "threshold"}
    found = faults(claim("a", kind="x"), claim("b"), claim("b"), count_claim("c", 1, count=None), lacking)
    assert len(found) == 4
    assert any("stands there twice" in text for text in found)
    assert any("without its number" in text for text in found)
    assert any("column threshold" in text for text in found)


def test_tables_need_their_columns_and_every_feature_once():
    good = table([1.0, 0.0], 0.3)
    assert "column stat" in faults(claim("a"), tables={"ea_vs_rtx": good.drop(columns="stat")})[0]
    assert "two rows" in faults(claim("a"), tables={"ea_vs_rtx": good.assign(feature="f0")})[0]
    assert "column mimat" in faults(claim("a"), measured=features(2).drop(columns="mimat"))[0]
