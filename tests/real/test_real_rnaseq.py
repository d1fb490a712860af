"""Real mRNA reads (airway, chromosome 1, paired): counted, gathered, and the figures that must hold."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from acuomics.rnaseq.index import write_index
from acuomics.rnaseq.run import GatheredPaths, count_sample, gather_study
from acuomics.rnaseq.settings import CountSettings
from tests.conftest import REPO

RESOURCES = REPO / "resources" / "rnaseq"
SAMPLES = ("SRR1039508", "SRR1039512")


@pytest.fixture(scope="module")
def airway(request, tmp_path_factory):
    folder = request.getfixturevalue("real_data") / "fastq_mrna"
    if not folder.is_dir():
        pytest.skip(f"no real mRNA reads: {folder}")
    fasta, out = folder / "Homo_sapiens.GRCh38.cdna.all.1.1.10M.fa.gz", tmp_path_factory.mktemp("airway")
    write_index(fasta, None, out / "index")
    index = out / "index" / "index.json"
    counted = {}
    for sample in SAMPLES:
        files = [folder / f"{sample}_R{mate}.fastq.gz" for mate in (1, 2)]
        counted[sample] = out / f"{sample}.tsv", out / f"{sample}.json"
        settings = CountSettings(sampled=5000)
        count_sample(sample, files, index, fasta, RESOURCES / "adapters.tsv", *counted[sample], settings=settings)
    paths = GatheredPaths(*(out / name for name in ("counts.tsv", "lengths.tsv", "tpm.tsv", "qc.tsv", "f.json", "m")))
    gather_study(counted, index, RESOURCES / "markers.tsv", 9606, {}, paths)
    return out


def test_reads_of_this_chromosome_are_found_on_its_transcripts(airway):
    samples = json.loads((airway / "f.json").read_text())["samples"]
    assert samples["SRR1039508"]["fragments"] == 47_861
    assert all(0.85 < s["mapping"] < 0.95 and s["positions"]["mismatches"] < 0.015 for s in samples.values())
    assert all(s["strand"]["strand"] == "unstranded" and s["strand"]["clear"] for s in samples.values())
    assert all(130 < s["fragment_mean"] < 200 for s in samples.values())


def test_counts_lengths_and_qc(airway):
    counts, lengths = (pd.read_csv(airway / f"{x}.tsv", sep="\t", index_col="gene") for x in ("counts", "lengths"))
    counts = counts.drop(columns="symbol")
    assert counts.shape == lengths.shape == (182, 2) and counts.index.str.fullmatch(r"ENSG\d{11}").all()
    assert (lengths > 0).all(axis=None)
    facts = json.loads((airway / "f.json").read_text())["samples"]
    for sample in SAMPLES:
        assert counts[sample].sum() == pytest.approx(facts[sample]["mapped"], abs=1)
    qc = pd.read_csv(airway / "qc.tsv", sep="\t", index_col="sample")
    # A tenth of a chromosome is no library to test, and has no genes of sex, of blood or of ribosomes.
    assert (qc["verdict"] == "reject").all() and qc["reasons"].str.contains("fragments found").all()
    assert (qc["sex_seen"] == "not_available").all() and qc[["rrna", "haemoglobin"]].isna().all(axis=None)
    assert qc["q30"].gt(0.9).all() and qc["place"].between(0.4, 0.7).all()
