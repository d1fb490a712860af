"""Every read of a sample's files looked at once: whole, mates in step, and an even sample of them kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acuomics.problems import Problems
from acuomics.rnaseq.runs import Run
from acuomics.smallrna.faults import explain, explain_end
from acuomics.smallrna.records import MORE, parse
from acuomics.smallrna.stream import Chunks, StreamFault

_AT_ONCE = 1 << 13
#: Room for the rest of a read's header before its bases, and for the line of ``+`` after them.
_HEADER = 2048


@dataclass
class FileScan:
    """What one file holds.

    Attributes
    ----------
    path : Path
    reads, bases : int
        All of the file.
    quality : tuple of int
        Smallest and largest quality byte.
    numbers : list of int
        Which reads (from 0) were kept: every 1st, 2nd, 4th, 8th ..., so that they lie evenly over the file.
    names, sequences, qualities : list of bytes
        Of the kept reads; names to the first blank, without ``/1`` and ``/2``.
    """

    path: Path
    reads: int = 0
    bases: int = 0
    quality: tuple[int, int] = (255, 0)
    numbers: list[int] = field(default_factory=list)
    names: list[bytes] = field(default_factory=list)
    sequences: list[bytes] = field(default_factory=list)
    qualities: list[bytes] = field(default_factory=list)

    def thin(self) -> None:
        """Keep every second of the kept reads."""
        for kept in (self.numbers, self.names, self.sequences, self.qualities):
            del kept[1::2]


@dataclass(frozen=True)
class SampleScan:
    """The files of a sample, run by run: `runs[i]` is scanned as `files[i]` (one or two files)."""

    runs: tuple[Run, ...]
    files: tuple[tuple[FileScan, ...], ...]

    @property
    def paired(self) -> bool:
        """Whether the reads come in pairs."""
        return self.runs[0].second is not None

    @property
    def fragments(self) -> int:
        """Reads, or pairs of reads."""
        return sum(scans[0].reads for scans in self.files)

    def sample(self, wanted: int) -> list[tuple[bytes, ...]]:
        """Give the sequences (upper case, T for U) of the kept fragments, one or two each: at most `wanted`, evenly."""
        kept = [mates for scans in self.files for mates in zip(*(scan.sequences for scan in scans), strict=True)]
        chosen = np.unique(np.linspace(0, len(kept) - 1, min(wanted, len(kept))).astype(int))
        return [tuple(read.upper().replace(b"U", b"T") for read in kept[i]) for i in chosen]


def _name(header: bytes) -> bytes:
    word = header.split(None, 1)[0] if header.split() else b""
    return word[:-2] if word[-2:] in (b"/1", b"/2") else word


def _keep(scan: FileScan, buffer: NDArray[np.uint8], begin: int, end: int, start: int, length: int) -> None:
    """Cut one record out of the buffer."""
    # Names are of any length; the one behind the plus is the same once more, or nothing.
    room = _HEADER
    while True:
        before = bytes(buffer[max(begin, start - room) : start - 1])
        if b"\n" in before or start - room <= begin:
            break
        room *= 4
    room = _HEADER
    while True:
        after = bytes(buffer[start + length : min(end, start + 2 * length + room)])
        scores = after.find(b"\n", after.index(b"+")) + 1
        if (scores and len(after) >= scores + length) or start + 2 * length + room >= end:
            break
        room *= 4
    scan.names.append(_name(before[before.rfind(b"\n") + 1 :].lstrip(b"@")))
    scan.sequences.append(bytes(buffer[start : start + length]))
    scan.qualities.append(after[scores : scores + length])


def scan_file(path: str | Path, wanted: int, problems: Problems, *, threads: int = 1) -> FileScan | None:
    """Read a whole FASTQ file and keep `wanted` to twice as many of its reads, evenly spread.

    Quantifiers take a gzip file that is cut short for a small one and say nothing; so every file is read to its end.

    Parameters
    ----------
    path : path
        FASTQ, gzipped or not.
    wanted : int
        Fewest reads to keep (all, when the file has no more).
    problems : Problems
        Takes the fault of the file: missing, cut short, damaged, FASTA or another kind, a broken record, no reads.
    threads : int
        With two or more, decompression runs beside the reading.

    Returns
    -------
    FileScan or None
        None when the file is at fault.
    """
    path = Path(path)
    scan, step = FileScan(path), 1
    starts, lengths = np.empty(_AT_ONCE, np.int64), np.empty(_AT_ONCE, np.int64)
    quality = np.array([255, 0], np.int64)
    chunks = Chunks(path, threaded=threads > 1)
    try:
        for buffer, begin, end in chunks:
            state, full = MORE, True
            while full and state == MORE:
                n, after, state = parse(buffer, begin, end, starts, lengths, quality)
                for j in range(-scan.reads % step, n, step):
                    scan.numbers.append(scan.reads + j)
                    _keep(scan, buffer, begin, end, int(starts[j]), int(lengths[j]))
                while len(scan.numbers) >= 2 * wanted:
                    scan.thin()
                    step *= 2
                scan.reads += n
                scan.bases += int(lengths[:n].sum())
                begin, full = after, n == _AT_ONCE
            if state != MORE:
                explain(path, scan.reads, state, buffer[begin:end], problems)
                return None
            chunks.keep(buffer[begin:end])
    except StreamFault as fault:
        problems.add(path, f"{fault.message}; {scan.reads} reads before that are whole", fault.fix)
        return None
    before = len(problems.found)
    explain_end(path, scan.reads, chunks.left_over, problems)
    scan.quality = int(quality[0]), int(quality[1])
    return scan if len(problems.found) == before else None


def _check_mates(run: Run, first: FileScan, second: FileScan, problems: Problems) -> None:
    fix = "fetch both files again; mates must stand in the same order, one for one"
    if first.reads != second.reads:
        message = f"{second.reads} reads, where the file of first mates ({first.path.name}) has {first.reads}"
        problems.add(run.second, message, fix)
        return
    for number, a, b in zip(first.numbers, first.names, second.names, strict=True):
        if a != b:
            message = f"not the mate of {a.decode('latin-1')!r} in {first.path.name}"
            problems.add(run.second, message, fix, row=f"read {number + 1}", value=b.decode("latin-1"))
            return


def scan_sample(runs: Sequence[Run], wanted: int, problems: Problems, *, threads: int = 1) -> SampleScan | None:
    """Read all files of a sample.

    Parameters
    ----------
    runs : sequence of Run
        As `runs.pair_files` gives them: all single or all paired.
    wanted : int
        Reads to keep of the sample, shared out over its runs.
    problems : Problems
        Takes the faults of all files, mates that differ in number or in name, and the same reads in both files.

    Returns
    -------
    SampleScan or None
        None when a fault was found.
    """
    before = len(problems.found)
    share = max(1, -(-wanted // max(1, len(runs))))
    files: list[tuple[FileScan, ...]] = []
    for run in runs:
        scans = [scan_file(path, share, problems, threads=threads) for path in run.files]
        whole = tuple(scan for scan in scans if scan is not None)
        files.append(whole)
        if run.second is not None and len(whole) == 2:
            _check_mates(run, *whole, problems)
            if len(problems.found) == before and whole[0].sequences == whole[1].sequences:
                message = f"the same reads as {run.first.name}: these are not two mates"
                problems.add(run.second, message, "give the file of the second mates")
    return None if len(problems.found) > before else SampleScan(tuple(runs), tuple(files))
