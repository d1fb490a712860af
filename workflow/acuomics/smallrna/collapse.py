"""A sample's FASTQ files to its distinct inserts: read, trimmed, packed and counted in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acuomics.problems import Problems
from acuomics.smallrna.faults import explain, explain_end
from acuomics.smallrna.inserts import MAX_LENGTH, Inserts
from acuomics.smallrna.kits import Kit, Trimming
from acuomics.smallrna.records import CODES, MORE, parse
from acuomics.smallrna.stream import CARRY, CHUNK, Chunks, StreamFault
from acuomics.smallrna.tally import Tally
from acuomics.smallrna.trim import COUNT_MASK, LENGTH_SHIFT, TOTALS, Trimmer, trim
from acuomics.smallrna.umis import molecules

_AT_ONCE = 1 << 13


@dataclass(frozen=True)
class ReadTotals:
    """Where the reads of one run, or of all runs of a sample, went.

    ``reads = untrimmed + dimers + too_short + with_n + kept``.

    Parameters
    ----------
    run : str
        The file; empty for the sum.
    reads : int
        Records.
    untrimmed : int
        Without the adapter; no insert is known.
    dimers, too_short : int
        Inserts shorter than `Trimming.dimer_length`, and others shorter than `Trimming.min_length`.
    with_n : int
        Inserts with N or another ambiguous base; not counted further.
    kept : int
        Reads whose insert is counted.
    long : int
        Those of `kept` with an insert above 50 nt.
    umi_incomplete : int
        Those of `kept` whose UMI runs over the end of the read or has an ambiguous base.
    quality_encoding : str
        ``phred33``, ``phred64``, ``undetermined`` (all bytes fit both), ``none`` (no bases).
    insert_lengths : tuple of int
        Reads with adapter by insert length 0 to 255 (the last: and longer).
    """

    run: str
    reads: int
    untrimmed: int
    dimers: int
    too_short: int
    with_n: int
    kept: int
    long: int
    umi_incomplete: int
    quality_encoding: str
    insert_lengths: tuple[int, ...]

    @property
    def with_adapter(self) -> int:
        """Reads in which the adapter was found (all, when the reads are already trimmed)."""
        return self.reads - self.untrimmed


@dataclass(frozen=True)
class SampleTotals:
    """`ReadTotals` of a sample and of each of its runs, and what the UMIs came to (None without UMIs).

    `raw_umis` is the number of (insert, UMI) pairs before errors are merged, `crowded_inserts` the inserts with too
    many UMIs for that (`umis.Molecules`).
    """

    total: ReadTotals
    runs: tuple[ReadTotals, ...]
    raw_umis: int | None = None
    crowded_inserts: int | None = None


def quality_encoding(low: int, high: int) -> str:
    """Tell the quality encoding from the smallest and the largest byte (Cock et al., NAR 2010, 38:1767)."""
    if low > high:
        return "none"
    if low < 59:  # ';' is the lowest of Solexa's and Illumina's scores with offset 64
        return "phred33"
    return "phred64" if high > 75 else "undetermined"  # above 'K', 42 with offset 33


def _totals(
    run: str, counts: NDArray[np.int64], histogram: NDArray[np.int64], quality: NDArray[np.int64]
) -> ReadTotals:
    named = dict(zip(TOTALS, counts.tolist(), strict=True))
    del named["invalid"]
    kept = named["reads"] - sum(named[name] for name in ("untrimmed", "dimers", "too_short", "with_n"))
    encoding = quality_encoding(int(quality[0]), int(quality[1]))
    return ReadTotals(run=run, kept=kept, quality_encoding=encoding, insert_lengths=tuple(histogram.tolist()), **named)


class _Run:
    """One file on its way through the kernels."""

    def __init__(self, path: Path, trimmer: Trimmer, tally: Tally) -> None:
        self.path, self._trimmer, self._tally = path, trimmer, tally
        self.counts = np.zeros(len(TOTALS), dtype=np.int64)
        self.histogram = np.zeros(MAX_LENGTH + 1, dtype=np.int64)
        self.quality = np.array([255, 0], dtype=np.int64)
        self._starts = np.empty(_AT_ONCE, dtype=np.int64)
        self._lengths = np.empty(_AT_ONCE, dtype=np.int64)
        self._codes = np.empty(CARRY + CHUNK, dtype=np.uint8)
        self._keys = np.empty(_AT_ONCE, dtype=np.uint64)
        self._tags = np.empty(_AT_ONCE, dtype=np.uint64)

    def read(self, threaded: bool, problems: Problems) -> None:
        """Count all reads of the file, or add what is wrong with it to `problems`."""
        chunks = Chunks(self.path, threaded=threaded)
        try:
            for buffer, begin, end in chunks:
                begin, state = self._chunk(buffer, begin, end)
                if state != MORE or self.counts[-1]:
                    explain(self.path, int(self.counts[0]), state, buffer[begin:end], problems)
                    return
                chunks.keep(buffer[begin:end])
        except StreamFault as fault:
            problems.add(self.path, f"{fault.message}; {self.counts[0]} reads before that are whole", fault.fix)
            return
        explain_end(self.path, int(self.counts[0]), chunks.left_over, problems)

    def _chunk(self, buffer: NDArray[np.uint8], begin: int, end: int) -> tuple[int, int]:
        while True:
            n, after, state = parse(buffer, begin, end, self._starts, self._lengths, self.quality)
            packed = trim(
                buffer,
                self._starts,
                self._lengths,
                n,
                CODES,
                self._codes,
                self._trimmer.word,
                self._trimmer.adapter,
                self._trimmer.adapter_codes,
                self._trimmer.ends,
                self._trimmer.allowed,
                self._trimmer.plan,
                self._keys,
                self._tags,
                self.counts,
                self.histogram,
            )
            self._tally.add(self._keys, self._tags, packed)
            if self.counts[-1]:
                return begin, state
            if n < _AT_ONCE or state != MORE:
                return after, state
            begin = after


def collapse(
    files: Sequence[str | Path], kit: Kit, settings: Trimming | None = None, *, threads: int = 1
) -> tuple[Inserts, SampleTotals]:
    """Read all runs of a sample and count its distinct inserts.

    Parameters
    ----------
    files : sequence of path
        FASTQ files, gzipped or not, one read a fragment (no mates).
    kit : Kit
        What stands around the insert (`detect.find_adapter` tells it from the reads).
    settings : Trimming, optional
        Shortest insert, overlap, errors.
    threads : int
        With two or more, decompression runs beside the counting; the answer is the same.

    Returns
    -------
    inserts : Inserts
        With `umis` when the kit has UMIs (reads without a whole UMI count as reads only).
    totals : SampleTotals
        Where the reads went.

    Raises
    ------
    InputError
        With the faults of all files: no FASTQ, cut short, damaged, colour space, a record that is none, no reads.
    """
    problems = Problems()
    trimmer, tally = Trimmer(kit, settings or Trimming()), Tally()
    runs = [_Run(Path(file), trimmer, tally) for file in files]
    for run in runs:
        run.read(threads > 1, problems)
    if not runs:
        problems.add("the sample", "it has no FASTQ file", "name its files")
    total = sum(int(run.counts[0]) for run in runs)
    if total > COUNT_MASK:
        problems.add(runs[0].path, f"the sample has {total} reads, more than {COUNT_MASK}", "count its runs apart")
    problems.raise_if_any()
    low, high = min(run.quality[0] for run in runs), max(run.quality[1] for run in runs)
    whole = _totals(
        "",
        np.sum([run.counts for run in runs], axis=0),
        np.sum([run.histogram for run in runs], axis=0),
        np.array([low, high]),
    )
    each = tuple(_totals(str(run.path), run.counts, run.histogram, run.quality) for run in runs)
    keys, entries = tally.take()
    if kit.umi_length:
        folded = molecules(keys, entries, kit.umi_length)
        inserts = Inserts(folded.keys, folded.lengths, folded.reads, folded.umis)
        return inserts, SampleTotals(whole, each, folded.raw_umis, folded.crowded)
    lengths = (entries >> np.uint64(LENGTH_SHIFT)).astype(np.uint8)
    return Inserts(keys, lengths, (entries & np.uint64(COUNT_MASK)).astype(np.int64)), SampleTotals(whole, each)
