"""FASTQ records in a buffer of bytes: where each sequence begins, how long it is, and which record is none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.jit import kernel

Bytes = NDArray[np.uint8]
#: Bases as 0 to 3 (U as T), AMBIGUOUS (N, other IUPAC letters, ``.``), DIGIT (colour space), ALIEN (anything else).
#: A bit each, so that the OR of a read's codes tells what is in it.
AMBIGUOUS, DIGIT, ALIEN = 4, 8, 16
CODES = np.full(256, ALIEN, dtype=np.uint8)
for _code, _letters in {
    0: b"Aa",
    1: b"Cc",
    2: b"Gg",
    3: b"TtUu",
    AMBIGUOUS: b"NRYSWKMBDHVXnryswkmbdhvx.-",
    DIGIT: b"0123456789",
}.items():
    CODES[list(_letters)] = _code

#: What `parse` says of the place where it stopped.
MORE, NO_AT, NO_PLUS, QUALITY_LENGTH = 0, 1, 2, 3


_NEWLINES = 0x0A0A0A0A0A0A0A0A
_ONES = 0x0101010101010101
_TOPS = 0x8080808080808080


@kernel
def _line_end(buffer: Bytes, words: NDArray[np.uint64], place: int, end: int) -> int:
    """Give the place of the first LF in ``buffer[place:end]``, or `end`; `words` is the buffer, eight bytes each."""
    while place < end and place & 7:
        if buffer[place] == 10:
            return place
        place += 1
    while place + 8 <= end:
        # A byte of `differ` is 0 where the text has LF; then, and only then, some top bit is left below.
        differ = words[place >> 3] ^ np.uint64(_NEWLINES)
        if (differ - np.uint64(_ONES)) & ~differ & np.uint64(_TOPS):
            break
        place += 8
    while place < end and buffer[place] != 10:
        place += 1
    return place


@kernel
def parse(
    buffer: Bytes,
    begin: int,
    end: int,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    quality: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Find the complete records of ``buffer[begin:end]``.

    Line ends are LF or CR LF, blank lines between records are skipped, sequences and qualities stand on one line each.

    Parameters
    ----------
    buffer : uint8[8 m]
        Bytes that have a record at `begin`.
    begin, end : int
        The part to look at.
    starts, lengths : int64[m]
        Take where each sequence begins in `buffer` and how many letters it has; the search stops when they are full.
    quality : int64[2]
        Smallest and largest quality byte seen; taken up and put back.

    Returns
    -------
    tuple of int
        Number of records, where the first unused byte is, and why it stopped there: MORE (the rest is no whole record,
        or the arrays are full), NO_AT, NO_PLUS, QUALITY_LENGTH.
    """
    words = buffer.view(np.uint64)
    n = 0
    place = begin
    low, high = np.uint8(quality[0]), np.uint8(quality[1])
    state = MORE
    while n < len(starts):
        while place < end and (buffer[place] == 10 or buffer[place] == 13):
            place += 1
        if place >= end:
            break
        if buffer[place] != 64:  # @
            state = NO_AT
            break
        first = _line_end(buffer, words, place, end) + 1
        stop = _line_end(buffer, words, first, end)
        plus = stop + 1
        if plus >= end:
            break
        if buffer[plus] != 43:  # +
            state = NO_PLUS
            break
        size = stop - first
        if size > 0 and buffer[stop - 1] == 13:
            size -= 1
        scores = plus + 1
        if buffer[scores] != 10:
            scores = _line_end(buffer, words, scores, end)
        scores += 1
        after = scores + size
        if after < end and buffer[after] == 13:
            after += 1
        if after >= end:
            break
        if buffer[after] != 10:
            state = QUALITY_LENGTH
            break
        small, large = low, high
        for byte in buffer[scores : scores + size]:
            small = min(small, byte)
            large = max(large, byte)
        if small <= 13:  # a line end inside: the quality line is shorter
            state = QUALITY_LENGTH
            break
        low, high = small, large
        starts[n] = first
        lengths[n] = size
        n += 1
        place = after + 1
    quality[0], quality[1] = low, high
    return n, place, state
