"""Samples that nobody should count, through the whole stage: a clear error, or a verdict that stops the run."""

from __future__ import annotations

import gzip
import json
import random
import resource

import pandas as pd
import pytest
from fastq_text import fastq
from small_study import OTHER, SmallStudy, bases, inserts, reads, sample

from acuomics.intake.quality import check_quality
from acuomics.problems import InputError

N = 15_000
GOOD = sample(N)


def refused(tmp_path, *contents, adapter="auto", names=(), suffix=".fastq.gz"):
    """The one problem that the stage ends with; no output is left behind."""
    study = SmallStudy(tmp_path).add("s", *contents, names=names, suffix=suffix)
    with pytest.raises(InputError) as caught:
        study.count(adapter=adapter)
    assert len(caught.value.problems) == 1, str(caught.value)
    assert not (tmp_path / "out").exists()
    (problem,) = caught.value.problems
    assert problem.fix and problem.file.startswith(str(tmp_path))
    return problem.message


def rejected(tmp_path, content, **options):
    """The stage counts, the verdict is reject, and intake stops the run with the same reasons; gives them."""
    out = SmallStudy(tmp_path).add("s", content).count(**options)
    table = pd.read_csv(out / "qc.tsv", sep="\t")
    assert table["verdict"].tolist() == ["reject"]
    with pytest.raises(InputError) as caught:
        check_quality(out / "qc.tsv", [])
    (problem,) = caught.value.problems
    assert problem.value == "s" and table["reasons"][0] in problem.message and "keep_rejected" in problem.fix
    assert check_quality(out / "qc.tsv", ["s"]) == [f"s is kept although rejected: {table['reasons'][0]}"]
    return table["reasons"][0]


def counts(tmp_path, content, **options):
    out = SmallStudy(tmp_path).add("s", content).count(**options)
    return pd.read_csv(out / "counts.tsv", sep="\t")["s"], json.loads((out / "facts.json").read_text())["samples"]["s"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b">r1\nTGAGGTAGTAGGTTGTATAGTT\n>r2\nTGAGGTAGTAGGTTGTATAGTT\n", "FASTA"),
        (b"", "no reads"),
        (gzip.compress(b""), "no reads"),
        (fastq(["T" + "0123" * 12] * 50), "colour space"),
        (gzip.compress(GOOD)[:-1000], "cut short"),
        (gzip.compress(GOOD) + b"and something else", "18 bytes after the end of the gzip data"),
        (fastq([bases(15) for _ in range(2000)]), "too short for inserts: 15 nt"),
        (fastq([bases(50) for _ in range(5000)]), "no adapter in most reads"),
        (fastq([bases(101) for _ in range(3000)]), "of 3000 reads"),
    ],
    ids=["fasta", "empty", "empty gzip", "colour space", "cut short", "garbage", "15 nt", "mRNA", "mRNA of 101 nt"],
)
def test_files_that_are_no_small_rna_reads(tmp_path, content, says):
    assert says in refused(tmp_path, content)


def test_both_reads_of_pairs(tmp_path):
    texts = reads(inserts(500, 1)[0])
    first, second = (
        fastq(texts[::step], names=[f"r{i}/{mate}" for i in range(500)]) for step, mate in ((1, 1), (-1, 2))
    )
    assert "two reads of pairs" in refused(tmp_path, first, second, names=("s_1.fastq", "s_2.fastq"))
    assert "second reads of pairs" in refused(tmp_path, second, names=("s_2.fastq",))


