"""Words of 31 bases: packed into numbers, and looked for in long sequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from acuomics.rnaseq.fasta import WORD
from acuomics.smallrna.jit import kernel

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]

#: Two bits a base; anything else, the blank between sequences too, is 4 and makes every word over it none.
_CODE = np.full(256, 4, np.uint8)
for _letters, _code in (("Aa", 0), ("Cc", 1), ("Gg", 2), ("TtUu", 3)):
    for _letter in _letters:
        _CODE[ord(_letter)] = _code
#: Bases that are scanned at once.
_BLOCK = 1 << 22
#: Marks, by a hash of so many bits, of the words that are looked for: one look tells of most words that they are not.
_BITS = 24
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(64 - _BITS)
_LETTER, _TWO, _TOP = np.uint64(3), np.uint64(2), np.uint64(2 * WORD - 2)
_LAST = np.uint64((1 << (2 * WORD)) - 1)


@kernel
def _scan(
    bases: NDArray[np.uint8],
    words: Codes,
    marks: NDArray[np.bool_],
    counts: Places,
    most: int,
    found: Places,
    starts: Places,
    turned: NDArray[np.bool_],
) -> int:
    """Write the numbers of the words that are found, where, and whether turned; give how many there are."""
    code, other, run, n = np.uint64(0), np.uint64(0), 0, 0
    for i in range(len(bases)):
        if bases[i] > 3:
            run = 0
            continue
        base = np.uint64(bases[i])
        code = ((code << _TWO) | base) & _LAST
        other = (other >> _TWO) | ((_LETTER - base) << _TOP)
        run += 1
        if run < WORD:
            continue
        smaller = min(code, other)
        if marks[(smaller * _MIX) >> _SHIFT]:
            k = np.searchsorted(words, smaller)
            if k < len(words) and words[k] == smaller and counts[k] < most:
                counts[k] += 1
                found[n], starts[n], turned[n] = k, i - WORD + 1, other < code
                n += 1
    return n


def pack(words: Sequence[bytes]) -> tuple[Codes, NDArray[np.bool_], NDArray[np.bool_]]:
    """Pack words of `WORD` letters.

    Returns
    -------
    codes : uint64 array
        Two bits a base, the first base highest; of the word and its reverse complement the smaller.
    turned : bool array
        Whether that is the reverse complement.
    whole : bool array
        Whether all letters are bases; what the others give means nothing.
    """
    bases = _CODE[np.frombuffer(b"".join(words), np.uint8)].reshape(len(words), WORD)
    codes, other = np.zeros(len(words), np.uint64), np.zeros(len(words), np.uint64)
    for i in range(WORD):
        codes = (codes << _TWO) | (bases[:, i] & _LETTER)
        other = (other << _TWO) | (_LETTER - (bases[:, WORD - 1 - i] & _LETTER))
    smaller: Codes = np.minimum(codes, other)
    whole = np.all(bases < 4, axis=1)
    return smaller, other < codes, whole


def find_words(words: Codes, sequences: Iterable[str], most: int) -> tuple[Places, Places, Places, NDArray[np.bool_]]:
    """Find where words stand in sequences, on either strand.

    Parameters
    ----------
    words : uint64 array
        As `pack` gives them, sorted, each once.
    sequences : iterable of str
        Read once, one after the other.
    most : int
        Places of a word that are given: the first ones. Words of repeats have thousands.

    Returns
    -------
    words, sequences, starts : int64 arrays
        Of each find the number of the word in `words`, of the sequence, and where the word starts on it; in the order
        of the sequences.
    turned : bool array
        Whether the sequence has the reverse complement of the word as it is packed.
    """
    marks = np.zeros(1 << _BITS, np.bool_)
    marks[(words * _MIX) >> _SHIFT] = True
    counts = np.zeros(len(words), np.int64)
    none = np.empty(0, np.int64)
    parts = [(none, none, none, np.empty(0, np.bool_))]
    for number, texts in _blocks(sequences):
        bases = _CODE[np.frombuffer(" ".join(texts).encode("ascii"), np.uint8)]
        found, starts = np.empty(len(bases), np.int64), np.empty(len(bases), np.int64)
        turned = np.empty(len(bases), np.bool_)
        n = _scan(bases, words, marks, counts, most, found, starts, turned)
        found, starts = found[:n].copy(), starts[:n].copy()
        lengths = np.array([len(text) + 1 for text in texts])
        begin = np.cumsum(lengths) - lengths
        which = np.searchsorted(begin, starts, side="right") - 1
        parts.append((found, number + which, starts - begin[which], turned[:n].copy()))
    columns = zip(*parts, strict=True)
    return tuple(np.concatenate(column) for column in columns)  # type: ignore[return-value]


def _blocks(sequences: Iterable[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Give sequences, as many at once as fill a block, and the number of the first of them."""
    texts: list[str] = []
    size = number = 0
    for sequence in sequences:
        texts.append(sequence)
        size += len(sequence) + 1
        if size >= _BLOCK:
            yield number, texts
            number += len(texts)
            texts, size = [], 0
    if texts:
        yield number, texts
