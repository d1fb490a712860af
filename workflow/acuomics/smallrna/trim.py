"""From a read to its insert: the 3' adapter found, fixed and random bases cut off, the insert packed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.inserts import MAX_LENGTH, MAX_PACKED
from acuomics.smallrna.jit import kernel
from acuomics.smallrna.kits import Kit, Trimming
from acuomics.smallrna.planes import (
    LONGEST,
    SHORTEST,
    adapter_planes,
    block_ends,
    find_planes,
    pack_planes,
    read_planes,
)
from acuomics.smallrna.records import CODES, DIGIT, Bytes

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

#: An adapter is compared over its first bases, as many as fit in 64 bits.
COMPARED = 32
#: Entries of the array of totals that `trim` fills.
TOTALS = ("reads", "untrimmed", "dimers", "too_short", "with_n", "long", "umi_incomplete", "invalid")
#: An insert's tag: length, whether its UMI is missing or incomplete, UMI; 31 bits below are left for a count.
LENGTH_SHIFT, NO_UMI_SHIFT, UMI_SHIFT = 56, 55, 31
MAX_UMI = 12
COUNT_MASK = (1 << UMI_SHIFT) - 1

_FULL = 0xFFFFFFFFFFFFFFFF
_LOW = 0x5555555555555555


def adapter_word(adapter: str) -> tuple[int, int]:
    """Give the first 32 bases of an adapter in 64 bits, the first base at the top, and how many they are."""
    word = 0
    compared = adapter[:COMPARED]
    for base in compared:
        word = word << 2 | int(CODES[ord(base)])
    return word << 2 * (COMPARED - len(compared)), len(compared)


def tolerated(size: int, rate: float, exact: bool) -> NDArray[np.int64]:
    """Give the substitutions forgiven for each length of overlap from 0 to `size` (none when `exact`)."""
    return np.array([0 if exact else min(3, int(rate * m + 1e-9)) for m in range(size + 1)], dtype=np.int64)


@kernel
def _first_bases(codes: Bytes, n: int) -> np.uint64:
    """Give the first 32 of ``codes[:n]`` in 64 bits, the first at the top; A where there are fewer."""
    window = np.uint64(0)
    filled = min(n, 32)
    for code in codes[:filled]:
        window = window << np.uint64(2) | np.uint64(code & 3)
    return window << np.uint64(2 * (32 - filled)) if filled else window


@kernel
def _find(codes: Bytes, n: int, window: np.uint64, word: np.uint64, allowed: Integers, overlap: int) -> int:
    """Find the leftmost place where the adapter begins in ``codes[:n]`` with few enough substitutions; -1 for none.

    Ambiguous bases compare as A or C. All compared bases of a place are one XOR; clearing the lowest set bit k times
    tells whether there are more than k differences. `window` is ``_first_bases(codes, n)``.
    """
    size = len(allowed) - 1
    mask = np.uint64(_FULL) << np.uint64(2 * (32 - size))
    most = allowed[size]
    whole = n - size
    ahead = codes[32:n] if n > 32 else codes[:0]
    for place in range(n - overlap + 1):
        if place > whole:
            size = n - place
            mask = np.uint64(_FULL) << np.uint64(2 * (32 - size))
            most = allowed[size]
        differ = window ^ word
        differ = (differ | differ >> np.uint64(1)) & np.uint64(_LOW) & mask
        if most >= 1:
            differ &= differ - np.uint64(1)
            if most >= 2:
                differ &= differ - np.uint64(1)
                if most >= 3:
                    differ &= differ - np.uint64(1)
        if differ == 0:
            return place
        window <<= np.uint64(2)
        if place < len(ahead):
            window |= np.uint64(ahead[place] & 3)
    return -1


@kernel
def locate(
    buffer: Bytes,
    words: Words,
    starts: Integers,
    lengths: Integers,
    lut: Bytes,
    word: np.uint64,
    adapter: Words,
    adapter_codes: Words,
    ends: NDArray[np.bool_],
    allowed: Integers,
    overlap: int,
) -> Integers:
    """Give the place of the adapter in each read, -1 where there is none (int64[reads]).

    `words` is the buffer, eight bytes each, without the rest; the other arrays are those of `trim`.
    """
    places = np.empty(len(starts), dtype=np.int64)
    longest = 1
    for i in range(len(lengths)):
        longest = max(longest, lengths[i])
    codes = np.empty(longest, dtype=np.uint8)
    masks = np.empty(4, dtype=np.uint64)
    for i in range(len(starts)):
        start, length = starts[i], lengths[i]
        # `read_planes` takes up to 16 bytes more than the read has.
        if SHORTEST <= length <= LONGEST and start + length + 16 <= 8 * len(words):
            high, low, plain = read_planes(words, start, length)
            if plain:
                places[i] = find_planes(high, low, length, adapter, adapter_codes, ends, allowed, overlap, masks)
                continue
        for j in range(length):
            codes[j] = lut[buffer[start + j]]
        window = _first_bases(codes, length)
        places[i] = _find(codes, length, window, word, allowed, overlap)
    return places


@kernel
def trim(
    buffer: Bytes,
    starts: Integers,
    lengths: Integers,
    n: int,
    lut: Bytes,
    codes: Bytes,
    word: np.uint64,
    adapter: Words,
    adapter_codes: Words,
    ends: NDArray[np.bool_],
    allowed: Integers,
    plan: Integers,
    keys: Words,
    tags: Words,
    totals: Integers,
    histogram: Integers,
) -> int:
    """Trim and pack `n` reads; give the number of inserts packed.

    Parameters
    ----------
    buffer, starts, lengths, n : arrays of `records.parse`
        The reads; each with its qualities behind it in the buffer.
    lut : uint8[256]
        ``records.CODES``.
    codes : uint8[longest]
        Room for the longest read.
    word, adapter, adapter_codes, ends, allowed : of `Trimmer`
        The adapter; ``word`` for reads that `planes` does not take (longer ones, UMIs, letters other than ACGT).
    plan : int64[8]
        ``Trimmer.plan``.
    keys, tags : uint64[n]
        Take key and tag of each insert packed.
    totals : int64[8], histogram : int64[256]
        Added to: the entries of TOTALS, and reads with adapter by insert length. The last total is 1 + the number of
        the first read with a letter that is no base, and the work stops there.
    """
    has_adapter, overlap, five, three, shortest, dimer, adapter_length, umi_length = plan
    packed = 0
    words = buffer.view(np.uint64)
    masks = np.empty(4, dtype=np.uint64)
    high, low, window = np.uint64(0), np.uint64(0), np.uint64(0)
    for i in range(n):
        length = lengths[i]
        unknown = length
        place = length
        short = SHORTEST <= length <= LONGEST and not umi_length
        if short:
            high, low, short = read_planes(words, starts[i], length)
        if short:
            totals[0] += 1
            if has_adapter:
                place = find_planes(high, low, length, adapter, adapter_codes, ends, allowed, overlap, masks)
        else:
            read = buffer[starts[i] : starts[i] + length]
            seen = np.uint8(0)
            for j in range(length):
                codes[j] = lut[read[j]]
                seen |= codes[j]
            if seen > 3:
                for j in range(length - 1, five - 1, -1):
                    if codes[j] > 3:
                        unknown = j
            if seen >= DIGIT:
                totals[7] = totals[0] + 1
                return packed
            totals[0] += 1
            window = _first_bases(codes, length)
            if has_adapter:
                place = _find(codes, length, window, word, allowed, overlap)
        if place < 0:
            totals[1] += 1
            continue
        stop = place - three
        size = max(0, stop - five)
        histogram[min(size, MAX_LENGTH)] += 1
        if size < shortest:
            totals[2 if size < dimer else 3] += 1
            continue
        if unknown < stop:
            totals[4] += 1
            continue
        if size > 50:
            totals[5] += 1
        if short:
            key = pack_planes(high, low, five, size)
        else:
            if five:
                window = _first_bases(codes[five:], size)
            bases = min(size, MAX_PACKED)
            key = np.uint64(1) << np.uint64(2 * bases)
            if bases:
                key |= window >> np.uint64(64 - 2 * bases)
        tag = np.uint64(min(size, MAX_LENGTH)) << np.uint64(LENGTH_SHIFT)
        if umi_length:
            umi = np.uint64(0)
            begin = place + adapter_length
            whole = begin + umi_length <= length
            if whole:
                for j in range(begin, begin + umi_length):
                    whole = whole and codes[j] <= 3
                    umi = umi << np.uint64(2) | np.uint64(codes[j] & 3)
            if whole:
                tag |= umi << np.uint64(UMI_SHIFT)
            else:
                tag |= np.uint64(1) << np.uint64(NO_UMI_SHIFT)
                totals[6] += 1
        keys[packed] = key
        tags[packed] = tag
        packed += 1
    return packed


class Trimmer:
    """A kit's read layout and the settings, as `trim` wants them.

    Parameters
    ----------
    kit : Kit
        Adapter, random and fixed bases, UMI.
    settings : Trimming
        Shortest insert, overlap, error rate.
    """

    def __init__(self, kit: Kit, settings: Trimming) -> None:
        word, size = adapter_word(kit.adapter3)
        self.word = np.uint64(word)
        self.adapter = adapter_planes(kit.adapter3[:COMPARED])
        self.adapter_codes = CODES[np.frombuffer(kit.adapter3[:COMPARED].encode(), dtype=np.uint8)].astype(np.uint64)
        self.allowed = tolerated(size, settings.error_rate, exact=bool(kit.tail))
        self.ends = block_ends(size, int(self.allowed[size]))
        self.plan = np.array(
            [
                bool(kit.adapter3),
                min(settings.min_overlap, size),
                kit.head5 + kit.random5,
                kit.random3,
                settings.min_length,
                settings.dimer_length,
                len(kit.adapter3),
                kit.umi_length,
            ],
            dtype=np.int64,
        )

    def locate(self, buffer: Bytes, starts: Integers, lengths: Integers) -> Integers:
        """Give the place of the adapter in each read, -1 where there is none."""
        words = buffer[: len(buffer) // 8 * 8].view(np.uint64)
        ours = self.word, self.adapter, self.adapter_codes, self.ends, self.allowed, int(self.plan[1])
        return locate(buffer, words, starts, lengths, CODES, *ours)