def test_ten_gigabytes_in_one_line(tmp_path):
    member = gzip.compress(b"A" * (1 << 24), compresslevel=9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "longer than" in refused(tmp_path, gzip.compress(b"@r\n") + member * 640)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_a_long_line_behind_the_reads_that_are_looked_at(tmp_path):
    """Detection sees the first reads only; counting has to find the fault."""
    many = fastq(reads(inserts(1000, 1)[0]) * 210)
    member = gzip.compress(b"A" * (1 << 24), compresslevel=9)
    content = gzip.compress(many, compresslevel=1) + gzip.compress(b"@r\n") + member * 64
    assert "210000 reads before that are whole" in refused(tmp_path, content)


def test_umis_declared_that_are_not_there(tmp_path):
    after = "AACTGTAGGCACCATCAAT" + "GTTCAGAGTTCTACAGTCCGACGATC" * 3
    texts = [(text + after)[:75] for text in inserts(3000, 1)[0]]
    message = refused(tmp_path, fastq(texts), adapter="qiaseq")
    assert "has UMIs of 12 nt" in message and "these reads have none" in message
    called = SmallStudy(tmp_path).add("s", fastq(texts)).count(into="auto")
    facts = json.loads((called / "facts.json").read_text())["samples"]["s"]
    assert facts["adapter"]["kit"]["kit"] == "qiaseq_without_umi" and facts["raw_umis"] is None


def test_an_adapter_declared_that_is_not_there(tmp_path):
    message = refused(tmp_path, sample(2000), adapter="AACTGTAGGCACCATCAAT")
    assert "in 0.0% of 2000 reads" in message and "TGGAATTCTCGGGTGCCAAGG" in message


def test_phred64_is_noted_and_counted_the_same(tmp_path):
    texts = reads(inserts(N, 1)[0])
    plain, _ = counts(tmp_path, fastq(texts, quality="I"))
    other, facts = counts(tmp_path, fastq(texts, quality="h"))
    assert (plain == other).all() and facts["totals"]["quality_encoding"] == "phred64"
    assert any("offset 64" in note for note in facts["adapter"]["notes"])


@pytest.mark.parametrize("change", [lambda t: t.replace(b"\n", b"\r\n"), lambda t: t.lower(), lambda t: t[:-1]])
def test_line_ends_and_letter_case_change_nothing(tmp_path, change):
    text = GOOD[: GOOD.index(b"@r12000")]
    expected, _ = counts(tmp_path, text)
    assert (expected == counts(tmp_path, change(text))[0]).all() and expected.sum() > 8000


def test_dots_are_unknown_bases(tmp_path):
    texts = reads(inserts(N, 1)[0])
    n, some = (
        [text[:5] + letter + text[6:] if i % 4 == 0 else text for i, text in enumerate(texts)] for letter in "N."
    )
    (a, facts), (b, others) = (counts(tmp_path, fastq(each)) for each in (n, some))
    assert (a == b).all() and facts["totals"]["with_n"] == others["totals"]["with_n"] >= N // 4


def test_fragments_of_mrna_with_adapters(tmp_path):
    draw = random.Random(3)
    transcripts = [bases(400) for _ in range(100)]
    texts = []
    for _ in range(N):
        begin, size = draw.randrange(330), draw.randint(30, 60)
        texts.append(draw.choice(transcripts)[begin : begin + size])
    reasons = rejected(tmp_path, fastq(reads(texts, 90)))
    assert "0 miRNA reads" in reasons and "as fragments of mRNA have" in reasons


def test_the_wrong_species(tmp_path):
    reasons = rejected(tmp_path, sample(N, species="mmu"))
    assert "the reads are of mmu, not rno" in reasons and "against mmu: 0 miRNAs for rno" in reasons


def test_adapter_dimers_only(tmp_path):
    reasons = rejected(tmp_path, fastq(reads(["", "A", "AC", ""] * 3000 + inserts(500, 1)[0])))
    assert "96.0% adapter dimers" in reasons


def test_nothing_but_adapter_dimers(tmp_path):
    reasons = rejected(tmp_path, fastq(reads([""] * 5000)))
    assert "100.0% adapter dimers" in reasons and "0 miRNA reads" in reasons


def test_trimmed_inserts_that_are_all_too_short(tmp_path):
    draw = random.Random(1)
    texts = [draw.choice(OTHER)[: draw.randint(8, 15)] for _ in range(5000)]
    assert "0 miRNA reads" in rejected(tmp_path, fastq(reads(texts)))


def test_verdicts_that_are_no_reject_are_warnings(tmp_path):
    out = SmallStudy(tmp_path).add("s", GOOD).add("t", GOOD.replace(b"@r", b"@x")).count()
    warnings = check_quality(out / "qc.tsv", [])
    assert len(warnings) == 2 and warnings[0].startswith("s is usable: 12,") and "miRNA reads" in warnings[0]


def test_every_rejected_sample_is_named_at_once(tmp_path):
    study = SmallStudy(tmp_path).add("s", sample(500)).add("good", GOOD).add("t", sample(600, 2))
    qc = study.count() / "qc.tsv"
    with pytest.raises(InputError) as caught:
        check_quality(qc, [])
    assert [problem.value for problem in caught.value.problems] == ["s", "t"]
    with pytest.raises(InputError) as caught:
        check_quality(qc, ["s"])
    assert [problem.value for problem in caught.value.problems] == ["t"]


def test_a_sample_without_the_adapter_is_not_lost_beside_good_ones(tmp_path):
    study = SmallStudy(tmp_path).add("s", GOOD).add("t", fastq([bases(50) for _ in range(3000)]))
    with pytest.raises(InputError, match="no adapter in most reads"):
        study.count()
    assert not (tmp_path / "out").exists()
