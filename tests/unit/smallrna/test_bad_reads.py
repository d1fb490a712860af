import gzip
import resource
import zlib
from functools import partial

import pytest
from fastq_text import TRUSEQ, fastq, random_reads, write

from acuomics.problems import InputError, Problems
from acuomics.smallrna import stream
from acuomics.smallrna.collapse import collapse
from acuomics.smallrna.sample import mate_of, sample_reads

# Without a time in it: workers of a test run must name the same cases.
packed = partial(gzip.compress, mtime=0)
READ = "TGAGGTAGTAGGTTGTATAGTT" + TRUSEQ.adapter3
GOOD = fastq([READ] * 3)


def fault(*files, threads=1):
    with pytest.raises(InputError) as caught:
        collapse(files, TRUSEQ, threads=threads)
    assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    "content, says",
    [
        (b">r1\nACGTACGT\n", "FASTA"),
        (b"", "no reads"),
        (b"\n\n", "no reads"),
        (packed(b""), "no reads"),
        (b"BAM\x01....", "BAM"),
        (packed(b"BAM\x01...."), "BAM"),
        (b"@HD\tVN:1.6\n@SQ\tSN:1\n", "SAM"),
        (b"<!doctype html><html>", "web page"),
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"PK\x03\x04", "zip"),
        (b"sequence,count\nACGT,3\n", "does not begin with @"),
        (GOOD + b"@r\nT0123.0123\n+\nIIIIIIIIII\n", "colour space"),
        (GOOD + b"@r\nACGT*ACGT\n+\nIIIIIIIII\n", "'*' is no base; 3 reads"),
        (GOOD + b"@r\nACGT\nACGT\n", "no line with +"),
        (GOOD + b"@r\nACGTA\n+\nIII\n" + GOOD, "different lengths; 3 reads"),
        (GOOD + b"@r\nACG\n+\nIIIII\n" + GOOD, "different lengths; 3 reads"),
        (GOOD + b"r\nACG\n+\nIII\n", "does not begin with @; 3 reads"),
        (GOOD + b"@r\nACGT\n+\nII", "ends within a record; 3 reads"),
        (GOOD + b"@r\nACGT", "ends within a record; 3 reads"),
        (packed(GOOD) + b"trailing garbage", "16 bytes after the end of the gzip data"),
        (packed(GOOD) + b"x", "1 bytes after the end of the gzip data"),
        (packed(GOOD)[:-4], "cut short"),
        (packed(GOOD)[:-8] + b"\0\0\0\0" + packed(GOOD)[-4:], "damaged"),
    ],
)
@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_wrong_is_said(tmp_path, content, says, threads):
    file = write(tmp_path / "reads.fastq.gz", content)
    problem = fault(file, threads=threads)
    assert says in problem.message and problem.file == str(file) and problem.fix
    problems = Problems()
    sample_reads([file], 1_000, problems)
    assert len(problems.found) == 1 or "base" in says or "colour" in says


def test_the_record_is_named(tmp_path):
    assert fault(write(tmp_path / "a", GOOD + b"@r\nACGTA\n+\nIII\n" + GOOD)).row == "read 4"
    problem = fault(write(tmp_path / "a", GOOD + b"@r\nAC?T\n+\nIIII\n" + GOOD))
    assert (problem.row, problem.value) == ("read 4", "AC?T")


def test_a_bad_letter_late_in_a_large_file_is_still_named(tmp_path):
    text = fastq([READ] * 20_000) + b"@r\nACG!\n+\nIIII\n" + GOOD
    assert (fault(write(tmp_path / "a", text)).row, fault(tmp_path / "a").value) == ("read 20001", "ACG!")


def test_missing_file_and_folder(tmp_path):
    assert "does not exist" in fault(tmp_path / "none.fq").message
    assert "folder" in fault(tmp_path).message


def test_all_files_are_judged_at_once(tmp_path):
    files = [write(tmp_path / "a", b">r\nA\n"), write(tmp_path / "b", GOOD), write(tmp_path / "c", b"")]
    with pytest.raises(InputError) as caught:
        collapse(files, TRUSEQ)
    assert [problem.file for problem in caught.value.problems] == [str(files[0]), str(files[2])]


@pytest.mark.parametrize("threads", [1, 2])
def test_gzip_cut_short_says_how_many_reads_were_whole(tmp_path, threads):
    reads, _ = random_reads(20_000, 1)
    packed = gzip.compress(fastq(reads))
    half = packed[: len(packed) // 2]
    # What zlib itself can still read of the half.
    whole = zlib.decompressobj(wbits=31).decompress(half).count(b"\n") // 4
    message = fault(write(tmp_path / "a.gz", half), threads=threads).message
    assert "cut short" in message and f"{whole} reads before that are whole" in message


def test_a_damaged_second_member_is_no_end_of_file(tmp_path):
    content = packed(GOOD) + b"\x1f\x8b" + b"\0" * 40
    assert "3 reads before" in fault(write(tmp_path / "a.gz", content)).message


def test_an_endless_line_costs_no_memory(tmp_path):
    """A gigabyte in one line, a megabyte on disk."""
    member = packed(b"A" * (1 << 24), compresslevel=9)
    file = write(tmp_path / "a.gz", packed(b"@r\n") + member * 64)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "longer than" in fault(file, threads=2).message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_record_as_long_as_allowed_is_read(tmp_path):
    text = fastq(["ACGT" * (stream.CARRY // 16)])
    assert collapse([write(tmp_path / "a", text)], TRUSEQ)[1].total.untrimmed == 1


def found_by_sample(*contents, tmp_path, names):
    files = [write(tmp_path / name, content) for name, content in zip(names, contents, strict=True)]
    problems = Problems()
    sample_reads(files, 100, problems)
    return [problem.message for problem in problems.found]


def named(name, read=READ):
    return fastq([read] * 2, names=[name, name + "x"])


def test_mates_are_refused(tmp_path):
    for first, second in (("a/1", "a/2"), ("a:7 1:N:0:ACGT", "a:7 2:N:0:ACGT")):
        names = ("run_x.fq", "run_y.fq")
        (message,) = found_by_sample(named(first), named(second, READ[::-1]), tmp_path=tmp_path, names=names)
        assert "two reads of pairs" in message
    names = ("s_R1_001.fastq", "s_R2_001.fastq")
    contents = named("SRR1.1 1"), named("SRR1.1 1", READ[::-1])
    assert "two reads" in found_by_sample(*contents, tmp_path=tmp_path, names=names)[0]
    assert "second reads" in found_by_sample(named("b/2"), tmp_path=tmp_path, names=["only.fq"])[0]


def test_runs_are_no_mates(tmp_path):
    names = ("sample_1.fq", "sample_2.fq")
    assert not found_by_sample(named("SRR1.1"), named("SRR2.1", READ[::-1]), tmp_path=tmp_path, names=names)
    assert not found_by_sample(named("1"), named("1", READ[::-1]), tmp_path=tmp_path, names=("monday.fq", "tuesday.fq"))


def test_the_same_file_twice_is_refused(tmp_path):
    assert "the same reads" in found_by_sample(named("a"), named("a"), tmp_path=tmp_path, names=("a.fq", "b.fq"))[0]


def test_names_of_mates():
    assert mate_of("@x:1/2") == ("x:1", "2")
    assert mate_of("@x:1 2:N:0:ACGT") == ("x:1", "2")
    assert mate_of("@SRR5.2 2 length=50") == ("SRR5.2", "")
    assert mate_of("@") == ("", "")
