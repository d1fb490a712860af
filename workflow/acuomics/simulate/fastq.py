"""From the molecules of a simulated library to FASTQ: adapter, UMI, PCR copies, errors, qualities, records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from acuomics.files import atomic_path
from acuomics.simulate.inserts import Inserts, Integers, Pool, draw_inserts, molecules
from acuomics.simulate.library import Kit, ReadsSpec
from acuomics.simulate.reference import encode

Bytes = NDArray[np.uint8]

#: Molecules that are drawn at a time: what is in memory does not grow with the library.
CHUNK = 1 << 15
#: Digits of a read's running number in its name.
DIGITS = 8
#: Level of the compression: speed matters more than size here.
LEVEL = 1
#: Patterns of qualities that reads are given, and the binned Phred scores (+33) 37, 25, 11 and 2.
PATTERNS = 512
GOOD, FAIR, POOR, BAD = (33 + phred for phred in (37, 25, 11, 2))
_LETTERS = np.frombuffer(b"ACGT", np.uint8)


def write_fastq(
    path: str | Path, sample: str, counts: Integers, pool: Pool, spec: ReadsSpec, kit: Kit, seed: list[int]
) -> None:
    """Write the reads of one sample, gzipped.

    Parameters
    ----------
    path : path
        ``.fastq.gz``.
    sample : str
        Reads are called by it and a running number.
    counts : int64[miRNAs]
        Molecules of each miRNA of the pool, exactly; the rest of the library is in the shares of `spec`.
    pool, spec, kit
        What the library is made of, and how.
    seed : list of int
        Same seed and same arguments, same bytes (of the same version of the compressor on the same kind of machine).
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    with atomic_path(path) as temporary, temporary.open("wb") as file, _packed(file) as packed:
        patterns = quality_patterns(kit.read_length, rng)
        done = 0
        for reads in draw_reads(counts, pool, spec, kit, rng):
            packed.write(records(reads, sample, done, spec.error_rate, patterns, rng))
            done += len(reads)


def _packed(file: IO[bytes]) -> Any:
    """Compress what is written to a file; no time and no file name in it, so the same reads give the same bytes."""
    from isal import igzip

    return igzip.IGzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=file, mtime=0)  # type: ignore[no-untyped-call]


def draw_reads(counts: Integers, pool: Pool, spec: ReadsSpec, kit: Kit, rng: np.random.Generator) -> Iterator[Bytes]:
    """Give the reads of a library before any error, chunk by chunk in random order: uint8[n, read_length], 0-3.

    The chunks share out the molecules by a multivariate hypergeometric draw, so that each is a random part of the
    library and all together hold exactly `counts`. Copies of a molecule are in one chunk.
    """
    left = molecules(counts, spec)
    adapter = encode(kit.adapter)
    while total := int(left.sum()):
        drawn = rng.multivariate_hypergeometric(left, min(CHUNK, total), method="marginals")
        left = left - drawn
        sources = np.repeat(np.arange(len(drawn)), drawn)
        inserts = draw_inserts(pool, sources, spec, rng)
        yield _assemble(pool, inserts, adapter, spec, kit, rng)


def _assemble(
    pool: Pool, inserts: Inserts, adapter: Bytes, spec: ReadsSpec, kit: Kit, rng: np.random.Generator
) -> Bytes:
    """Put inserts, adapter, UMI and random bases together; all reads of one insert length at a time."""
    n = len(inserts.start)
    umis = rng.integers(0, 4, (n, kit.umi_length), dtype=np.uint8)
    copies = 1 + rng.poisson(spec.pcr_copies - 1, n) if kit.umi_length else np.ones(n, np.int64)
    order = np.argsort(inserts.length, kind="stable")
    order = np.repeat(order, copies[order])
    start, length, added = inserts.start[order], inserts.length[order], inserts.added[order]
    # Which bases stand behind the adapter is noise; a copy's noise is its own.
    reads = rng.integers(0, 4, (len(order), kit.read_length), dtype=np.uint8)
    size = kit.read_length
    for nt in np.unique(length).tolist():
        low, high = np.searchsorted(length, (nt, nt + 1)).tolist()
        block = reads[low:high]
        seen = min(nt, size)
        places = start[low:high, None] + np.arange(seen)
        # Additions are written over what would follow; behind the last sequence nothing does.
        block[:, :seen] = pool.codes.take(places, mode="clip")
        for back in (1, 2):
            rows = np.flatnonzero(added[low:high] >= back)
            if len(rows) and nt <= size:
                block[rows, nt - back] = inserts.tail[order[low:high][rows], 2 - back]
        block[:, nt : nt + len(adapter)] = adapter[: max(0, size - nt)]
        after = nt + len(adapter)
        block[:, after : after + kit.umi_length] = umis[order[low:high], : max(0, size - after)]
    return reads[rng.permutation(len(reads))]


def quality_patterns(length: int, rng: np.random.Generator) -> Bytes:
    """Draw patterns of qualities (Phred + 33), uint8[PATTERNS, length]: good, and worse towards the end of the read."""
    worse = 0.005 + 0.045 * (np.arange(length) / length) ** 2
    chance = rng.random((PATTERNS, length))
    return np.select(
        [chance < 0.05 * worse, chance < 0.3 * worse, chance < worse], [BAD, POOR, FAIR], default=GOOD
    ).astype(np.uint8)


def records(
    reads: Bytes, sample: str, done: int, error_rate: float, patterns: Bytes, rng: np.random.Generator
) -> bytes:
    """Put sequencing errors into reads (substitutions, of poor quality) and write them as FASTQ records.

    Parameters
    ----------
    reads : uint8[n, read_length]
        Codes 0-3; changed in place.
    sample, done : str, int
        A read's name is ``<sample>.<number>``; `done` reads were written before.
    error_rate : float
        Substitutions a base.
    patterns : uint8[patterns, read_length]
        Of `quality_patterns`.
    rng : numpy.random.Generator
        Where the randomness comes from.
    """
    n, size = reads.shape
    wrong = np.unique(rng.integers(0, n * size, rng.binomial(n * size, error_rate)))
    flat = reads.reshape(-1)
    flat[wrong] = (flat[wrong] + rng.integers(1, 4, len(wrong), dtype=np.uint8)) % 4
    qualities = patterns[rng.integers(0, len(patterns), n)]
    qualities.reshape(-1)[wrong] = POOR

    name = np.frombuffer(f"@{sample}.{'0' * DIGITS}\n".encode(), np.uint8)
    middle = np.frombuffer(b"\n+\n", np.uint8)
    text = np.empty((n, len(name) + 2 * size + len(middle) + 1), np.uint8)
    text[:, : len(name)] = name
    numbers = np.arange(done + 1, done + n + 1)
    for digit in range(DIGITS):
        text[:, len(name) - 2 - digit] = 48 + numbers // 10**digit % 10
    at = len(name)
    text[:, at : at + size] = _LETTERS[reads]
    text[:, at + size : at + size + len(middle)] = middle
    text[:, at + size + len(middle) : -1] = qualities
    text[:, -1] = 10
    return text.tobytes()
