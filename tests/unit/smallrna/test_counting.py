"""Counts of small samples with known truth: sums, order, sharing, errors, classes, rounding."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acuomics.smallrna.count import CLASSES, CountReference, SampleCounts, count_sample
from acuomics.smallrna.foreign import Clade, build_foreign
from acuomics.smallrna.markers import Marker
from acuomics.smallrna.other import build_other
from acuomics.smallrna.settings import CountSettings
from acuomics.smallrna.sharing import whole
from acuomics.smallrna.tables import assemble
from acuomics.smallrna.templates import build_index
from tests.unit.smallrna.insert_simulator import isomir, library, make_inserts, random_rna, with_errors
from tests.unit.smallrna.small_reference import MATURES, NAMES, REFERENCE, bases, hairpin_of, mature

INDEX = build_index(REFERENCE)
RRNA, TRNA, MRNA = bases(300), bases(73), bases(400)
OTHER = build_other({"rrna": [RRNA], "trna": [TRNA + "CCA"], "mrna": [MRNA + TRNA]})
FOREIGN = build_foreign(INDEX, MATURES, {"oth": Clade("insects", "invertebrates")}, 18)
FULL = CountReference(INDEX, OTHER, FOREIGN)
LOCI = [(name, *hairpin_of(name), len(mature(name))) for name in ("100", "101", "102", "103", "7a", "7b", "199a")]


def count(counts: dict[str, int], **settings: object) -> SampleCounts:
    return count_sample(make_inserts(counts), FULL, CountSettings(**settings))  # type: ignore[arg-type]


def of(sample: SampleCounts, name: str) -> float:
    return float(sample.counts[NAMES.index(f"tst-miR-{name}")])


def by_class(sample: SampleCounts) -> dict[str, int]:
    return {c: n for c, n in zip(CLASSES, sample.class_reads.tolist(), strict=True) if n}


@pytest.mark.parametrize("sharing", ["equal", "em"])
@pytest.mark.parametrize("seed", range(6))
def test_every_read_is_counted_once(seed, sharing):
    rng = random.Random(seed)
    reads, _ = library([(a, t, s, n) for a, t, s, n in LOCI], 3000, rng.choice([0, 0.01]), seed)
    for source in (RRNA, TRNA, MRNA):
        for _ in range(100):
            at = rng.randrange(len(source) - 20)
            reads[source[at : at + rng.randint(14, 50)]] += rng.randint(1, 9)
    sample = count(dict(reads), sharing=sharing)
    assert sample.class_reads.sum() == sum(reads.values())
    assert sample.class_lengths.sum() == sum(reads.values())
    assert sample.class_inserts.sum() == len({(t[:31], min(len(t), 255)) for t in reads})
    mirna = int(sample.class_reads[0])
    assert sample.counts.sum() == pytest.approx(mirna, abs=1e-6)
    assert whole(sample.counts).sum() == mirna
    assert sum(r for _, _, r in sample.isomirs) == pytest.approx(mirna, abs=1e-6)
    assert sum(sample.tiers.values()) == mirna


def test_the_order_of_the_reads_changes_nothing():
    reads, _ = library([(a, t, s, n) for a, t, s, n in LOCI], 4000, 0.01, 3)
    items = list(reads.items())
    a = count(dict(items))
    random.Random(1).shuffle(items)
    b = count(dict(items))
    assert a.counts.tolist() == b.counts.tolist() and a.isomirs == b.isomirs


def test_twice_the_reads_are_twice_the_counts_without_error_correction():
    reads, _ = library([(a, t, s, n) for a, t, s, n in LOCI], 2000, 0.01, 4)
    one = count(dict(reads), correct_errors=False)
    two = count({t: 2 * n for t, n in reads.items()}, correct_errors=False)
    assert np.allclose(two.counts, 2 * one.counts)


def test_each_class_is_recognised():
    foreign = next(m.sequence for m in MATURES if m.name.startswith("oth"))
    rng = random.Random(5)
    sample = count(
        {
            mature("100"): 10,
            RRNA[40:64]: 20,
            TRNA[50:] + "CCA": 30,
            MRNA[10:70]: 40,
            foreign: 50,
            "ACGTACGTACGT": 60,
            random_rna(rng, 24, 24): 70,
            hairpin_of("100")[0][34:]: 5,
        }
    )
    assert by_class(sample) == {
        "mirna": 10, "rrna": 20, "trna": 30, "mrna": 40, "foreign_mirna": 50, "too_short": 60, "unknown": 75,
    }  # fmt: skip
    assert sample.foreign == {("insects", "invertebrates"): 50}


def test_precedence_of_classes():
    # A piece of tRNA that also stands in an mRNA is tRNA; one substitution is forgiven, two are not.
    piece = TRNA[20:44]
    once = piece[:12] + {"A": "C", "C": "A", "G": "T", "T": "G"}[piece[12]] + piece[13:]
    twice = once[:14] + {"A": "C", "C": "A", "G": "T", "T": "G"}[once[14]] + once[15:]
    assert by_class(count({piece: 1, once: 2, twice: 4})) == {"trna": 3, "unknown": 4}
    # An rRNA that holds a miRNA with a substitution beats it; one that holds the miRNA itself does not.
    own = mature("100")
    near = own[:11] + {"A": "C", "C": "A", "G": "T", "T": "G"}[own[11]] + own[12:]
    other = build_other({"rrna": [bases(30) + near + bases(30), bases(30) + own + bases(30)]})
    sample = count_sample(make_inserts({own: 1, near: 2}), CountReference(INDEX, other))
    assert by_class(sample) == {"mirna": 1, "rrna": 2}


def test_twins_are_shared_equally_and_rounded_without_loss():
    sample = count({mature("199a"): 101})
    assert (of(sample, "199a"), of(sample, "199b")) == (50.5, 50.5)
    assert sample.multimapped == 101
    assert sorted(whole(sample.counts)[sample.counts > 0].tolist()) == [50, 51]


def test_em_follows_what_the_unique_reads_say():
    # Without its last bases 7a could be ... two miRNAs whose windows differ only in the hairpin beyond the mature.
    text, start = hairpin_of("199a")
    size = len(mature("199a"))
    reads = {text[start : start + size + 2]: 300, mature("199a"): 100}
    equal, em = count(reads), count(reads, sharing="em")
    assert of(equal, "199a") == pytest.approx(350)
    assert of(em, "199a") == pytest.approx(400, abs=0.1)
    assert em.counts.sum() == pytest.approx(400)


@pytest.mark.parametrize("true_b", [0, 300])
def test_errors_of_an_abundant_paralogue_do_not_become_the_other(true_b):
    rng = random.Random(11)
    a, b = ((*hairpin_of(name), len(mature(name))) for name in ("7a", "7b"))
    reads = Counter(with_errors(isomir(*a, rng), 0.01, rng) for _ in range(40_000))
    reads.update(with_errors(isomir(*b, rng), 0.01, rng) for _ in range(true_b))
    raw, corrected = count(dict(reads), correct_errors=False), count(dict(reads))
    assert of(raw, "7b") > 80 + 0.8 * true_b, "without correction the errors must show, or this tests nothing"
    assert abs(of(corrected, "7b") - true_b) <= 0.001 * 40_000
    assert corrected.error_rate == pytest.approx(0.01, rel=0.1)
    # Substitutions in the seed come back too: a third of the loss at most remains.
    assert of(corrected, "7a") > of(raw, "7a") + 0.04 * 40_000


def test_molecules_are_counted_when_there_are_some():
    text = mature("100")
    inserts = make_inserts({text: 90}, {text: 40})
    reference = CountReference(INDEX)
    assert count_sample(inserts, reference).unit == "umis"
    assert count_sample(inserts, reference).counts.sum() == 40
    assert count_sample(inserts, reference, CountSettings(unit="reads")).counts.sum() == 90
    with pytest.raises(ValueError, match="umis"):
        count_sample(make_inserts({text: 1}), reference, CountSettings(unit="umis"))


def test_an_empty_sample_counts_nothing():
    sample = count({})
    assert sample.class_reads.sum() == 0 and sample.counts.sum() == 0 and not sample.isomirs


def test_tables_of_a_study():
    own = mature("100")
    one, two = count({own: 7, own + "A" if own[-1] != "A" else own + "C": 2}), count({mature("199a"): 3})
    samples = [one, two]
    for sample, name in zip(samples, ("s1", "s2"), strict=True):
        object.__setattr__(sample, "sample", name)
    accession = next(m.accession for m in REFERENCE.matures if m.sequence == own)
    tables = assemble(REFERENCE, samples, [Marker("blood", "miR-x", "tst", accession, "x", "test")])
    assert list(tables.counts) == ["feature", "s1", "s2"] and str(tables.counts["s1"].dtype) == "int64"
    assert tables.counts.set_index("feature").loc[accession, "s1"] == 9
    assert tables.counts["feature"].is_monotonic_increasing and len(tables.counts) == len(REFERENCE.matures)
    assert tables.fractions["s2"].sum() == 3
    assert tables.isomirs[tables.isomirs["sample"] == "s1"]["reads"].sum() == 9
    assert tables.classes.groupby("sample")["share"].sum().tolist() == pytest.approx([1, 1])
    assert tables.markers.query("sample == 's1'")["share"].tolist() == [1.0]
    assert tables.summary["multimapped_share"].tolist() == [0, 1]


PIECES = st.sampled_from([hairpin_of(n)[0] for n in ("100", "7a", "7b", "199a")] + [RRNA, TRNA, MRNA])
CUTS = st.tuples(PIECES, st.integers(0, 40), st.integers(1, 45), st.text("ACGT", max_size=4))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(CUTS, st.integers(1, 500)), max_size=30), st.randoms(use_true_random=False))
def test_sums_and_order_hold_for_any_inserts(cuts, shuffler):
    reads = Counter()
    for (source, start, length, tail), n in cuts:
        reads[source[start : start + length] + tail] += n
    items = [(text, n) for text, n in reads.items() if text]
    sample = count(dict(items))
    shuffler.shuffle(items)
    again = count(dict(items))
    assert sample.class_reads.sum() == sum(n for _, n in items)
    assert sample.counts.sum() == pytest.approx(int(sample.class_reads[0]), abs=1e-6)
    assert (sample.counts >= 0).all() and sample.counts.tolist() == again.counts.tolist()
