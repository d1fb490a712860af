import random

import numpy as np
import pytest
from fastq_text import fastq, write

from acuomics.smallrna.collapse import collapse
from acuomics.smallrna.inserts import pack
from acuomics.smallrna.kits import Kit
from acuomics.smallrna.umis import crowded_above, directional

QIASEQ = Kit("qiaseq", "AACTGTAGGCACCATCAAT", umi_length=12)
LET7, MIR7 = "TGAGGTAGTAGGTTGTATAGTT", "TGGAAGACTAGTGATTTTGTTGT"


def read(insert, umi, tail="AGATCGGAAGAGC"):
    return insert + QIASEQ.adapter3 + umi + tail


def molecules(counts: dict[str, int], *, size=12):
    """What `directional` says of these UMIs."""
    codes = sorted((pack(umi) - 4 ** len(umi), n) for umi, n in counts.items())
    present = np.zeros(max(1, 4**size // 64), dtype=np.uint64)
    answer = directional(np.array([c for c, _ in codes]), np.array([n for _, n in codes]), size, present)
    assert not present.any()
    return answer


def reference(counts: dict[str, int]):
    """The method by its words: from the most frequent on, everything reached by steps of one base and 2b - 1 <= a."""
    left = sorted(counts, key=lambda umi: (-counts[umi], umi))
    found = 0
    while left:
        found += 1
        front = [left.pop(0)]
        while front:
            a = front.pop()
            near = [b for b in left if sum(x != y for x, y in zip(a, b, strict=True)) == 1]
            near = [b for b in near if counts[a] >= 2 * counts[b] - 1]
            left = [b for b in left if b not in near]
            front += near
    return found


def test_rule_of_twice_minus_one():
    assert molecules({"A" * 12: 9, "A" * 11 + "C": 5}) == 1
    assert molecules({"A" * 12: 8, "A" * 11 + "C": 5}) == 2
    assert molecules({"A" * 12: 100, "A" * 10 + "CC": 1}) == 2


def test_errors_of_errors_go_with_their_first_umi():
    assert molecules({"A" * 12: 100, "A" * 11 + "C": 10, "A" * 10 + "CC": 1}) == 1


@pytest.mark.parametrize("n, size", [(30, 4), (150, 4), (220, 4), (400, 6), (900, 6)])
def test_directional_is_the_stated_method(n, size):
    """Also above the number of UMIs from which neighbours are looked up (dense, so that there is much to merge)."""
    draw = random.Random(n)
    umis = sorted({"".join(draw.choices("ACGT", k=size)) for _ in range(n)})
    counts = {umi: int(draw.paretovariate(0.7)) for umi in umis}
    assert molecules(counts, size=size) == reference(counts)


def test_molecules_of_each_insert(tmp_path):
    one, other = "ACGTTGCATTGC", "GGTTCCAACCGG"
    near = "ACGTTGCATTGA"
    reads = [read(LET7, one)] * 5 + [read(LET7, near)] + [read(LET7, other)] * 2 + [read(MIR7, one)] * 3
    inserts, totals = collapse([write(tmp_path / "a", fastq(reads))], QIASEQ)
    assert inserts.umis is not None and inserts.umis.dtype == np.int64
    found = {key: (n, m) for key, n, m in zip(inserts.keys.tolist(), inserts.reads, inserts.umis, strict=True)}
    assert found == {pack(LET7): (8, 2), pack(MIR7): (3, 1)}
    assert totals.raw_umis == 4 and totals.crowded_inserts == 0


def test_reads_without_a_whole_umi_count_as_reads_only(tmp_path):
    reads = [read(LET7, "ACGTTGCATTGC"), read(LET7, "ACGTTG", tail=""), read(LET7, "ACGNTGCATTGC")]
    inserts, totals = collapse([write(tmp_path / "a", fastq(reads))], QIASEQ)
    assert (inserts.reads.tolist(), inserts.umis.tolist()) == ([3], [1])
    assert totals.total.umi_incomplete == 2


def test_an_insert_without_any_whole_umi_has_no_molecule(tmp_path):
    inserts, _ = collapse([write(tmp_path / "a", fastq([read(LET7, "ACG", tail="")]))], QIASEQ)
    assert (inserts.reads.tolist(), inserts.umis.tolist()) == ([1], [0])


def test_crowded_inserts_are_counted_as_they_are_and_said(tmp_path):
    """With UMIs of 6 nt (4,096) chance neighbours begin to merge early."""
    kit = Kit("short", QIASEQ.adapter3, umi_length=6)
    limit = crowded_above(6)
    draw = np.random.default_rng(1)
    umis = ["".join(draw.choice(list("ACGT"), 6)) for _ in range(3 * limit)]
    reads = [read(LET7, umi) for umi in umis] + [read(MIR7, "ACGTAC")] * 2
    inserts, totals = collapse([write(tmp_path / "a", fastq(reads))], kit)
    assert dict(zip(inserts.keys.tolist(), inserts.umis.tolist(), strict=True)) == {
        pack(LET7): len(set(umis)),
        pack(MIR7): 1,
    }
    assert totals.crowded_inserts == 1


def test_sequencing_errors_do_not_add_molecules(tmp_path):
    """Molecules of known number, ten reads each, 0.3 % errors: right within 2 %; without correction 30 % too many.

    (Two errors in one UMI make a molecule of their own, by the method; at higher rates that shows.)
    """
    draw = random.Random(2)
    reads = []
    for _ in range(800):
        umi = "".join(draw.choices("ACGT", k=12))
        for _ in range(10):
            reads.append(read(LET7, "".join(draw.choice("ACGT") if draw.random() < 0.004 else b for b in umi)))
    inserts, totals = collapse([write(tmp_path / "a", fastq(reads))], QIASEQ)
    assert abs(int(inserts.umis[0]) - 800) <= 16
    assert totals.raw_umis > 1_040


def test_order_of_reads_does_not_matter(tmp_path):
    draw = random.Random(3)
    reads = [read(draw.choice([LET7, MIR7]), "".join(draw.choices("AC", k=12))) for _ in range(900)]
    answers = []
    for _ in range(2):
        inserts, _ = collapse([write(tmp_path / "a", fastq(reads))], QIASEQ)
        answers.append([(k, n, m) for k, n, m in zip(inserts.keys, inserts.reads, inserts.umis, strict=True)])
        draw.shuffle(reads)
    assert answers[0] == answers[1]
