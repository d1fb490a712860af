"""A reference that is read is held against its pin."""

import csv
import gzip
import hashlib
from pathlib import Path

import pytest

from acuomics.inputs.pins import pinned

PINS = Path(__file__).resolve().parents[2] / "resources" / "references" / "references.tsv"


#: Where the bytes of each pin lie among the real data; what has a url is gzipped there, and pinned without that.
FILES = {
    "mirtarbase_functional": "targets/miRTarBase_functional_MTI_hsa_mmu_rno.tsv.gz",
    "mirbase_name_history": "mirbase/mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz",
    "mirbase_old_names": "mirbase/mirbase_alias_oldname_to_v22_hsa_mmu_rno.tsv",
    "mirbase_withdrawn": "mirbase/mirbase_dead_accessions_hsa_mmu_rno.tsv",
    "mirbase_mature_v22_1": "mirbase/mature_v22.1_all_species_DNA.fa.gz",
    "annotables_rnor6": "genes/annotables_rnor6.tsv.gz",
    "annotables_grcm38": "genes/annotables_grcm38.tsv.gz",
    "annotables_grch38": "genes/annotables_grch38.tsv.gz",
    "gene_synonyms": "genes/geneinfo_synonyms_hsa_mmu_rno.tsv.gz",
}


def pins():
    with PINS.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_the_table_of_pins_is_whole():
    rows = pins()
    assert len({row["reference"] for row in rows}) == len(rows)
    for row in rows:
        # Live files, and releases that nobody has retrieved yet, must say where they are.
        later = "recorded on first retrieval" in row["how"]
        missing = {"commit", "bytes", "sha256", "retrieved_on"} if later else {"url"}
        assert {name for name, value in row.items() if not value} <= missing, row["reference"]
        assert later == (not row["sha256"]) == (not row["bytes"]) and (later or row["release"] != "live")
        assert row["url"].startswith("https://") or not row["url"]
        assert row["url"] or not later
        if row["commit"] and row["url"]:
            repository = row["source"].removeprefix("github.com/")
            tail = f"{repository}/{row['commit']}/{row['path_in_source']}"
            assert row["url"] == f"https://raw.githubusercontent.com/{tail}"
        if not later:
            assert len(row["sha256"]) == 64 and int(row["bytes"]) > 0 and len(row["commit"]) == 40


def test_the_pins_are_those_of_the_real_files(real_data):
    rows = {row["reference"]: row for row in pins() if row["release"] != "live"}
    # Pins of other stages are theirs to check.
    assert set(FILES) <= set(rows)
    for reference, name in FILES.items():
        content = (real_data / name).read_bytes()
        if rows[reference]["url"]:
            content = gzip.decompress(content)
        assert len(content) == int(rows[reference]["bytes"]), reference
        assert hashlib.sha256(content).hexdigest() == rows[reference]["sha256"], reference


def test_a_live_file_is_never_called_pinned(tmp_path):
    (tmp_path / "aliases.txt").write_text("MIMAT0000606\trno-miR-7a;\n")
    said = pinned(tmp_path / "aliases.txt", "mirbase_aliases", PINS)
    assert (said["pinned"], said["release"]) == (False, None)


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
