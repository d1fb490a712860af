"""Bit planes give what the plain reading of a read gives: letters, place of the adapter, key of the insert."""

from __future__ import annotations

import random

import numpy as np
import pytest

from acuomics.smallrna.inserts import pack
from acuomics.smallrna.kits import Kit, Trimming
from acuomics.smallrna.planes import LONGEST, SHORTEST, block_ends, find_planes, pack_planes, read_planes
from acuomics.smallrna.trim import Trimmer

ADAPTERS = ["TGGAATTCTCGGGTGCCAAGG", "AACTGTAGGCACCATCAAT", "TGGAATTCTCGG", "CTGTCTCTTATACACATCTCCGAGCCCACGAGAC"]


def buffer_of(reads: list[str]) -> tuple[np.ndarray, list[int]]:
    """FASTQ-like bytes: each read at some place modulo eight, as much behind it as it is long."""
    text, starts = bytearray(), []
    for i, read in enumerate(reads):
        text += b"@" * (i % 11 + 1)
        starts.append(len(text))
        text += read.encode() + b"\n+\n" + b"T" * len(read) + b"\n"
    return np.frombuffer(bytes(text) + b"\0" * (-len(text) % 8), dtype=np.uint8), starts


def planes_of(words: np.ndarray, start: int, length: int) -> tuple[np.uint64, np.uint64, bool]:
    """As `read_planes`; what comes back to Python has lost its type."""
    high, low, clean = read_planes(words, start, length)
    return np.uint64(high), np.uint64(low), clean


def naive_place(read: str, adapter: str, allowed: np.ndarray, overlap: int) -> int:
    """The leftmost place with few enough differences, letter by letter."""
    for place in range(len(read) - overlap + 1):
        part = adapter[: len(read) - place]
        if sum(a != b for a, b in zip(read[place:], part, strict=False)) <= allowed[min(len(part), len(adapter))]:
            return place
    return -1


def some_reads(adapter: str, seed: int, n: int = 400) -> list[str]:
    """Reads with the adapter anywhere or nowhere, with errors, some of few letters (many chance matches)."""
    draw = random.Random(seed)
    found = []
    for _ in range(n):
        length = draw.randint(SHORTEST, LONGEST)
        letters = draw.choice(["ACGT", "ACGT", adapter[:3], "AT"])
        text = "".join(draw.choices(letters, k=draw.randint(0, 60))) + adapter + "".join(draw.choices("ACGT", k=64))
        text = list(text[:length])
        for place in range(length):
            if draw.random() < draw.choice((0, 0.02, 0.1)):
                text[place] = draw.choice("ACGT")
        found.append("".join(text))
    return found


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.15])
def test_the_adapter_is_where_a_plain_search_finds_it(adapter, rate):
    trimmer = Trimmer(Kit("x", adapter), Trimming(error_rate=rate, min_overlap=8))
    reads = some_reads(adapter, int(100 * rate))
    buffer, starts = buffer_of(reads)
    words, masks = buffer.view(np.uint64), np.empty(4, np.uint64)
    places = []
    for read, start in zip(reads, starts, strict=True):
        high, low, clean = planes_of(words, start, len(read))
        assert clean
        at = find_planes(
            high, low, len(read), trimmer.adapter, trimmer.adapter_codes, trimmer.ends, trimmer.allowed, 8, masks
        )
        assert at == naive_place(read, adapter[:32], trimmer.allowed, 8), read
        places.append(at)
    assert -1 in places and len(set(places)) > 20


@pytest.mark.parametrize("first", [0, 4])
def test_the_key_is_that_of_the_insert(first):
    reads = some_reads(ADAPTERS[0], 7)
    buffer, starts = buffer_of(reads)
    for read, start in zip(reads, starts, strict=True):
        high, low, _ = planes_of(buffer.view(np.uint64), start, len(read))
        for size in (0, 1, 11, len(read) - first):
            assert pack_planes(high, low, first, size) == pack(read[first : first + size])


def test_letters_other_than_bases_are_seen_wherever_they_stand():
    letters = [chr(code) for code in range(33, 127)]
    for letter in letters:
        for place in (0, 7, 8, 20):
            read = "ACGTACGTACGTACGTACGTA"
            read = read[:place] + letter + read[place + 1 :]
            buffer, (start,) = buffer_of([read])
            high, low, clean = planes_of(buffer.view(np.uint64), start, len(read))
            assert clean == (letter in "ACGTacgt"), letter
            if clean:
                assert pack_planes(high, low, 0, len(read)) == pack(read)


def test_blocks_are_one_more_than_substitutions():
    for size in (8, 12, 21, 32):
        for substitutions in range(4):
            ends = block_ends(size, substitutions)
            assert ends.sum() == substitutions + 1 and ends[-1]
