"""The command that lists the published studies: what it writes and prints, and what it refuses."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from acuomics.catalogue.__main__ import STUDIES, main
from acuomics.catalogue.overview import as_text, as_tsv

REPO = Path(__file__).resolve().parents[3]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.fixture
def three(tmp_path):
    """Copies of three published studies and of the claims of other papers."""
    for name in ("zou2019", "liu2023_migraine", "hammer2010"):
        shutil.copytree(STUDIES / name, tmp_path / "studies" / name)
    shutil.copy(STUDIES / "other_papers.tsv", tmp_path / "studies")
    return tmp_path / "studies"


def run(studies: Path, capsys) -> tuple[int, str, str]:
    code = main(["--studies", str(studies), "--results", str(studies.parent / "results")])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_from_another_directory_all_is_listed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "acuomics.catalogue"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPO / "workflow"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "51 studies: 1 ready, 1 statistics_only, 27 needs_accession, 13 not_sequencing, 9 not_acup" in done.stdout
    assert "106 collected claims as 141 claims" in done.stdout
    assert "miR-81 (other_species; PMID:35722406)" in done.stdout
    line = next(line for line in done.stdout.splitlines() if line.startswith("srp048215"))
    assert line.split()[:3] == ["srp048215", "D28", "R."] and " ready " in line and "SRA under SRP048215" in line
    studies = table(tmp_path / "results" / "catalogue" / "studies.tsv")
    claims = table(tmp_path / "results" / "catalogue" / "claims.tsv")
    assert len(studies) == 51 and len(claims) == 141
    assert sum(int(row["n_claims"]) for row in studies) == sum(row["study"] != "NA" for row in claims) == 127


def test_reporting_is_counted_among_those_it_can_be_asked_of(three, capsys):
    assert run(three, capsys)[0] == 0
    rows = {row["practice"]: row for row in table(three.parent / "results" / "catalogue" / "reporting.tsv")}
    # hammer2010 has no stimulation, liu2023_migraine no current.
    assert rows["accession seen"] == {
        "practice": "accession seen",
        "among": "stimulated",
        "of": "2",
        "stated": "1",
        "studies": "liu2023_migraine",
    }
    assert (rows["frequency stated"]["of"], rows["frequency stated"]["stated"]) == ("1", "0")
    assert rows["libraries of every arm stated"]["studies"] == "liu2023_migraine"


def test_an_error_rate_in_the_rule_is_seen(three, capsys):
    path = three / "zou2019" / "study.yaml"
    path.write_text(path.read_text().replace("thresholds: null", "thresholds: FDR < 0.05"))
    assert run(three, capsys)[0] == 0
    rows = {row["practice"]: row for row in table(three.parent / "results" / "catalogue" / "reporting.tsv")}
    assert rows["rule controls an error rate (FDR)"]["studies"] == "zou2019"


def test_all_faults_of_all_studies_at_once_and_nothing_written(three, capsys):
    zou, hammer = three / "zou2019", three / "hammer2010" / "study.yaml"
    hammer.write_text(hammer.read_text().replace("row: C01", "row: D01").replace("taxon: 10116", "taxon: rat"))
    claims = (zou / "claims.tsv").read_text()
    (zou / "claims.tsv").write_text(claims.replace("ea_vs_rtx\t", "ea_vs_model\t", 1))
    code, out, err = run(three, capsys)
    assert code == 1 and out == "" and not (three.parent / "results").exists()
    assert "2 problems with the input; nothing was written" in err
    assert "column taxon" in err and "value 'ea_vs_model'" in err and "Traceback" not in err


def test_two_studies_of_one_row(three, capsys):
    hammer = three / "hammer2010" / "study.yaml"
    hammer.write_text(hammer.read_text().replace("row: C01", "row: D01"))
    code, _, err = run(three, capsys)
    assert code == 1 and "the row of the catalogue is that of hammer2010 too" in err


def test_a_folder_that_was_renamed(three, capsys):
    (three / "zou2019").rename(three / "zou_2019")
    code, _, err = run(three, capsys)
    assert code == 1 and "must repeat the name of the folder, 'zou_2019'" in err


def test_a_folder_without_studies(tmp_path, capsys):
    code, _, err = run(tmp_path / "nothing", capsys)
    assert code == 1 and "there is no study here" in err


def test_merged_and_uncollected_claims_are_told(three, capsys):
    path = three / "zou2019" / "claims.tsv"
    lines = path.read_text().splitlines()
    cells = [line.split("\t") for line in lines]
    cells[1][1], cells[2][1] = "1;2", "NA"
    path.write_text("\n".join("\t".join(row) for row in cells) + "\n")
    _, out, _ = run(three, capsys)
    assert "1 claims merged from several rows, 1 not collected" in out


def test_text_is_cut_to_a_terminal_and_whole_elsewhere():
    rows = [{"a": "x" * 40, "b": "y" * 40}, {"a": None, "b": "z"}]
    assert as_text(rows, ["a", "b"], None).splitlines()[1] == "x" * 40 + "  " + "y" * 40
    assert as_text(rows, ["a", "b"], 30).splitlines()[1:] == ["x" * 18 + "…  " + "y" * 8 + "…", " " * 21 + "z"]


def test_a_cell_never_breaks_a_row():
    assert as_tsv([{"a": "one\ttwo\nthree", "b": None}], ["a", "b"]) == "a\tb\none two three\tNA\n"
