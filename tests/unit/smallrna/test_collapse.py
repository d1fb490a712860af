import gzip
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from fastq_text import TRUSEQ, counted, fastq, random_reads, write

from acuomics.smallrna import stream
from acuomics.smallrna.collapse import collapse, quality_encoding
from acuomics.smallrna.inserts import pack, unpack
from acuomics.smallrna.kits import TRIMMED, Kit, Trimming

PACKAGE = Path(stream.__file__).parents[2]


def table(inserts):
    """{(key, length): reads}; also checks the contract on order and uniqueness."""
    pairs = list(zip(inserts.keys.tolist(), inserts.lengths.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert (inserts.keys.dtype, inserts.lengths.dtype, inserts.reads.dtype) == (np.uint64, np.uint8, np.int64)
    return dict(zip(pairs, inserts.reads.tolist(), strict=True))


def expected(inserts):
    found = {}
    for insert, n in counted(inserts).items():
        place = pack(insert), len(insert)
        found[place] = found.get(place, 0) + n
    return found


def test_counts_and_totals_are_those_of_a_plain_reading(tmp_path):
    reads, truth = random_reads(3_000, 1, length=75)
    inserts, totals = collapse([write(tmp_path / "a.fq", fastq(reads))], TRUSEQ)
    assert table(inserts) == expected(truth)
    total = totals.total
    assert total.reads == 3_000
    assert total.dimers == sum(i is not None and len(i) < 5 for i in truth)
    assert total.too_short == sum(i is not None and 5 <= len(i) < 16 for i in truth)
    assert total.with_n == sum(i is not None and len(i) >= 16 and "N" in i for i in truth) > 20
    assert total.untrimmed == sum(i is None for i in truth)
    assert total.kept == inserts.reads.sum() and total.long > 0
    assert total.reads == total.untrimmed + total.dimers + total.too_short + total.with_n + total.kept
    lengths = [len(i) for i in truth if i is not None]
    assert total.insert_lengths == tuple(np.bincount(lengths, minlength=256))


def test_long_inserts_with_the_same_beginning_are_told_by_their_length(tmp_path):
    start = "ACGTTGCATT" * 4
    reads = [start[:n] + TRUSEQ.adapter3 for n in (33, 40, 33)]
    inserts, _ = collapse([write(tmp_path / "a.fq", fastq(reads))], TRUSEQ)
    assert table(inserts) == {(pack(start[:31]), 33): 2, (pack(start[:31]), 40): 1}


@pytest.mark.parametrize("chunk", [64, 257, 1 << 19])
@pytest.mark.parametrize("threads", [1, 2])
def test_chunks_threads_and_compression_change_nothing(tmp_path, monkeypatch, chunk, threads):
    reads, truth = random_reads(400, 2)
    monkeypatch.setattr(stream, "CHUNK", chunk)
    monkeypatch.setattr(stream, "_COMPRESSED", max(1, chunk // 50))
    text = fastq(reads)
    members = gzip.compress(text[:5_000]) + gzip.compress(text[5_000:])
    for content in (text, gzip.compress(text), members, members + b"\0" * 700):
        inserts, totals = collapse([write(tmp_path / "a", content)], TRUSEQ, threads=threads)
        assert table(inserts) == expected(truth)
        assert totals.total.reads == 400


def test_line_ends_case_and_dots(tmp_path):
    insert = "TGGAAGACTAGTGATTTTGTTGT"
    read = insert + TRUSEQ.adapter3
    plain = collapse([write(tmp_path / "a", fastq([read] * 3))], TRUSEQ)[0]
    assert table(plain) == {(pack(insert), 23): 3}
    for other in (
        fastq([read] * 3, end="\r\n"),
        fastq([read.lower()] * 3),
        fastq([read.replace("T", "U")] * 3),
        fastq([read] * 3)[:-1],
        fastq([read] * 3, end="\r\n")[:-2],
        fastq([read] * 3) + b"\n\n",
    ):
        assert table(collapse([write(tmp_path / "b", other)], TRUSEQ)[0]) == table(plain), other[:60]
    dotted = insert[:10] + "." + insert[11:] + TRUSEQ.adapter3
    none, totals = collapse([write(tmp_path / "c", fastq([dotted]))], TRUSEQ)
    assert (len(none.keys), totals.total.with_n) == (0, 1)


def test_n_behind_the_insert_does_not_matter(tmp_path):
    insert = "TGGAAGACTAGTGATTTTGTTGT"
    read = insert + TRUSEQ.adapter3 + "NNNN"
    assert table(collapse([write(tmp_path / "a", fastq([read]))], TRUSEQ)[0]) == {(pack(insert), 23): 1}


def test_quality_may_begin_with_at_or_plus(tmp_path):
    read = "TGGAAGACTAGTGATTTTGTTGT" + TRUSEQ.adapter3
    for quality in "@+":
        text = fastq([read] * 5, quality=quality)
        assert collapse([write(tmp_path / "a", text)], TRUSEQ)[1].total.reads == 5


@pytest.mark.parametrize("errors, found", [(0, True), (1, True), (2, True), (3, False)])
def test_two_errors_in_the_adapter_are_forgiven_and_three_are_not(tmp_path, errors, found):
    insert, adapter = "TGAGGTAGTAGGTTGTATAGTT", list(TRUSEQ.adapter3)
    for at in (0, 9, 20)[:errors]:
        adapter[at] = "ACGT"[("ACGT".index(adapter[at]) + 1) % 4]
    inserts, totals = collapse([write(tmp_path / "a", fastq([insert + "".join(adapter)]))], TRUSEQ)
    assert totals.total.untrimmed == (0 if found else 1)
    if found:
        assert [unpack(key) for key in inserts.keys] == [insert]


@pytest.mark.parametrize("left, found", [(7, False), (8, True), (12, True)])
def test_an_adapter_cut_off_by_the_end_of_the_read_needs_eight_bases(tmp_path, left, found):
    read = "TGAGGTAGTAGGTTGTATAGTT" + TRUSEQ.adapter3[:left]
    assert collapse([write(tmp_path / "a", fastq([read]))], TRUSEQ)[1].total.with_adapter == found


def test_runs_are_added_and_told_apart(tmp_path):
    a, truth_a = random_reads(300, 3)
    b, truth_b = random_reads(200, 4)
    files = [write(tmp_path / "a.fq", fastq(a)), write(tmp_path / "b.fq.gz", gzip.compress(fastq(b)))]
    inserts, totals = collapse(files, TRUSEQ, threads=2)
    assert table(inserts) == expected(truth_a + truth_b)
    assert [run.reads for run in totals.runs] == [300, 200] and totals.total.reads == 500
    assert [run.run for run in totals.runs] == [str(file) for file in files]
    swapped, _ = collapse(files[::-1], TRUSEQ)
    assert table(swapped) == table(inserts)
    numbers = ("untrimmed", "dimers", "too_short", "with_n", "kept", "long")
    for name in numbers:
        assert asdict(totals.total)[name] == sum(asdict(run)[name] for run in totals.runs)


def test_random_and_fixed_bases_are_cut_off(tmp_path):
    insert = "TGAGGTAGTAGGTTGTATAGTT"
    nextflex = Kit("nextflex", TRUSEQ.adapter3, random5=4, random3=4)
    file = write(tmp_path / "a", fastq(["ACGA" + insert + "TTGC" + TRUSEQ.adapter3, "GGGG" + TRUSEQ.adapter3]))
    inserts, totals = collapse([file], nextflex)
    assert table(inserts) == {(pack(insert), 22): 1} and totals.total.dimers == 1
    smarter = Kit("smarter", "A" * 10, head5=3, tail="A")
    inserts, _ = collapse(
        [write(tmp_path / "b", fastq(["GGG" + insert + "A" * 20, "NNN" + insert + "A" * 12]))], smarter
    )
    assert table(inserts) == {(pack(insert), 22): 2}


def test_a_tail_does_not_swallow_the_base_before_it(tmp_path):
    smarter = Kit("smarter", "A" * 10, head5=3, tail="A")
    insert = "TGAGGTAGTAGGTTGTATAGAC"
    inserts, _ = collapse([write(tmp_path / "a", fastq(["GGG" + insert + "A" * 20]))], smarter)
    assert table(inserts) == {(pack(insert), 22): 1}


def test_trimmed_reads_are_their_inserts(tmp_path):
    inserts, totals = collapse([write(tmp_path / "a", fastq(["TGAGGTAGTAGGTTGTATAGTT", "ACGT"]))], TRIMMED)
    assert table(inserts) == {(pack("TGAGGTAGTAGGTTGTATAGTT"), 22): 1} and totals.total.dimers == 1


def test_shortest_insert_is_a_setting(tmp_path):
    file = write(tmp_path / "a", fastq(["ACGTACGTACGTA" + TRUSEQ.adapter3]))
    assert collapse([file], TRUSEQ)[1].total.too_short == 1
    assert table(collapse([file], TRUSEQ, Trimming(min_length=13))[0]) == {(pack("ACGTACGTACGTA"), 13): 1}


def test_many_distinct_inserts_survive_the_growth_of_the_table(tmp_path):
    draw = np.random.default_rng(5)
    words = np.unique(draw.integers(0, 4**20, 90_000))
    texts = [unpack(int(word) | 1 << 40) for word in words]
    file = write(tmp_path / "a", fastq([text + TRUSEQ.adapter3[:12] for text in texts] + [texts[0] + TRUSEQ.adapter3]))
    inserts, _ = collapse([file], TRUSEQ)
    # Some of the random inserts happen to hold what looks like the adapter.
    assert abs(len(inserts.keys) - len(words)) < 5
    assert inserts.reads[np.searchsorted(inserts.keys, np.uint64(pack(texts[0])))] == 2


@pytest.mark.parametrize(
    "low, high, name",
    [
        ("#", "J", "phred33"),
        ("!", "~", "phred33"),
        ("B", "h", "phred64"),
        (";", "h", "phred64"),
        ("A", "I", "undetermined"),
    ],
)
def test_quality_encoding(low, high, name):
    assert quality_encoding(ord(low), ord(high)) == name


def test_phred64_is_said(tmp_path):
    reads = ["TGAGGTAGTAGGTTGTATAGTT" + TRUSEQ.adapter3]
    assert collapse([write(tmp_path / "a", fastq(reads, quality="h"))], TRUSEQ)[1].total.quality_encoding == "phred64"


def test_kernels_run_where_no_cache_can_be_written(tmp_path):
    """A package folder, and a home, that cannot take a cache."""
    (tmp_path / "acuomics").mkdir()
    for part in ("__init__.py", "problems.py", "smallrna", "inputs"):
        source = PACKAGE / "acuomics" / part
        files = sorted(source.glob("*.py")) if source.is_dir() else [source]
        for file in files:
            target = tmp_path / "acuomics" / file.relative_to(PACKAGE / "acuomics")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(file.read_bytes())
    blocked = write(tmp_path / "blocked", b"")
    write(tmp_path / "acuomics" / "smallrna" / "__pycache__", b"")
    code = (
        "import numpy as np; from acuomics.smallrna.jit import kernel;"
        "from acuomics.smallrna.records import _line_end as f;"
        "b = np.frombuffer(b'0123456789ab\\n...', dtype=np.uint8); print(f(b, b.view(np.uint64), 0, 16))"
    )
    run = subprocess.run(
        [sys.executable, "-B", "-c", code],
        env={
            "PYTHONPATH": str(tmp_path),
            "HOME": str(blocked),
            "XDG_CACHE_HOME": str(blocked),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "12\n", run.stderr
