"""An adapter nobody named, from the reads: the bases that follow everywhere, after ever other bases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.records import CODES
from acuomics.smallrna.sample import ReadSample

#: Reads that are enough for a consensus.
_ENOUGH = 20_000
#: Length of the k-mers counted, nt.
K = 10
#: Reads that agree in as many first bases are of one kind, and count once.
_KIND = 16
#: 10-mers with this share of the reads of the most frequent one may begin the adapter.
_FREQUENT = 0.7
#: The longest consensus.
_LONGEST = 32
#: Share of the reads that must agree on a base of the consensus.
_AGREE = 0.75
#: 5' barcodes: lengths tried, how many may be there, share of reads they must explain, and lose when one base longer.
_HEADS, _MOST_HEADS, _HEAD_SHARE, _HEAD_DROP = range(4, 9), 4, 0.8, 0.25


@dataclass(frozen=True)
class Consensus:
    """A sequence that recurs at the 3' side, and the reads of the sample that began it (distinct kinds)."""

    sequence: str
    kinds: int


def _matrix(sample: ReadSample, width: int) -> NDArray[np.uint8]:
    """Reads as codes, one a row, padded with 255."""
    at = np.arange(width)
    inside = at < sample.lengths[:, None]
    place = np.minimum(sample.starts[:, None] + at, len(sample.buffer) - 1)
    return np.where(inside, CODES[sample.buffer[place]], np.uint8(255))


def consensus_adapter(sample: ReadSample, longest_read: int = 160) -> Consensus | None:
    """Find what follows the inserts.

    Reads with the same first 16 bases count once, so that no abundant miRNA outweighs the rest. Of the 10-mers about
    as frequent as the most frequent one the leftmost seeds a consensus (behind a UMI a second adapter may follow). It
    grows to both sides while three quarters of the reads agree on the next base and at least a tenth of them reach
    that far. Before the adapter stand the ends of many inserts, and the growth stops there.

    Parameters
    ----------
    sample : ReadSample
        Reads.
    longest_read : int
        Bases looked at.

    Returns
    -------
    Consensus or None
        None when there are too few kinds of reads or no 10-mer is in a fifth of them.
    """
    sample = sample.subset(np.arange(min(len(sample.starts), _ENOUGH)))
    reads = _matrix(sample, int(min(longest_read, sample.lengths.max(initial=0))))
    if reads.shape[1] < _KIND + K:
        return None
    _, first = np.unique(reads[:, :_KIND], axis=0, return_index=True)
    reads = reads[np.sort(first)]
    windows = np.zeros((len(reads), reads.shape[1] - K + 1), dtype=np.int64)
    clean = np.ones(windows.shape, dtype=bool)
    for i in range(K):
        part = reads[:, i : i + windows.shape[1]]
        windows = windows * 4 + (part & 3)
        clean &= part <= 3
    windows[~clean] = -1
    # Only k-mers that do not begin with the read: what every read begins with is no 3' adapter.
    windows = windows[:, 1:]
    ordered = np.sort(windows, axis=1)
    once = np.concatenate([np.ones((len(ordered), 1), dtype=bool), ordered[:, 1:] != ordered[:, :-1]], axis=1)
    kmers, counts = np.unique(ordered[once & (ordered >= 0)], return_counts=True)
    # Poly-A, -C, -G and -T are no adapters here: tails are kits of their own, and dark cycles read as G.
    flat = [sum(base * 4**i for i in range(K)) for base in range(4)]
    counts = np.where(np.isin(kmers, flat), 0, counts)
    if len(counts) == 0 or counts.max() < max(20, 0.2 * len(reads)):
        return None
    frequent = kmers[counts >= _FREQUENT * counts.max()]
    seed = min(frequent, key=lambda kmer: (_median_place(windows == kmer), kmer))
    hit = windows == seed
    row = np.flatnonzero(hit.any(axis=1))
    at = hit[row].argmax(axis=1) + 1
    fewest = max(10, len(row) // 10)
    consensus = [int(seed) >> 2 * (K - 1 - i) & 3 for i in range(K)]
    grown = True
    left, right = 1, K
    while grown and len(consensus) < _LONGEST:
        grown = False
        for side, offset in ((0, -left), (1, right)):
            column = at + offset
            fits = (column >= 0) & (column < reads.shape[1])
            bases = reads[row[fits], column[fits]]
            bases = bases[bases <= 3]
            if len(bases) < fewest or len(consensus) >= _LONGEST:
                continue
            share = np.bincount(bases, minlength=4) / len(bases)
            if share.max() < _AGREE:
                continue
            grown = True
            if side:
                consensus.append(int(share.argmax()))
                right += 1
            else:
                consensus.insert(0, int(share.argmax()))
                left += 1
    return Consensus("".join("ACGT"[code] for code in consensus), len(row))


def _median_place(hit: NDArray[np.bool_]) -> float:
    return float(np.median(hit[hit.any(axis=1)].argmax(axis=1)))


def common_heads(inserts: ReadSample) -> tuple[int, tuple[str, ...], float]:
    """Tell whether the inserts begin with one of a few barcodes.

    Returns
    -------
    tuple
        Length (0 for none), the barcodes (most frequent first), share of the inserts that begin with one. A length is
        believed when at most four sequences cover 80 % of the inserts and the same number of sequences one base longer
        covers 25 points less, as where the barcodes end and the inserts begin.
    """
    codes = _matrix(inserts, max(_HEADS) + 1)
    codes = codes[(codes <= 3).all(axis=1)]
    best: tuple[int, tuple[str, ...], float] = (0, (), 0.0)
    if len(codes) < 100:
        return best
    for size in _HEADS:
        covered, words = _covered(codes, size)
        needed = int(np.searchsorted(covered, _HEAD_SHARE)) + 1
        if needed > min(_MOST_HEADS, len(covered)):
            continue
        longer, _ = _covered(codes, size + 1)
        if covered[needed - 1] - longer[min(needed, len(longer)) - 1] < _HEAD_DROP:
            continue
        # A single barcode and one base more are four sequences: the fewest count, then the longest.
        if not best[0] or needed <= len(best[1]):
            best = size, words[:needed], float(covered[needed - 1])
    return best


def _covered(codes: NDArray[np.uint8], size: int) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Share of the rows that begin with the most frequent, the two most frequent, ... sequences; and these."""
    words, counts = np.unique(codes[:, :size], axis=0, return_counts=True)
    most = np.argsort(-counts, kind="stable")[: 2 * _MOST_HEADS]
    texts = tuple("".join("ACGT"[code] for code in words[i]) for i in most)
    return np.cumsum(counts[most]) / len(codes), texts
