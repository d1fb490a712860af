"""Tables that no verdict can be read from are refused, all faults at once."""

from __future__ import annotations

import pytest

from acuomics.claims.judge import judge_published
from acuomics.problems import InputError
from tests.claims import claim, features, record, table


def faults(*claims, tables=None, measured=None):
    tables = {"ea_vs_rtx": table([1.0, 0.0], 0.3)} if tables is None else tables
    with pytest.raises(InputError) as caught:
        judge_published(record(*claims), features=features(2) if measured is None else measured, tables=tables)
    return [str(problem) for problem in caught.value.problems]


def test_tables_need_their_columns_and_every_feature_once():
    good = table([1.0, 0.0], 0.3)
    assert "column stat" in faults(claim("a"), tables={"ea_vs_rtx": good.drop(columns="stat")})[0]
    assert "two rows" in faults(claim("a"), tables={"ea_vs_rtx": good.assign(feature="f0")})[0]
    assert "column mimat" in faults(claim("a"), measured=features(2).drop(columns="mimat"))[0]
