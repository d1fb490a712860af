"""The parts of the stage that need no program: pairs of files, whole reading, transcripts, sex, strand, limits."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from acuomics.problems import InputError, Problems
from acuomics.rnaseq import engines
from acuomics.rnaseq.fastq import scan_file, scan_sample
from acuomics.rnaseq.genes import summarise_genes
from acuomics.rnaseq.index import write_index
from acuomics.rnaseq.library import describe_library, read_adapters
from acuomics.rnaseq.markers import check_sex, marked_genes, read_markers
from acuomics.rnaseq.qc import judge
from acuomics.rnaseq.runs import Run, pair_files
from acuomics.rnaseq.strand import call_strand
from acuomics.rnaseq.transcripts import read_transcripts
from tests.conftest import REPO

RESOURCES = REPO / "resources" / "rnaseq"


# Files to runs


@pytest.mark.parametrize(
    "names",
    [
        ("a_1.fastq.gz", "a_2.fastq.gz"),
        ("a_R1.fq", "a_R2.fq"),
        ("a_L001_R1_001.fastq.gz", "a_L001_R2_001.fastq.gz"),
        ("a.1.fq.gz", "a.2.fq.gz"),
    ],
)
def test_mates_find_each_other(names):
    problems = Problems()
    runs = pair_files("a", names[::-1], problems)
    assert not problems.found and [tuple(p.name for p in run.files) for run in runs] == [names]


def test_runs_and_lanes_are_kept_apart():
    problems = Problems()
    names = [f"a_L00{lane}_R{mate}_001.fastq.gz" for lane in (2, 1) for mate in (2, 1)]
    runs = pair_files("a", names, problems)
    assert [run.first.name for run in runs] == ["a_L001_R1_001.fastq.gz", "a_L002_R1_001.fastq.gz"]
    assert all(run.second is not None for run in runs) and not problems.found
    assert [run.second for run in pair_files("a", ["a.fastq.gz", "b.fq"], problems)] == [None, None]


@pytest.mark.parametrize(
    ("names", "layout", "said"),
    [
        (["a_1.fq"], "auto", "read 2 is missing"),
        (["a_R2.fq"], "auto", "read 1 is missing"),
        (["a_1.fq", "a_2.fq", "b.fq"], "auto", "no mates beside pairs: b.fq"),
        (["a.fq"], "paired", "declares pairs"),
        (["a_1.fq", "a_2.fq"], "single", "this file is of read 2"),
        (["a.fq", "a.fq"], "auto", "given twice"),
        ([], "auto", "no FASTQ file"),
    ],
)
def test_faults_of_the_files_of_a_sample(names, layout, said):
    problems = Problems()
    pair_files("a", names, problems, layout=layout)
    assert len(problems.found) == 1 and said in str(problems.found[0])


# Reading


def fastq(n, length=30, seed=1, mate=1):
    rng = np.random.default_rng(seed)
    return b"".join(
        b"@r%d/%d x\n%s\n+\n%s\n" % (i, mate, bytes(rng.choice(list(b"ACGT"), length).tolist()), b"I" * length)
        for i in range(n)
    )


def test_kept_reads_lie_evenly_over_the_file(tmp_path):
    (tmp_path / "a.fq.gz").write_bytes(gzip.compress(fastq(20_000)))
    problems = Problems()
    scan = scan_file(tmp_path / "a.fq.gz", 1000, problems)
    assert not problems.found and (scan.reads, scan.bases) == (20_000, 600_000)
    assert 1000 <= len(scan.numbers) < 2000 and len(set(np.diff(scan.numbers))) == 1
    assert scan.numbers[0] == 0 and scan.numbers[-1] > 19_000
    assert [f"r{i}".encode() for i in scan.numbers] == scan.names
    lines = fastq(20_000).split(b"\n")
    assert [lines[4 * i + 1] for i in scan.numbers] == scan.sequences


def test_small_files_are_kept_whole_and_the_sample_lies_evenly_over_runs(tmp_path):
    for seed, name in ((1, "a"), (2, "b")):
        for mate in (1, 2):
            (tmp_path / f"{name}_{mate}.fq").write_bytes(fastq(7, seed=10 * seed + mate).replace(b"\n", b"\r\n"))
    runs = [Run(tmp_path / f"{name}_1.fq", tmp_path / f"{name}_2.fq") for name in "ab"]
    scan = scan_sample(runs, 100, Problems())
    reads = [fastq(7, seed=seed).split(b"\n")[1::4] for seed in (11, 21, 12, 22)]
    whole = list(zip([*reads[0], *reads[1]], [*reads[2], *reads[3]], strict=True))
    assert scan.sample(100) == whole and scan.sample(3) == [whole[0], whole[6], whole[13]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no reads"),
        (b">a\nACGT\n", "this is FASTA"),
        (fastq(3)[:-20], "ends within a record"),
        (gzip.compress(fastq(3000))[:-300], "cut short"),
        (b"@a\nACGT\n+\nIII\n@b\nAC\n+\nII\n", "different lengths"),
    ],
)
def test_faults_of_a_file(tmp_path, content, said):
    (tmp_path / "a.fq").write_bytes(content)
    problems = Problems()
    assert scan_file(tmp_path / "a.fq", 10, problems) is None
    assert len(problems.found) == 1 and said in str(problems.found[0])


def test_library_figures(tmp_path):
    adapter = read_adapters(RESOURCES / "adapters.tsv", Problems())
    reads = [b"GC" * 20, b"GC" * 20, b"AT" * 13 + b"AGATCGGAAGAGCA", b"A" * 39 + b"N"]
    scores = [b"I" * 40, b"I" * 40, b"#" * 40, b"I" * 40]
    (tmp_path / "a.fq").write_bytes(b"".join(b"@r\n%s\n+\n%s\n" % pair for pair in zip(reads, scores, strict=True)))
    library = describe_library(scan_sample([Run(tmp_path / "a.fq")], 10, Problems()), adapter)
    assert (library.distinct, library.q30, library.encoding) == (0.75, 0.75, "phred33")
    assert library.adapters["truseq"] == library.adapters["poly_a"] == 0.25 and library.adapters["nextera"] == 0
    assert library.ambiguous == pytest.approx(1 / 160) and library.gc == (80 + 7) / 159
    assert library.quality_by_position[0] == (3 * 40 + 2) / 4


# Transcripts

ENSEMBL = ">ENST1.5 cdna gene:ENSG00000178585.14 gene_biotype:rRNA gene_symbol:ABC1 description:its gene:b\n"


def transcripts(tmp_path, text, table=None):
    (tmp_path / "t.fa").write_text(text)
    if table is not None:
        (tmp_path / "t.tsv").write_text(table)
    problems = Problems()
    found = read_transcripts(tmp_path / "t.fa", None if table is None else tmp_path / "t.tsv", problems)
    return found, [str(problem) for problem in problems.found]


def test_headers_of_ensembl_and_gencode(tmp_path):
    text = ENSEMBL + "ACGT" * 10 + "\n" + "AC\n" + ">ENST2.1|ENSG00000000003.15|-|-|X-1|X|45|lncRNA|\n" + "ACGTN" * 9
    found, faults = transcripts(tmp_path, text)
    assert not faults
    assert found.to_numpy().tolist() == [
        ["ENST1.5", "ENSG00000178585", "ABC1", "rRNA", 42],
        ["ENST2.1|ENSG00000000003.15|-|-|X-1|X|45|lncRNA|", "ENSG00000000003", "X", "lncRNA", 45],
    ]


def test_a_table_matches_with_and_without_versions(tmp_path):
    body = "\n" + "ACGT" * 10 + "\n"
    text = ">ENST00000000001.2" + body + ">ENST00000000002.2" + body + ">mine" + body
    table = "transcript\tgene\nENST00000000001.2\tg1\nENST00000000002.7\tg2\nmine\tg3\n"
    found, faults = transcripts(tmp_path, text, table)
    assert not faults and found["gene"].tolist() == ["g1", "g2", "g3"]


BODY = "\n" + "ACGT" * 10 + "\n"


def test_names_of_any_length_are_told_from_qualities(tmp_path):
    """What stands behind the plus may be the name again, however long; found by fuzzing."""
    name = "r" * 9000
    (tmp_path / "a.fastq").write_text(f"@{name}\nACGT\n+{name}\nFFF#\n@b\nGG\n+\nAB\n")
    problems = Problems()
    scan = scan_file(tmp_path / "a.fastq", 10, problems)
    assert problems.found == [] and scan.sequences == [b"ACGT", b"GG"] and scan.qualities == [b"FFF#", b"AB"]
    assert scan.names == [name.encode(), b"b"]


def test_comments_of_any_length_hide_no_name(tmp_path):
    names = (f"one/1 {'c' * 3000}", f"two/1 {'d' * 70}")
    (tmp_path / "a.fastq").write_text("".join(f"@{name}\nACGT\n+\nFFF#\n" for name in names))
    scan = scan_file(tmp_path / "a.fastq", 10, Problems())
    assert scan.names == [b"one", b"two"]


@pytest.mark.parametrize(
    ("text", "table", "said"),
    [
        ("", None, "empty"),
        ("@r1\nACGT\n+\nIIII\n", None, "this is FASTQ"),
        (ENSEMBL + "ACGT" * 9 + "\n" + ENSEMBL + "ACGT" * 9, None, "1 names stand there more than once"),
        (ENSEMBL + "ACGTACGT\n", None, "the longest of 1 sequences has 8 bases"),
        (ENSEMBL + "MKVLAAGLLFWQ" * 5, None, "proteins"),
        (ENSEMBL + "ACGT" * 9 + "\n>b gene:g\n", None, "1 headers without a sequence (b)"),
        (">a" + BODY, None, "1 of 1 transcripts have no gene in the header"),
        (">a" + BODY + ">b" + BODY, "transcript\tgene\na\tg\n", "1 of 2 transcripts have no gene in the table"),
        (">a" + BODY, "transcript\tgene\na\t\n", "without a gene"),
        (">a" + BODY, "transcript\tgene\na\tg\na\th\n", "two genes, g and h"),
        (">a" + BODY, "tx\tgene\na\tg\n", "the column is missing"),
    ],
)
def test_faults_of_transcripts(tmp_path, text, table, said):
    _, faults = transcripts(tmp_path, text, table)
    assert len(faults) == 1 and said in faults[0], faults


def test_a_faulty_transcriptome_leaves_nothing(tmp_path):
    (tmp_path / "e.fa").write_text("")
    with pytest.raises(InputError, match="empty"):
        write_index(tmp_path / "e.fa", None, tmp_path / "made" / "index")
    with pytest.raises(InputError, match="does not exist"):
        write_index(tmp_path / "none.fa", None, tmp_path / "made" / "index")
    assert not (tmp_path / "made").exists()


def test_an_index_takes_the_place_of_another(tmp_path):
    rng = np.random.default_rng(2)
    text = ">a gene:g\n" + "".join(rng.choice(list("ACGT"), 300)) + "\n"
    (tmp_path / "a.fa").write_text(text)
    first = write_index(tmp_path / "a.fa", None, tmp_path / "made" / "index")
    (tmp_path / "a.fa").write_text(text + ">b gene:g\n" + "".join(rng.choice(list("ACGT"), 300)) + "\n")
    second = write_index(tmp_path / "a.fa", None, tmp_path / "made" / "index")
    assert first.sha256 != second.sha256 and (second.n_transcripts, second.n_genes) == (2, 1)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["index"]


def test_no_program_for_this_machine_is_said(monkeypatch, tmp_path):
    broken = tmp_path / "kallisto"
    broken.write_bytes(b"\x7fELF of another machine")
    broken.chmod(0o755)
    monkeypatch.setattr(engines, "_wheel", lambda: iter([broken]))
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    engines.find_engine.cache_clear()
    try:
        with pytest.raises(InputError, match=r"no kallisto works on this machine, .* cannot run it"):
            engines.find_engine("kallisto")
        with pytest.raises(InputError, match="salmon is not on PATH"):
            engines.find_engine("salmon")
    finally:
        engines.find_engine.cache_clear()


# Genes by hand


def test_gene_lengths_by_hand():
    def sample(lengths, counts, tpm):
        names = ["t1", "t2", "t3"]
        return pd.DataFrame({"transcript": names, "effective_length": lengths, "count": counts, "tpm": tpm})

    samples = {
        "a": sample([100.0, 300.0, 50.0], [10.0, 5.0, 0.0], [3.0, 1.0, 0.0]),
        "b": sample([120.0, 320.0, 70.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        "c": sample([100.0, 300.0, 60.0], [0.0, 8.0, 0.0], [0.0, 2.0, 0.0]),
    }
    genes = summarise_genes(samples, {"t1": "g2", "t2": "g2", "t3": "g1"})
    assert genes.counts.loc["g2"].tolist() == [15, 0, 8] and genes.tpm.loc["g2"].tolist() == [4, 0, 2]
    # a: (3 x 100 + 1 x 300) / 4; c: 300; b, silent: their geometric mean.
    assert genes.lengths.loc["g2"].tolist() == pytest.approx([150, np.sqrt(150 * 300), 300])
    assert genes.lengths.loc["g1"].tolist() == pytest.approx([60, 60, 60])
    with pytest.raises(ValueError, match="without a gene"):
        summarise_genes(samples, {"t1": "g"})


# Strand, sex, verdict


@pytest.mark.parametrize(
    ("forward", "reverse", "strand", "clear"),
    [
        (950, 50, "forward", True),
        (30, 900, "reverse", True),
        (480, 520, "unstranded", True),
        (700, 300, "unstranded", False),
        (40, 1, "unstranded", False),
        (0, 0, "unstranded", False),
    ],
)
def test_strand(forward, reverse, strand, clear):
    call = call_strand(forward, reverse, forward + reverse, 2000)
    assert (call.strand, call.clear) == (strand, clear)


@pytest.mark.parametrize(
    ("y", "x", "mapped", "seen"),
    [
        (30.0, 0.0, 2_000_000, "male"),
        (0.1, 12.0, 2_000_000, "female"),
        (30.0, 12.0, 2_000_000, "both"),
        (0.0, 0.0, 10_000, "unclear"),
        (None, 12.0, 2_000_000, "female"),
        (None, 0.0, 2_000_000, "male"),
        (0.0, None, 2_000_000, "female"),
        (0.0, None, 10_000, "unclear"),
        (None, None, 2_000_000, "not_available"),
    ],
)
def test_sex(y, x, mapped, seen):
    tpm = pd.Series({"Ddx3y": y or 0.0, "Xist": x or 0.0})
    male, female = (["Ddx3y"] if y is not None else []), (["Xist"] if x is not None else [])
    check = check_sex(tpm, mapped, male, female, "F")
    assert check.seen == seen
    assert check.agrees is {"male": False, "both": False, "female": True}.get(seen)


def test_markers_know_three_species():
    problems = Problems()
    markers = read_markers(RESOURCES / "markers.tsv", problems)
    assert not problems.found
    for taxon in (9606, 10090, 10116):
        assert {m.kind for m in markers if m.taxon == taxon} == {"male", "female", "haemoglobin"}
    table = pd.DataFrame({"gene": ["ENSMUSG00000069045", "ENSMUSG1"], "symbol": ["", "Xist"]})
    assert marked_genes(table, markers, 10090, "male") == ["ENSMUSG00000069045"]
    assert marked_genes(table, markers, 10090, "female") == ["ENSMUSG1"]
    assert marked_genes(table, markers, 9606, "male") == []


GOOD = {
    "mapping": 0.85,
    "mapped": 20_000_000,
    "mismatches": 0.004,
    "q30": 0.95,
    "adapter": 0.01,
    "adapter_name": "truseq",
    "distinct": 0.9,
    "rrna": None,
    "haemoglobin": 0.001,
    "place": 0.5,
    "sex_seen": "male",
    "sex_declared": "male",
    "sex_agrees": True,
    "strand_clear": True,
}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "good"),
        ({"mapping": 0.45}, "usable"),
        ({"mapping": 0.1}, "reject"),
        ({"mismatches": 0.02}, "usable"),
        ({"mismatches": 0.05}, "reject"),
        ({"mapped": 50_000}, "reject"),
        ({"rrna": 0.4}, "usable"),
        ({"haemoglobin": 0.3}, "usable"),
        ({"place": 0.9}, "usable"),
        ({"sex_agrees": False}, "reject"),
        ({"sex_agrees": None, "sex_seen": "unclear"}, "good"),
        ({"strand_clear": False}, "usable"),
        ({"adapter": 0.5, "distinct": 0.1, "q30": 0.2}, "usable"),
    ],
)
def test_verdicts(change, verdict):
    found = judge("s", GOOD | change)
    assert found.verdict == verdict
    assert len(found.reasons) == sum(key not in ("sex_seen",) and value is not None for key, value in change.items())
