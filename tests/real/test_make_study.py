"""The anchor study on a user's own files (make study), from FASTQ and from counts to verdicts on its claims."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from acuomics.files import read_tsv
from tests.benchmark.smallrna_reads import simulate
from tests.realdata import REPO
from tests.workflow import environment, write_config

ARMS = ("sham", "RTX", "RTX_EA")
SAMPLES = [(f"{arm}_{number}", arm) for arm in ARMS for number in (1, 2)]
FEATURE_CLAIMS = ["c07", "c08", "c09"]


def make_study(folder, references, *words):
    """Run the command that `make study` runs, in a directory of the user's."""
    config = write_config(folder / "references.yaml", references=references)
    command = [sys.executable, str(REPO / "workflow" / "run.py"), "--cores", "2", "--study", "zou2019", *words]
    command += ["--own-adapter", "", "--snakefile", str(REPO / "Snakefile"), "--directory", str(folder)]
    done = subprocess.run(
        [*command, "--configfile", str(config)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def references(real_data):
    mirbase = real_data / "mirbase"
    return {
        "mirbase_names": str(mirbase / "mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz"),
        "mirbase_mature": str(mirbase / "mature_v22.1_all_species_DNA.fa.gz"),
        "mirbase_hairpins": [str(mirbase / f"hairpin_{species}_v22.fa") for species in ("rno", "mmu", "hsa")],
    }


@pytest.fixture(scope="module")
def from_reads(real_data, references, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "mine").mkdir()
    for number, (sample, _) in enumerate(SAMPLES):
        simulate(folder / "mine" / f"{sample}.fastq.gz", 30_000, 0.001, number, real_data / "mirbase")
    sheet = "sample\tcondition\n" + "".join(f"{sample}\t{arm}\n" for sample, arm in SAMPLES)
    (folder / "samples.tsv").write_text(sheet)
    status, printed = make_study(folder, references, "--own-fastq", "mine", "--own-samples", "samples.tsv")
    assert status == 0, printed
    return folder


def verdicts(folder):
    table = read_tsv(folder / "results" / "zou2019" / "claims" / "verdicts.tsv", dtype=str)
    return table.set_index("claim")["verdict"]


def test_every_claim_of_the_anchor_gets_a_verdict_from_reads(from_reads):
    found = verdicts(from_reads)
    assert len(found) == 9
    assert not found.str.startswith("not_tested").any() and not (found == "name_unresolved").any()
    page = (from_reads / "results" / "report" / "studies" / "zou2019.html").read_text()
    assert "Published claims" in page and "zou2019" in page


def test_the_reads_became_counts_by_accession(from_reads):
    counts = read_tsv(from_reads / "results" / "zou2019" / "smallrna" / "counts.tsv").set_index("mimat")
    assert list(counts.columns) == ["mirna", *(sample for sample, _ in SAMPLES)]
    # 70 % of the reads are of miRNAs; hardly any of them is lost.
    assert (counts.drop(columns="mirna").sum() > 0.95 * 0.7 * 30_000).all()
    assert counts.loc["MIMAT0000892", "mirna"] == "rno-miR-223-3p"


def test_counts_by_name_are_judged_too(from_reads, references, tmp_path):
    counts = read_tsv(from_reads / "results" / "zou2019" / "smallrna" / "counts.tsv")
    counts.drop(columns="mimat").to_csv(tmp_path / "counts.csv", index=False)
    (tmp_path / "samples.tsv").write_text((from_reads / "samples.tsv").read_text())
    status, printed = make_study(tmp_path, references, "--own-counts", "counts.csv", "--own-samples", "samples.tsv")
    assert status == 0, printed
    # Names lead to the same accessions, and the same counts to the same verdicts.
    pd.testing.assert_series_equal(verdicts(tmp_path)[FEATURE_CLAIMS], verdicts(from_reads)[FEATURE_CLAIMS])


def test_own_reads_without_references_say_what_is_missing(from_reads):
    status, printed = make_study(from_reads, {}, "--own-fastq", "mine", "--own-samples", "samples.tsv")
    assert status != 0
    assert "references.mirbase_mature: the reads of zou2019 are counted by miRBase" in printed
    assert "references.mirbase_hairpins" in printed and "Traceback" not in printed
