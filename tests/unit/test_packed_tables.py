"""Packed tables: the same table gives the same bytes, whenever and under whatever temporary name it was written."""

import gzip
import time

import pandas as pd

from acuomics.files import read_tsv, write_tsv

TABLE = pd.DataFrame({"feature": ["NAN", "b"], "value": [0.1, float("nan")]})


def test_the_same_table_gives_the_same_bytes(tmp_path, monkeypatch):
    write_tsv(TABLE, tmp_path / "early.tsv.gz")
    monkeypatch.setattr(time, "time", lambda: 2.0e9)
    write_tsv(TABLE, tmp_path / "late.tsv.gz")
    assert (tmp_path / "early.tsv.gz").read_bytes() == (tmp_path / "late.tsv.gz").read_bytes()


def test_it_is_the_plain_table_packed(tmp_path):
    write_tsv(TABLE, tmp_path / "plain.tsv")
    write_tsv(TABLE, tmp_path / "packed.tsv.gz")
    assert gzip.decompress((tmp_path / "packed.tsv.gz").read_bytes()) == (tmp_path / "plain.tsv").read_bytes()
    pd.testing.assert_frame_equal(read_tsv(tmp_path / "packed.tsv.gz"), TABLE)
