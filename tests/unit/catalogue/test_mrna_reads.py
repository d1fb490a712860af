"""Studies that begin with mRNA reads: what the record says, and what is refused before the run."""

from __future__ import annotations

import dataclasses
import gzip
import json

import pytest

from acuomics.rnaseq.qc import QcLimits
from acuomics.rnaseq.settings import CountSettings
from tests.conftest import REPO


@pytest.fixture
def reads(make_study):
    """A study of mRNA reads, two files a sample."""

    def make(names=None, **changes):
        study = make_study()
        del study.study["counts"]
        study.study |= {"feature_id": "ensembl_gene", "reads": {"folder": "fastq", **changes}}
        study.write(matrix=False)
        folder = study.data / "fastq"
        folder.mkdir()
        for name in names or [f"{row['sample']}_{mate}.fastq.gz" for row in study.samples for mate in (1, 2)]:
            (folder / name).write_bytes(gzip.compress(b"@r\nACGT\n+\nIIII\n"))
        return study

    return make


@pytest.fixture
def references(tmp_path, default_config):
    (tmp_path / "cdna.fa").write_text(">t gene:g\nACGT\n")
    return default_config["references"] | {"transcriptome": {10116: {"fasta": [str(tmp_path / "cdna.fa")]}}}


def test_the_record_says_where_counts_and_library_come_from(reads, load, references):
    found = load(reads(strand="reverse"), references=references).studies["small"]
    assert found.kind == "reads" and found.counts_files == ["results/small/rnaseq/counts.tsv"]
    assert found.record["feature_id"] == "ensembl_gene"
    assert found.record["counts"]["rounding"] == "nearest" and found.record["counts"]["feature_column"] == "gene"
    library = found.record["reads"]
    assert library["files"]["EA_1"] == ["EA_1_1.fastq.gz", "EA_1_2.fastq.gz"]
    assert {k: v for k, v in library.items() if k != "files"} == {
        "layout": "auto", "strand": "reverse", "fragment_mean": None, "fragment_sd": None,
    }  # fmt: skip


def test_own_reads_of_a_published_study_of_mrna(reads, load, references):
    study = reads()
    own = {"fastq": str(study.data / "fastq"), "samples": str(study.sheet_path)}
    found = load(study, own_data={"small": own}, references=references).studies["small"]
    assert found.counts_files == ["results/small/rnaseq/counts.tsv"] and len(found.reads_files["EA_2"]) == 2
    assert found.record["feature_id"] == "ensembl_gene"


def test_a_species_without_transcripts(reads, the_fault):
    said = the_fault(reads())
    assert "column references.transcriptome.10116: the mRNA reads of small are counted by transcripts" in said
    assert "cdna.all.fa.gz" in said


def test_transcripts_that_are_not_there(reads, the_fault, references):
    references["transcriptome"] = {10116: {"fasta": ["nowhere.fa"], "genes": ""}}
    said = the_fault(reads(), references=references)
    assert "column references.transcriptome.10116.fasta, value 'nowhere.fa': there is no such file" in said


def test_decoys_that_are_not_there(reads, the_fault, references):
    references["transcriptome"][10116]["decoys"] = ["genome.fa"]
    said = the_fault(reads(), references=references)
    assert "column references.transcriptome.10116.decoys, value 'genome.fa': there is no such file" in said


def test_an_engine_without_offsets(reads, load, the_fault, references, default_config):
    study, de = reads(), default_config["de"] | {"engine": "pydeseq2"}
    said = the_fault(study, references=references, de=de)
    assert "column de.engine" in said and "takes no gene lengths" in said
    without = default_config["rnaseq"] | {"length_offsets": False}
    assert load(study, references=references, de=de, rnaseq=without).studies["small"].kind == "reads"


def test_keys_of_the_other_assay_and_samples_that_are_no_file_names(reads, faults, references):
    study = reads(adapter="truseq_small_rna")
    (text,) = faults(study, references=references)
    assert "column reads.adapter" in text and "reads of mrna have no such key" in text


def test_the_study_goes_before_the_configuration(default_config):
    section = default_config["rnaseq"] | {"strand": "forward", "fragment_mean": 150.0, "fragment_sd": 20.0}
    library = {"layout": "single", "strand": None, "fragment_mean": None, "fragment_sd": None}
    told = CountSettings.of(section, library)
    assert (told.layout, told.strand, told.fragments.mean, told.fragments.source) == (
        "single",
        "forward",
        150,
        "declared",
    )
    told = CountSettings.of(section, library | {"strand": "auto", "fragment_mean": 300.0, "fragment_sd": 60.0})
    assert (told.strand, told.fragments.mean, told.fragments.sd) == ("auto", 300.0, 60.0)
    assert CountSettings.of(default_config["rnaseq"], library).fragments.source == "default"


def test_the_schema_knows_every_limit_of_quality_control():
    schema = json.loads((REPO / "workflow" / "schemas" / "config.schema.json").read_text())
    known = schema["properties"]["rnaseq"]["properties"]["limits"]["properties"]
    assert sorted(known) == sorted(field.name for field in dataclasses.fields(QcLimits))
