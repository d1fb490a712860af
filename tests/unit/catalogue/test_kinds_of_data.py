"""What data a study has: counts, reads, statistics, a user's own files, or nothing but claims."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import yaml

FACTS = {
    "row": "D01",
    "status": "needs_accession",
    "status_reason": "nobody has read an accession",
    "identifiers": {"accession": [], "doi": "10.1000/made.up", "pmid": None, "pmcid": None},
    "first_author": "Author A",
    "year": 2019,
    "strain": None,
    "intervention": {
        "kind": "electroacupuncture", "acupoints": ["GB30", "GB34"], "frequency_hz": None, "intensity": None,
        "side": "left", "sham": None, "schedule": "5 weeks",
    },
    "data_class": "sequencing",
    "assay_as_printed": "miRNA-seq",
    "platform": None,
    "arms": None,
    "deposited": None,
    "admits": ["claims_only"],
    "published": "1 up",
    "thresholds": None,
    "evidence": {"read": "abstract", "accession": "none seen"},
}  # fmt: skip

STATISTICS = {
    "path": "table.csv", "format": "csv", "feature_column": "mirna", "log2fc_column": "lfc", "p_column": "p",
    "contrasts": {"ea_vs_model": "after"},
}  # fmt: skip


@pytest.fixture
def published(make_study):
    """A published study without data: facts and contrasts, no sheet."""

    def make(**changes):
        study = make_study("published")
        del study.study["counts"]
        study.study |= {"facts": FACTS, "assay": "mirna", "feature_id": "mirbase_name"} | changes
        study.write(matrix=False)
        study.sheet_path.unlink()
        return study

    return make


def own_counts(study) -> dict[str, str]:
    """The small study's matrix and sheet as files of a user, outside the study's folder."""
    study.data.mkdir(exist_ok=True)
    matrix, sheet = study.root / "mine.tsv", study.root / "my_samples.tsv"
    matrix.write_text(study.matrix_text())
    sheet.write_text("sample\tcondition\n" + "".join(f"{r['sample']}\t{r['condition']}\n" for r in study.samples))
    return {"counts": str(matrix), "samples": str(sheet)}


def own_reads(study, names: list[str]) -> dict[str, str]:
    folder = study.root / "fastq"
    folder.mkdir()
    for name in names:
        with gzip.open(folder / name, "wt") as handle:
            handle.write("@r\nACGT\n+\nIIII\n")
    return {"fastq": str(folder), "samples": own_counts(study)["samples"]}


@pytest.fixture
def references(tmp_path) -> dict[str, object]:
    """A configuration that names miRBase's files; they are not opened before the run."""
    for name in ("mature.fa", "hairpin.fa"):
        (tmp_path / name).write_text(">x\nACGT\n")
    files = {"mirbase_mature": str(tmp_path / "mature.fa"), "mirbase_hairpins": [str(tmp_path / "hairpin.fa")]}
    return {"mirbase_names": "", "other_rna": "", "gene_synonyms": {}, **files}


def test_a_published_study_without_data_has_its_claims_only(published, load):
    study = published()
    found = load(study).studies["published"]
    assert (found.kind, found.counted, found.simulated) == ("claims_only", False, False)
    assert found.counts_files == [] and found.reads_files == {} and found.record["samples"] == []
    assert found.contrasts == ["model_vs_control", "ea_vs_model"]
    assert found.record["facts"]["intervention"]["side"] == "left"


def test_a_study_that_says_nothing_of_data_or_facts_is_refused(published, the_fault):
    study = published()
    del study.study["facts"]
    study.study_path.write_text(yaml.safe_dump(study.study))
    assert "exactly one of counts, reads, cells, statistics and simulation; none is there" in the_fault(study)


def test_own_counts_stand_in_for_a_deposit(published, load):
    study = published()
    own = own_counts(study)
    found = load(study, own_data={"published": own}).studies["published"]
    assert found.kind == "counts" and found.counted
    assert found.counts_files == [own["counts"]]
    assert len(found.record["samples"]) == 9 and found.pairs == ["model_vs_control__ea_vs_model"]
    # The record names the file, and no place of this machine.
    assert found.record["counts"]["path"] == "mine.tsv"
    assert str(study.root) not in str(found.record)
    assert found.record["facts"]["row"] == "D01"


