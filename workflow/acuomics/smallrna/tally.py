"""Counting inserts in a hash table of two words an entry, and taking them out again in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.jit import kernel
from acuomics.smallrna.trim import COUNT_MASK

Words = NDArray[np.uint64]

_START = 1 << 16
#: The table grows when more than this share of it is taken.
_LOAD = 0.6


@kernel
def _slot(key: np.uint64, tag: np.uint64, bits: int) -> np.int64:
    mixed = (key ^ (tag * np.uint64(0xC2B2AE3D27D4EB4F))) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mixed >> np.uint64(64 - bits))


@kernel
def _add(table: Words, bits: int, keys: Words, tags: Words, n: int, times: Words) -> int:
    """Count `n` inserts, ``times[i]`` times each (once when `times` is empty); give the number of new entries."""
    mask = np.int64((1 << bits) - 1)
    new = 0
    for i in range(n):
        key, tag = keys[i], tags[i]
        count = times[i] if len(times) else np.uint64(1)
        at = _slot(key, tag, bits)
        while True:
            found = table[2 * at]
            if found == key and table[2 * at + 1] & ~np.uint64(COUNT_MASK) == tag:
                table[2 * at + 1] += count
                break
            if found == 0:
                table[2 * at] = key
                table[2 * at + 1] = tag | count
                new += 1
                break
            at = (at + 1) & mask
    return new


class Tally:
    """Counts by key and tag (see `trim`); at most 2**31 - 1 of one kind."""

    def __init__(self) -> None:
        self._bits = _START.bit_length() - 1
        self._table: Words = np.zeros(2 * _START, dtype=np.uint64)
        self._used = 0
        self._once: Words = np.empty(0, dtype=np.uint64)

    def add(self, keys: Words, tags: Words, n: int) -> None:
        """Count the first `n` of these inserts."""
        while self._used + n > _LOAD * (1 << self._bits):
            self._grow()
        self._used += _add(self._table, self._bits, keys, tags, n, self._once)

    def _grow(self) -> None:
        table = self._table.reshape(-1, 2)
        taken = table[table[:, 0] != 0]
        self._bits += 1
        self._table = np.zeros(2 << self._bits, dtype=np.uint64)
        counts = taken[:, 1] & np.uint64(COUNT_MASK)
        _add(self._table, self._bits, taken[:, 0], taken[:, 1] & ~np.uint64(COUNT_MASK), len(taken), counts)

    def take(self) -> tuple[Words, Words]:
        """Give keys and entries (tag and count) sorted by key, length, UMI, and forget them."""
        table = self._table.reshape(-1, 2)
        taken = np.flatnonzero(table[:, 0])
        keys, entries = table[taken, 0], table[taken, 1]
        self.__init__()  # type: ignore[misc]
        order = np.argsort(keys)
        keys, entries = keys[order], entries[order]
        # Equal keys: inserts of more than 31 nt, and UMIs. Only those have to be put in order of their entries.
        same = keys[1:] == keys[:-1]
        ties = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if same.any() else order[:0]
        entries[ties] = entries[ties][np.lexsort((entries[ties], keys[ties]))]
        return keys, entries
