"""The distinct inserts of a sample, packed in 64 bits each: what reading leaves and counting takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: A key holds at most this many bases (2 bits each, and the sentinel); of a longer insert its first ones.
MAX_PACKED = 31
#: Lengths are kept in one byte; a longer insert has this length.
MAX_LENGTH = 255
_DIGITS = str.maketrans("ACGTUacgtu", "0123301233")
_BASES = re.compile("[ACGTU]*", re.IGNORECASE)
_TEXT = np.frombuffer(b"ACGT", dtype=np.uint8)


@dataclass(frozen=True)
class Inserts:
    """Distinct inserts, sorted by (key, length), each (key, length) once.

    Inserts with N or another ambiguous base are counted in the totals of the reads and have no row here.

    Parameters
    ----------
    keys : uint64[n]
        2 bits a base (A 0, C 1, G 2, T 3), first base most significant, a sentinel 1 bit above them; of inserts longer
        than 31 nt the first 31 bases.
    lengths : uint8[n]
        True length in nt, capped at 255.
    reads : int64[n]
        Reads with this insert.
    umis : int64[n] or None
        Distinct molecules, when the kit has unique molecular identifiers.
    """

    keys: NDArray[np.uint64]
    lengths: NDArray[np.uint8]
    reads: NDArray[np.int64]
    umis: NDArray[np.int64] | None = None


def pack(text: str) -> int:
    """Give the key of an insert (any letter case, U as T); of a longer one than 31 nt that of its first 31 bases.

    Raises
    ------
    ValueError
        A letter is none of A, C, G, T, U.
    """
    bases = text[:MAX_PACKED]
    if not _BASES.fullmatch(bases):
        wrong = next(base for base in bases if not _BASES.fullmatch(base))
        raise ValueError(f"{wrong!r} in {text!r} is none of A, C, G, T, U")
    return int("1" + bases.translate(_DIGITS), 4)


def unpack(key: int) -> str:
    """Give the bases of a key as DNA."""
    key = int(key)
    if key < 1:
        raise ValueError(f"{key} is no packed insert: the sentinel bit is missing")
    n = (key.bit_length() - 1) // 2
    return "".join("ACGT"[key >> 2 * (n - 1 - i) & 3] for i in range(n))


def by_size(keys: NDArray[np.uint64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give the number of bases of the keys and the rows that have it, shortest first."""
    # A key of n bases has its sentinel in bit 2n.
    sizes = (np.frexp((keys >> np.uint64(1)).astype(np.float64))[1] // 2).astype(np.int64)
    for size in np.unique(sizes).tolist():
        yield size, np.flatnonzero(sizes == size)


def unpack_all(keys: NDArray[np.uint64]) -> list[str]:
    """Give the bases of many keys as DNA, in their order."""
    texts = [""] * len(keys)
    for size, rows in by_size(keys):
        shifts = np.arange(2 * size - 2, -1, -2, dtype=np.uint64)
        text = _TEXT[keys[rows][:, None] >> shifts & np.uint64(3)].tobytes().decode()
        for number, row in enumerate(rows.tolist()):
            texts[row] = text[number * size : (number + 1) * size]
    return texts


def length_histogram(inserts: Inserts) -> NDArray[np.int64]:
    """Give the number of reads by insert length (int64[256]; the last holds all from 255 nt)."""
    histogram = np.zeros(MAX_LENGTH + 1, dtype=np.int64)
    np.add.at(histogram, inserts.lengths, inserts.reads)
    return histogram
