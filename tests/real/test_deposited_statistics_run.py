"""GSE198274 through the whole workflow: a table of statistics is fetched, recounted and judged, and never modelled."""

from __future__ import annotations

import json
import shutil

import pytest

from acuomics.files import read_tsv
from tests.outputs import faults
from tests.realdata import REPO
from tests.workflow import snakemake, write_config

STUDY = "liu2023_migraine"


@pytest.fixture(scope="module")
def run(real_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("statistics")
    study = folder / "studies" / STUDY
    shutil.copytree(REPO / "resources" / "studies" / STUDY, study)
    table = (study / "files.tsv").read_text().splitlines()
    cells = dict(zip(table[0].split("\t"), table[1].split("\t"), strict=True))
    # The same row, with the file on this machine in the place of its address; size and hash stay those of the table.
    cells |= {"url": str(real_data / "gse198274" / cells["file"]), "source": "local"}
    (study / "files.tsv").write_text(table[0] + "\n" + "\t".join(cells.values()) + "\n")
    config = write_config(folder / "c.yaml", studies=[STUDY], study_folders=[str(folder / "studies")])
    done = snakemake(folder, config=config)
    assert done.returncode == 0, done.stdout
    return folder / "results"


def test_every_column_that_is_written_is_described(run):
    assert faults(run) == []


def test_the_recount(run):
    counts = read_tsv(run / STUDY / "intake" / "recount.tsv").set_index("contrast")
    after = counts.loc["after_vs_before"]
    assert (after["n_p05"], after["n_tested"], after["n_q05"]) == (65, 1114, 0)
    assert after["expected_p05"] == pytest.approx(55.7)
    assert counts.loc["before_vs_healthy", "n_q05"] == 38


def test_nothing_is_modelled(run):
    assert json.loads((run / STUDY / "intake" / "intake.json").read_text())["inference"] == ["recount_of_statistics"]
    assert not (run / STUDY / "de").exists()
    assert len(read_tsv(run / "mechanisms" / "verdicts.tsv")) == 0


def test_the_page_says_what_the_table_admits(run):
    page = (run / "report" / "index.html").read_text()
    assert "65 of 1,114 features have a deposited p below 0.05, where chance gives 55.7; 0 remain" in page
    verdicts = read_tsv(run / STUDY / "claims" / "verdicts.tsv", dtype=str)
    assert len(verdicts) == 16 and verdicts["verdict"].notna().all()
