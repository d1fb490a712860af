"""Small-RNA inserts with known truth, made without the code under test."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np

from acuomics.smallrna.inserts import Inserts


def code(text: str) -> int:
    """The packed key by its definition: a leading 1, then two bits a base."""
    return int("1" + "".join(f"{'ACGT'.index(b):02b}" for b in text[:31]), 2)


def make_inserts(counts: dict[str, int], umis: dict[str, int] | None = None) -> Inserts:
    """Inserts from text to reads, sorted as the contract says."""
    rows: dict[tuple[int, int], list[int]] = {}
    for text, n in counts.items():
        row = rows.setdefault((code(text), min(len(text), 255)), [0, 0])
        row[0] += n
        row[1] += (umis or {}).get(text, 0)
    keys = sorted(rows)
    return Inserts(
        np.array([k for k, _ in keys], np.uint64),
        np.array([n for _, n in keys], np.uint8),
        np.array([rows[k][0] for k in keys], np.int64),
        None if umis is None else np.array([rows[k][1] for k in keys], np.int64),
    )


def with_errors(text: str, rate: float, rng: random.Random) -> str:
    """One read of an insert: every base wrong with probability `rate`."""
    if rate == 0:
        return text
    return "".join(rng.choice([x for x in "ACGT" if x != b]) if rng.random() < rate else b for b in text)


def isomir(hairpin: str, start: int, length: int, rng: random.Random) -> str:
    """A templated isomiR with ends as real libraries have them, one in ten with an added A or T."""
    a = rng.choices([0, -1, 1], [94, 3, 3])[0]
    b = rng.choices([0, -1, 1, -2, 2], [60, 18, 14, 5, 3])[0]
    text = hairpin[max(start + a, 0) : start + length + b]
    return text + (rng.choice("AATT") if rng.random() < 0.1 else "")


def random_rna(rng: random.Random, low: int = 16, high: int = 45) -> str:
    """A random insert."""
    return "".join(rng.choices("ACGT", k=rng.randint(low, high)))


def _erroneous(text: str, rate: float, rng: random.Random) -> str:
    """One read of an insert with at least one wrong base."""
    while (read := with_errors(text, rate, rng)) == text:
        pass
    return read


def library(
    loci: list[tuple[str, str, int, int]], reads: int, rate: float, seed: int, other: float = 0.3
) -> tuple[Counter[str], Counter[str]]:
    """Reads of miRNAs with Zipf abundances, ends as in `isomir`, and random RNA.

    `loci` is a list of (accession, hairpin, start, length). Returns inserts to reads, and accession to true reads.
    """
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    order = loci[:]
    rng.shuffle(order)
    zipf = 1 / np.arange(1, len(order) + 1)
    shapes = [(a, b, t) for a in (0, -1, 1) for b in (0, -1, 1, -2, 2) for t in ("", "A", "T")]
    five, three = {0: 0.94, -1: 0.03, 1: 0.03}, {0: 0.6, -1: 0.18, 1: 0.14, -2: 0.05, 2: 0.03}
    chances = [five[a] * three[b] * {"": 0.9}.get(t, 0.05) for a, b, t in shapes]
    clean: Counter[str] = Counter()
    truth: Counter[str] = Counter()
    for (accession, hairpin, start, length), n in zip(
        order, numbers.multinomial(round(reads * (1 - other)), zipf / zipf.sum()).tolist(), strict=True
    ):
        truth[accession] = n
        for (a, b, tail), k in zip(shapes, numbers.multinomial(n, chances).tolist(), strict=True):
            clean[hairpin[max(start + a, 0) : start + length + b] + tail] += k
    pool = [random_rna(rng) for _ in range(2000)]
    clean.update(rng.choices(pool, k=round(reads * other)))
    found: Counter[str] = Counter()
    for text, n in clean.items():
        wrong = int(numbers.binomial(n, 1 - (1 - rate) ** len(text)))
        found[text] += n - wrong
        for _ in range(wrong):
            found[_erroneous(text, rate, rng)] += 1
    return +found, +truth
