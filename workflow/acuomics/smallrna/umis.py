"""Molecules behind reads: UMIs of an insert that differ by a sequencing error are one (directional method)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.jit import kernel
from acuomics.smallrna.tally import Words
from acuomics.smallrna.trim import COUNT_MASK, LENGTH_SHIFT, MAX_UMI, NO_UMI_SHIFT, UMI_SHIFT

Integers = NDArray[np.int64]

#: Up to this many UMIs of an insert every pair is compared; above, the neighbours of each are looked up.
_PAIRWISE = 200
#: With more neighbours than this to be expected by chance, nobody can tell an error from a neighbour.
CROWDED = 0.02


@dataclass(frozen=True)
class Molecules:
    """Reads and molecules of the distinct inserts, in order, and what the correction did.

    `crowded` counts the inserts with so many UMIs that chance neighbours outweigh errors (more than CROWDED to be
    expected for each, with 12 nt above 9,320 UMIs); theirs are counted as they are.
    """

    keys: Words
    lengths: NDArray[np.uint8]
    reads: Integers
    umis: Integers
    raw_umis: int
    crowded: int


def crowded_above(umi_length: int) -> int:
    """Give the largest number of UMIs of one insert that are corrected."""
    return int(CROWDED * 4.0**umi_length / (3 * umi_length))


@kernel
def _index(umis: Integers, umi: int) -> int:
    """Give the place of a UMI that is among the sorted ones."""
    low, high = 0, len(umis) - 1
    while low < high:
        middle = (low + high) >> 1
        if umis[middle] < umi:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def directional(umis: Integers, counts: Integers, umi_length: int, present: NDArray[np.uint64]) -> int:
    """Count the molecules of one insert.

    The directional method of Smith, Heger and Sudbery (Genome Research 2017, 27:491): a UMI b comes from a when they
    differ in one base and count(a) >= 2 count(b) - 1. From the most frequent UMI on, each takes everything that comes
    from it, directly or over others.

    Parameters
    ----------
    umis : int64[n]
        Distinct UMIs, 2 bits a base, ascending.
    counts : int64[n]
        Reads with each.
    umi_length : int
        Bases.
    present : uint64[4**umi_length / 64]
        Zeros, and zeros again afterwards; may be empty when n <= 200.

    Returns
    -------
    int
        Number of molecules, 1 to n.
    """
    n = len(umis)
    if n <= 1:
        return n
    # Most reads first, among equals the smaller UMI: both in one number, which sorts (and compiles) fast.
    order = np.sort((COUNT_MASK - counts) << 2 * MAX_UMI | umis)
    taken = np.zeros(n, dtype=np.bool_)
    stack = np.empty(n, dtype=np.int64)
    pairwise = n <= _PAIRWISE
    if not pairwise:
        for umi in umis:
            present[umi >> 6] |= np.uint64(1) << np.uint64(umi & 63)
    molecules = 0
    for ranked in order:
        first = _index(umis, ranked & ((1 << 2 * MAX_UMI) - 1))
        if taken[first]:
            continue
        molecules += 1
        taken[first] = True
        stack[0] = first
        height = 1
        while height:
            height -= 1
            a = int(stack[height])
            if pairwise:
                for b in range(n):
                    if not taken[b] and counts[a] >= 2 * counts[b] - 1:
                        differ = umis[a] ^ umis[b]
                        differ = (differ | differ >> 1) & 0x5555555555555555
                        if differ & (differ - 1) == 0:
                            taken[b] = True
                            stack[height] = b
                            height += 1
                continue
            for base in range(umi_length):
                for change in range(1, 4):
                    near = umis[a] ^ (change << 2 * base)
                    if not present[near >> 6] >> np.uint64(near & 63) & np.uint64(1):
                        continue
                    b = _index(umis, near)
                    if not taken[b] and counts[a] >= 2 * counts[b] - 1:
                        taken[b] = True
                        stack[height] = b
                        height += 1
    if not pairwise:
        for umi in umis:
            present[umi >> 6] = 0
    return molecules


@kernel
def _fold(
    keys: Words,
    entries: Words,
    umi_length: int,
    most: int,
    present: NDArray[np.uint64],
    firsts: Integers,
    reads: Integers,
    molecules: Integers,
) -> tuple[int, int, int]:
    """Fold sorted entries into inserts; give the number of inserts, of raw UMIs and of crowded inserts."""
    n, crowded = 0, 0
    raw = np.int64(0)
    begin = 0
    while begin < len(keys):
        end = begin
        total, known = np.int64(0), np.int64(0)
        length = entries[begin] >> np.uint64(LENGTH_SHIFT)
        while end < len(keys) and keys[end] == keys[begin] and entries[end] >> np.uint64(LENGTH_SHIFT) == length:
            total += np.int64(entries[end] & np.uint64(COUNT_MASK))
            # Entries without a UMI come after those with one.
            known += 1 - np.int64(entries[end] >> np.uint64(NO_UMI_SHIFT) & np.uint64(1))
            end += 1
        umis = np.empty(known, dtype=np.int64)
        counts = np.empty(known, dtype=np.int64)
        for i in range(known):
            entry = entries[begin + i]
            umis[i] = np.int64(entry >> np.uint64(UMI_SHIFT)) & ((1 << 2 * umi_length) - 1)
            counts[i] = np.int64(entry & np.uint64(COUNT_MASK))
        firsts[n] = begin
        reads[n] = total
        if known > most:
            molecules[n] = known
            crowded += 1
        else:
            molecules[n] = directional(umis, counts, umi_length, present)
        raw += known
        n += 1
        begin = end
    return n, int(raw), crowded


def molecules(keys: Words, entries: Words, umi_length: int) -> Molecules:
    """Fold the entries of `tally.Tally.take` into inserts with reads and molecules.

    Parameters
    ----------
    keys, entries : uint64[m]
        Sorted by key, length, UMI.
    umi_length : int
        Bases of a UMI, 1 to 12.

    Returns
    -------
    Molecules
        Reads without a whole UMI are among the reads; they are no molecule of their own.
    """
    most = len(keys)
    firsts = np.empty(most, dtype=np.int64)
    reads = np.empty(most, dtype=np.int64)
    counted = np.empty(most, dtype=np.int64)
    present = np.zeros(max(1, 4**umi_length // 64), dtype=np.uint64)
    n, raw, crowded = _fold(keys, entries, umi_length, crowded_above(umi_length), present, firsts, reads, counted)
    first = firsts[:n]
    lengths = (entries[first] >> np.uint64(LENGTH_SHIFT)).astype(np.uint8)
    return Molecules(keys[first], lengths, reads[:n].copy(), counted[:n].copy(), raw, crowded)