def test_own_reads_are_given_to_their_samples(published, load, references):
    study = published()
    names = [f"{row['sample']}.fastq.gz" for row in study.samples] + ["EA_1_L002.fq.gz", "notes.txt"]
    own = own_reads(study, names)
    found = load(study, own_data={"published": own}, references=references).studies["published"]
    assert found.kind == "reads" and found.counted
    assert [Path(path).name for path in found.reads_files["EA_1"]] == ["EA_1.fastq.gz", "EA_1_L002.fq.gz"]
    assert found.record["reads"]["files"]["control_2"] == ["control_2.fastq.gz"]
    assert found.record["reads"]["adapter"] == "auto"
    assert found.record["feature_id"] == "mimat"
    assert found.counts_files == ["results/published/smallrna/counts.tsv"]


def test_the_longest_name_wins_a_file(published, load, references):
    study = published()
    study.samples = [dict(row) for row in study.samples]
    for row in study.samples:
        row["sample"] = row["sample"].replace("EA_", "model_1-")
    own = own_reads(study, [f"{row['sample']}_x.fastq" for row in study.samples])
    found = load(study, own_data={"published": own}, references=references).studies["published"]
    assert [Path(path).name for path in found.reads_files["model_1"]] == ["model_1_x.fastq"]
    assert [Path(path).name for path in found.reads_files["model_1-2"]] == ["model_1-2_x.fastq"]


def test_samples_without_reads_are_all_named(published, faults, references):
    study = published()
    own = own_reads(study, [f"{row['sample']}.fastq.gz" for row in study.samples[:-2]])
    found = faults(study, own_data={"published": own}, references=references)
    assert len(found) == 2
    assert "no FASTQ file belongs to the sample 'EA_2'" in found[0] and "name its files EA_2.fastq.gz" in found[0]


def test_reads_need_mirbase(published, faults, references):
    study = published()
    own = own_reads(study, [f"{row['sample']}.fastq.gz" for row in study.samples])
    found = faults(study, own_data={"published": own})
    assert len(found) == 2 and all("the reads of published are counted by miRBase" in text for text in found)
    references["mirbase_hairpins"] = ["nowhere.fa"]
    (text,) = faults(study, own_data={"published": own}, references=references)
    assert "column references.mirbase_hairpins, value 'nowhere.fa': there is no such file" in text


def test_paired_files_are_refused(published, faults, references):
    study = published()
    names = [f"{row['sample']}_R{mate}.fastq.gz" for row in study.samples for mate in (1, 2)]
    found = faults(study, own_data={"published": own_reads(study, names)}, references=references)
    assert len(found) == 9 and all("paired files; small RNAs are counted from read 1" in text for text in found)


def test_a_published_study_with_own_data_says_which_sheet_it_needs(published, the_fault):
    study = published()
    own = own_counts(study)
    del own["samples"]
    text = the_fault(study, own_data={"published": own})
    assert "did not say which samples there are" in text
    assert "columns sample and condition with the levels control, model, EA" in text and "SAMPLES=sheet.tsv" in text


@pytest.mark.parametrize(
    ("own", "what"),
    [
        ({"samples": "s.tsv"}, "no data are named"),
        ({"counts": "matrix.xlsx", "samples": "s.tsv"}, "the name does not tell the format"),
        ({"fastq": "nowhere", "samples": "SHEET"}, "there is no such folder of FASTQ files"),
    ],
)
def test_faults_of_own_data(published, faults, own, what):
    study = published()
    sheet = own_counts(study)["samples"]
    own = {key: sheet if value == "SHEET" else value for key, value in own.items()}
    assert any(what in text for text in faults(study, own_data={"published": own}))


def test_own_data_for_a_study_that_is_not_run(make_study, the_fault):
    text = the_fault(make_study().write(), own_data={"smal": {"counts": "x.tsv"}})
    assert "column own_data.smal: own files for a study that is not run" in text and "small" in text


def test_statistics_of_an_unknown_contrast(make_study, the_fault):
    study = make_study()
    del study.study["counts"]
    study.study["statistics"] = STATISTICS | {"contrasts": {"ea_vs_modell": "after"}}
    assert "not a contrast of the study\n      mend: did you mean 'ea_vs_model'?" in the_fault(
        study.write(matrix=False)
    )


def test_statistics_are_found_where_they_were_acquired(make_study, load):
    study = make_study()
    del study.study["counts"]
    study.study["statistics"] = STATISTICS
    study.write(matrix=False)
    found = load(study).studies["small"]
    assert (found.kind, found.counted) == ("statistics", False)
    assert found.counts_files == [str(study.data / "table.csv")]
    (study.folder / "files.tsv").write_text("file\tsample\ntable.csv\t\n")
    assert load(study).studies["small"].counts_files == ["results/small/acquire/table.csv"]
