"""A reference that is read is held against its pin."""

import csv
import hashlib
from pathlib import Path

import pytest

from acuomics.inputs.pins import pinned

PINS = Path(__file__).resolve().parents[2] / "resources" / "references" / "references.tsv"


def test_the_table_of_pins_is_whole():
    with PINS.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert len({row["reference"] for row in rows}) == len(rows) >= 2
    for row in rows:
        assert all(row.values()) and len(row["sha256"]) == 64 and int(row["bytes"]) > 0


def test_another_file_is_said_to_be_another(tmp_path):
    pins = tmp_path / "pins.tsv"
    content = b"a table"
    digest = hashlib.sha256(content).hexdigest()
    pins.write_text(f"reference\tbytes\tsha256\trelease\nx\t7\t{digest}\tv1\n")
    (tmp_path / "same").write_bytes(content)
    (tmp_path / "other").write_bytes(b"A table")
    same, other = (pinned(tmp_path / name, "x", pins) for name in ("same", "other"))
    assert (same["pinned"], same["release"]) == (True, "v1")
    assert (other["pinned"], other["release"]) == (False, None)
    with pytest.raises(KeyError):
        pinned(tmp_path / "same", "y", pins)
