"""A short read as two words of bits, eight letters at a time: its adapter found and its insert packed without a loop
over its bases.

A base is two bits (A 0, C 1, G 2, T 3); the high bits of all bases of a read are one word, the low bits another, the
first base at the top. What is one operation on such a word is one on 64 bases.

numba keeps the compiled `trim.trim`, these kernels in it, by the time stamp of trim.py: touch that file after a change
of this one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.inserts import MAX_PACKED
from acuomics.smallrna.jit import kernel

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

#: Reads of these lengths fit; of a shorter one the words read might reach behind the end of the buffer.
SHORTEST, LONGEST = 16, 64
_FULL = 0xFFFFFFFFFFFFFFFF
#: A byte each: lowest bit; A; the bits that differ between A, C, G and T (2 and 1); all but the bit of letter case.
_BIT, _A, _BASE, _CASE = (byte * 0x0101010101010101 for byte in (0x01, 0x41, 0x06, 0xDF))
#: Times this, the lowest bits of eight bytes stand side by side in the highest byte, the first one at the top.
_GATHER = 0x8040201008040201
#: Times this, a word whose bits are all set from some bit down has that bit's number in its six highest bits, coded.
_COUNT = 0x03F6EAF2CD271461
_HIGHEST = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _HIGHEST[((2 << _bit) - 1) * _COUNT % (1 << 64) >> 58] = _bit


def adapter_planes(adapter: str) -> Words:
    """Give the high and the low bits of an adapter's bases (at most 32), the first base at the top (uint64[2])."""
    high = sum(1 << (63 - i) for i, base in enumerate(adapter) if base in "GT")
    low = sum(1 << (63 - i) for i, base in enumerate(adapter) if base in "CT")
    return np.array([high, low], dtype=np.uint64)


def block_ends(size: int, substitutions: int) -> NDArray[np.bool_]:
    """Say which bases of an adapter end a block, of one block more than there may be substitutions (bool[size])."""
    ends = np.zeros(size, dtype=bool)
    ends[[size * (block + 1) // (substitutions + 1) - 1 for block in range(substitutions + 1)] if size else []] = True
    return ends


@kernel
def read_planes(words: Words, start: int, length: int) -> tuple[np.uint64, np.uint64, bool]:
    """Give high and low bits of a read, and whether all its letters are A, C, G or T of either case.

    Parameters
    ----------
    words : uint64[m]
        The buffer, eight bytes each (the first one lowest).
    start, length : int
        The read in bytes; SHORTEST to LONGEST letters, with at least as many bytes behind it (its qualities).
    """
    high = np.uint64(0)
    middle = np.uint64(0)
    alien = np.uint64(0)
    at = start >> 3
    shift = np.uint64(8 * (start & 7))
    back = np.uint64(63) - shift
    here = words[at]
    for first in range(0, length, 8):
        at += 1
        following = words[at]
        text = here >> shift | following << back << np.uint64(1)
        here = following
        bit2 = text >> np.uint64(2)
        bit1 = text >> np.uint64(1)
        # Only T has bit 2 without bit 1, and only T has no lowest bit, but bit 4.
        is_t = bit2 & ~bit1 & np.uint64(_BIT)
        meant = (np.uint64(_A) ^ is_t) | is_t << np.uint64(4) | (text & np.uint64(_BASE))
        wrong = (text & np.uint64(_CASE)) ^ meant
        if length - first < 8:
            wrong &= np.uint64(_FULL) >> np.uint64(64 - 8 * (length - first))
        alien |= wrong
        # The highest byte of the product, put where these eight bases belong.
        place = np.uint64(first)
        high |= ((bit2 & np.uint64(_BIT)) * np.uint64(_GATHER)) >> np.uint64(56) << np.uint64(56) >> place
        middle |= ((bit1 & np.uint64(_BIT)) * np.uint64(_GATHER)) >> np.uint64(56) << np.uint64(56) >> place
    # A, C, G, T have 00, 01, 11, 10 in bits 2 and 1.
    return high, high ^ middle, alien == 0


@kernel
def find_planes(
    high: np.uint64,
    low: np.uint64,
    n: int,
    adapter: Words,
    codes: Words,
    ends: NDArray[np.bool_],
    allowed: Integers,
    overlap: int,
    masks: Words,
) -> int:
    """Find the leftmost place where the adapter begins with few enough substitutions; -1 for none.

    The answer of `trim._find`: of a match with k substitutions in k + 1 blocks one block is exact, and where a block
    matches exactly is known for all places at once.

    Parameters
    ----------
    high, low : of `read_planes`
    n : int
        Bases of the read.
    adapter : of `adapter_planes`
    codes : uint64[size]
        Its compared bases.
    ends : bool[size]
        Of `block_ends`.
    allowed : int64[size + 1]
        Substitutions forgiven by length of overlap.
    overlap : int
        Fewest bases of the adapter.
    masks : uint64[4]
        Room: the places of each base.
    """
    size = len(codes)
    whole = n - size
    most = allowed[size]
    adapter_high, adapter_low = adapter[0], adapter[1]
    if whole >= 0:
        masks[0] = ~high & ~low
        masks[1] = ~high & low
        masks[2] = high & ~low
        masks[3] = high & low
        possible = np.uint64(0)
        match = np.uint64(_FULL)
        for i in range(size):
            match &= masks[codes[i]] << np.uint64(i)
            if ends[i]:
                possible |= match
                match = np.uint64(_FULL)
        possible &= np.uint64(_FULL) << np.uint64(63 - whole)
        kept = np.uint64(_FULL) << np.uint64(64 - size)
        while possible:
            filled = possible
            filled |= filled >> np.uint64(1)
            filled |= filled >> np.uint64(2)
            filled |= filled >> np.uint64(4)
            filled |= filled >> np.uint64(8)
            filled |= filled >> np.uint64(16)
            filled |= filled >> np.uint64(32)
            place = 63 - _HIGHEST[(filled * np.uint64(_COUNT)) >> np.uint64(58)]
            shift = np.uint64(place)
            differ = ((high << shift ^ adapter_high) | (low << shift ^ adapter_low)) & kept
            for _ in range(most):
                differ &= differ - np.uint64(1)
            if differ == 0:
                return int(place)
            possible &= filled >> np.uint64(1)
    for place in range(max(0, whole + 1), n - overlap + 1):
        shift = np.uint64(place)
        kept = np.uint64(_FULL) << np.uint64(64 - (n - place))
        differ = ((high << shift ^ adapter_high) | (low << shift ^ adapter_low)) & kept
        for _ in range(allowed[n - place]):
            differ &= differ - np.uint64(1)
        if differ == 0:
            return place
    return -1


@kernel
def _spread(bits: np.uint64) -> np.uint64:
    """Put a zero before each of 32 bits."""
    bits = (bits | bits << np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    bits = (bits | bits << np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    bits = (bits | bits << np.uint64(4)) & np.uint64(0x0F0F0F0F0F0F0F0F)
    bits = (bits | bits << np.uint64(2)) & np.uint64(0x3333333333333333)
    return (bits | bits << np.uint64(1)) & np.uint64(0x5555555555555555)


@kernel
def pack_planes(high: np.uint64, low: np.uint64, first: int, size: int) -> np.uint64:
    """Give the key (`inserts.Inserts`) of the insert of `size` bases from `first` on."""
    bases = min(size, MAX_PACKED)
    if bases == 0:
        return np.uint64(1)
    shift, back = np.uint64(first), np.uint64(64 - bases)
    packed = _spread(high << shift >> back) << np.uint64(1) | _spread(low << shift >> back)
    return packed | np.uint64(1) << np.uint64(2 * bases)
