"""What the molecules of a simulated small-RNA library are: isomiRs of miRNAs, fragments of other RNA, dimers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.simulate.library import NOT_COUNTED, OTHER_RNA, ReadsSpec
from acuomics.simulate.reference import SmallReference, encode

Integers = NDArray[np.int64]

#: Where isomiRs end relative to the mature, and how common each is among those that end elsewhere.
ENDS, END_SHARES = (-2, -1, 1, 2), (0.15, 0.4, 0.35, 0.1)
#: Of the non-templated additions: share of two bases, share of A (the others are U).
TWO_ADDED, A_ADDED = 0.15, 0.55
A, U = 0, 3
#: Lengths of fragments (low, high) and the share that begins where the RNA begins: tRNA halves and Y RNA do.
FRAGMENTS = {"rrna": (16, 40, 0.1), "trna": (28, 36, 0.7), "yrna": (26, 34, 0.8), "snorna": (18, 32, 0.3)}
FRAGMENTS |= {"mrna": (16, 46, 0.0)}
#: Lengths of inserts that are too short to be told apart (low, high).
TOO_SHORT = (6, 15)


@dataclass(frozen=True)
class Inserts:
    """Inserts of n molecules: where each begins in `Pool.codes`, its length with additions, and the last two bases.

    Parameters
    ----------
    start, length : int64[n]
        Place in the pool; length in nt.
    added : int64[n]
        0, 1 or 2 bases at the 3' end that are not the pool's.
    tail : uint8[n, 2]
        These bases; with one, the second column.
    """

    start: Integers
    length: Integers
    added: Integers
    tail: NDArray[np.uint8]


@dataclass(frozen=True)
class Pool:
    """All sequences of a reference one after another (codes 0-3), and what lies where.

    A source is a miRNA of the species (the first `n_mirnas`, in their order) or one of `NOT_COUNTED` (in that order).
    """

    codes: NDArray[np.uint8]
    n_mirnas: int
    #: Of a miRNA: the first of its places, their number, and its length. A place is where a mature begins.
    first: Integers
    copies: Integers
    lengths: Integers
    places: Integers
    #: Of contaminants: start and length. Of a class of other RNA: starts and lengths of its sequences.
    foreign: tuple[Integers, Integers]
    other: dict[str, tuple[Integers, Integers]]


def make_pool(reference: SmallReference) -> Pool:
    """Lay the sequences of a reference one after another."""
    texts: list[str] = []
    end = 0

    def lay(sequence: str) -> int:
        nonlocal end
        texts.append(sequence)
        end += len(sequence)
        return end - len(sequence)

    places = [[lay(h.sequence) + h.start for h in m.hairpins] for m in reference.mirnas]
    copies = np.array([len(p) for p in places], np.int64)
    foreign = [(lay(m.sequence), len(m.sequence)) for m in reference.contaminants]
    other = {name: [(lay(s), len(s)) for _, s in entries] for name, entries in reference.other.items()}
    return Pool(
        codes=encode("".join(texts)),
        n_mirnas=len(places),
        first=np.cumsum(copies) - copies,
        copies=copies,
        lengths=np.array([len(m.sequence) for m in reference.mirnas], np.int64),
        places=np.array([at for p in places for at in p], np.int64),
        foreign=_columns(foreign),
        other={name: _columns(entries) for name, entries in other.items()},
    )


def molecules(counts: Integers, spec: ReadsSpec) -> Integers:
    """Give the number of molecules of every source of a pool.

    Parameters
    ----------
    counts : int64[miRNAs]
        Molecules of the species' miRNAs.
    spec : ReadsSpec
        Its shares are those of all molecules.
    """
    shares = np.array([spec.shares[name] for name in NOT_COUNTED])
    total = counts.sum() / (1 - shares.sum())
    return np.concatenate([counts, np.rint(shares * total).astype(np.int64)])


def draw_inserts(pool: Pool, sources: Integers, spec: ReadsSpec, rng: np.random.Generator) -> Inserts:
    """Draw one molecule of each of these sources (ascending).

    miRNAs begin and end where the mature does, or elsewhere in one of its hairpins, or end with bases of their own;
    fragments of other RNA begin anywhere, or at its 5' end.
    """
    start = np.zeros(len(sources), np.int64)
    length = np.zeros(len(sources), np.int64)
    added = np.zeros(len(sources), np.int64)
    bounds = np.searchsorted(sources, np.arange(pool.n_mirnas, pool.n_mirnas + len(NOT_COUNTED) + 1))
    n = int(bounds[0])
    mirna = sources[:n]
    place = pool.first[mirna] + (rng.random(n) * pool.copies[mirna]).astype(np.int64)
    shift = np.where(rng.random(n) < spec.shift_5p, rng.choice((-1, 1), n), 0)
    last = np.where(rng.random(n) < spec.shift_3p, rng.choice(ENDS, n, p=END_SHARES), 0)
    added[:n] = np.where(rng.random(n) < spec.addition, 1 + (rng.random(n) < TWO_ADDED), 0)
    start[:n] = pool.places[place] + shift
    length[:n] = pool.lengths[mirna] - shift + last + added[:n]
    tail = np.where(rng.random((len(sources), 2)) < A_ADDED, A, U).astype(np.uint8)
    for name, low, high in zip(NOT_COUNTED, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if name == "contamination":
            start[low:high], length[low:high] = _choose(pool.foreign, high - low, rng)
        elif name in OTHER_RNA:
            shortest, longest, from_end = FRAGMENTS[name]
            start[low:high], length[low:high] = _fragments(
                pool.other[name], high - low, (shortest, longest), from_end, rng
            )
        elif name == "too_short":
            start[low:high], length[low:high] = _fragments(pool.other["rrna"], high - low, TOO_SHORT, 0.0, rng)
    return Inserts(start, length, added, tail)


def _columns(pairs: list[tuple[int, int]]) -> tuple[Integers, Integers]:
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _choose(table: tuple[Integers, Integers], n: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Choose `n` of the sequences of a table, all equally likely."""
    which = rng.integers(0, len(table[0]), n) if n else np.zeros(0, np.int64)
    return table[0][which], table[1][which]


def _fragments(
    table: tuple[Integers, Integers], n: int, lengths: tuple[int, int], from_end: float, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Cut `n` fragments out of the sequences of a table."""
    start, whole = _choose(table, n, rng)
    length = rng.integers(*lengths, n)
    offset = np.where(rng.random(n) < from_end, 0, (rng.random(n) * (whole - length + 1)).astype(np.int64))
    return start + offset, length
