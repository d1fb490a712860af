"""The curated tables: they load, they have a hash, and their faults are named."""

import shutil
from pathlib import Path

import pytest

from acuomics.mechanisms.load import load_mechanisms
from acuomics.problems import InputError

TABLES = Path(__file__).parents[3] / "resources" / "mechanisms"


@pytest.fixture
def folder(tmp_path):
    for path in TABLES.glob("*.tsv"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def failure(folder):
    with pytest.raises(InputError) as error:
        load_mechanisms(folder.glob("*.tsv"))
    return str(error.value)


def test_committed_tables_are_sound():
    curated = load_mechanisms(TABLES.glob("*.tsv"))
    assert (len(curated.genes), len(curated.mechanisms), len(curated.mirnas)) == (271, 61, 23)
    assert len(curated.assertions) == 180


def test_committed_tables_name_no_machine_path():
    for path in TABLES.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not any(part in text for part in ("/work/", "/home/", "/tmp/", "/root/"))


def test_hash_depends_on_content_and_on_nothing_else(folder):
    here = load_mechanisms(TABLES.glob("*.tsv")).set_hash
    assert load_mechanisms(sorted(folder.glob("*.tsv"), reverse=True)).set_hash == here
    edit(folder / "levels.tsv", "lamina II", "lamina III")
    assert load_mechanisms(folder.glob("*.tsv")).set_hash != here


def test_missing_table(folder):
    (folder / "mirnas.tsv").unlink()
    assert "mirnas.tsv: the table is missing from the curated set" in failure(folder)


def test_missing_column(folder):
    edit(folder / "mechanisms.tsv", "sign_status", "status_of_sign")
    assert "mechanisms.tsv, column sign_status: the column is missing" in failure(folder)


def test_empty_table(folder):
    (folder / "levels.tsv").write_text("level\tontology_ids\n", encoding="utf-8")
    assert "levels.tsv: the table has no rows" in failure(folder)


def test_no_utf8(folder):
    (folder / "levels.tsv").write_bytes(b"level\tontology_ids\nspinal\t\xff\n")
    assert "levels.tsv: no UTF-8 at byte 26" in failure(folder)


def test_several_faults_are_reported_together(folder):
    edit(folder / "genes.tsv", "EAM:0001\topioid", "EAM:9999\topioid")
    edit(folder / "genes.tsv", "\tweak\t1\t", "\tmedium\t1\t")
    edit(folder / "mirnas.tsv", "MIMAT0000606", "MIMAT606")
    edit(folder / "mechanisms.tsv", "conflict(0|+)", "perhaps")
    message = failure(folder)
    assert "genes.tsv, row 1, column mechanism_id, value 'EAM:9999'" in message
    assert "genes.tsv, row 1, column direction_rule, value 'medium'" in message
    assert "mirnas.tsv, row 1, column mimat, value 'MIMAT606'" in message
    assert "mechanisms.tsv, row 1, column sign_spinal, value 'perhaps': a sign that nobody can read" in message


def test_a_symbol_with_two_ids_is_refused(folder):
    # POMC stands in two mechanisms: giving it another rat id in one of them splits the symbol.
    edit(folder / "genes.tsv", "\t24664\t", "\t999\t")
    assert "column ncbi_rat, value 'Pomc': one symbol has two NCBI Gene ids" in failure(folder)
