"""Reference tables are fetched by the same rules as deposits, from the rows that have an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from acuomics.acquire.command import main
from acuomics.acquire.references import reference_deposits
from acuomics.problems import Problems

REPO = Path(__file__).resolve().parents[3]
PINS = REPO / "resources" / "references" / "references.tsv"


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Two references with an address on this machine, one without."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.fa").write_text(">a\nACGT\n")
    rows = ["reference\turl\tbytes\tsha256\thow\tretrieved_on", f"mature\t{tmp_path / 'there.fa'}\t\t\tas it is\t"]
    rows += ["derived\t\t12\tab\tmade with R; the user places it\t"]
    (tmp_path / "references.tsv").write_text("\n".join(rows) + "\n")
    return tmp_path / "references.tsv"


def test_every_reference_with_an_address_gets_a_name_of_its_own():
    problems = Problems()
    deposits = reference_deposits(PINS, [], problems)
    assert not problems.found
    names = [deposit.file for deposit in deposits]
    assert len(set(names)) == len(names) and {"mirbase_mature.fa", "mirbase_aliases.txt"} <= set(names)
    assert all(deposit.url.startswith("https://") for deposit in deposits)


def test_a_reference_is_recorded_on_first_retrieval_and_held_to_it(table, tmp_path, capsys):
    call = ["references", "--table", str(table), "--into", "references", "--name", "mature"]
    assert main(call) == 0
    assert (tmp_path / "references" / "mature.fa").read_text() == ">a\nACGT\n"
    assert "references\tmature.fa" in (tmp_path / "acquired.tsv").read_text()
    (tmp_path / "references" / "mature.fa").unlink()
    (tmp_path / "there.fa").write_text(">a\nACGA\n")
    assert main(call) == 1
    assert "the deposit changed" in capsys.readouterr().err
    assert not (tmp_path / "references" / "mature.fa").exists()


def test_a_reference_without_an_address_says_how_to_get_it(table, capsys):
    call = ["references", "--table", str(table), "--into", "references", "--name", "derived", "--name", "matur"]
    assert main(call) == 1
    said = capsys.readouterr().err
    assert "derived cannot be fetched" in said and "made with R" in said
    assert "there is no such reference" in said and "did you mean 'mature'" in said
