"""What a sample of the reads says of the library: qualities, adapters, composition, how many fragments are distinct."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acuomics.inputs.table import has_columns, read_table
from acuomics.problems import Problems
from acuomics.rnaseq.fastq import SampleScan
from acuomics.smallrna.collapse import quality_encoding

#: An adapter is seen when this many of its first bases stand in a read. 12 bases occur by chance in one read of a
#: hundred nt in 200,000; the end of a read can hide a shorter piece.
ADAPTER_WORD = 12
#: Bases of each mate that tell fragments apart.
KEY = 32


@dataclass(frozen=True)
class Library:
    """Figures of a sample of reads; `reads` of each mate were looked at.

    Parameters
    ----------
    reads : int
    mean_length, shortest, longest : float, int, int
        nt.
    mean_quality, q30 : float
        Phred score a base, and the share of bases with 30 or more.
    gc, ambiguous : float
        Share of G and C among bases, and of letters that are no base.
    distinct : float
        Share of the sampled fragments that differ in their first 32 nt (of both mates): low with few molecules or many
        PCR copies, and lower with single reads. Compare samples of the same kind only.
    adapters : dict of str to float
        Share of the reads in which each adapter begins (12 nt of it).
    quality_by_position : tuple of float
        Mean Phred score at each place of the read (first mates).
    encoding : str
        Of the qualities: ``phred33``, ``phred64``, ``undetermined``.
    """

    reads: int
    mean_length: float
    shortest: int
    longest: int
    mean_quality: float
    q30: float
    gc: float
    ambiguous: float
    distinct: float
    adapters: dict[str, float]
    quality_by_position: tuple[float, ...]
    encoding: str


def read_adapters(path: str | Path, problems: Problems) -> dict[str, str]:
    """Read ``resources/rnaseq/adapters.tsv``: name to sequence."""
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, ("adapter", "sequence", "source"), problems):
        return {}
    return dict(zip(table.column("adapter"), table.column("sequence"), strict=True))


def describe_library(scan: SampleScan, adapters: dict[str, str]) -> Library:
    """Describe the kept reads of a sample (see `Library`)."""
    mates = range(2 if scan.paired else 1)
    reads = [[read for scans in scan.files for read in scans[mate].sequences] for mate in mates]
    scores = [[text for scans in scan.files for text in scans[mate].qualities] for mate in mates]
    low = min(one.quality[0] for scans in scan.files for one in scans)
    high = max(one.quality[1] for scans in scan.files for one in scans)
    encoding = quality_encoding(low, high)
    offset = 64 if encoding == "phred64" else 33
    texts = [read for part in reads for read in part]
    letters = np.bincount(np.frombuffer(b"".join(texts).upper(), np.uint8), minlength=256)
    gc, bases = int(letters[list(b"GC")].sum()), int(letters[list(b"ACGTU")].sum())
    phred = np.frombuffer(b"".join(text for part in scores for text in part), np.uint8).astype(np.int64) - offset
    lengths = np.array([len(read) for read in texts])
    fragments = [b" ".join(mate[:KEY] for mate in pair) for pair in zip(*reads, strict=True)]
    by_place = np.zeros(int(max(len(text) for text in scores[0])))
    seen = np.zeros_like(by_place)
    for text in scores[0]:
        by_place[: len(text)] += np.frombuffer(text, np.uint8)
        seen[: len(text)] += 1
    return Library(
        reads=len(reads[0]),
        mean_length=float(lengths.mean()),
        shortest=int(lengths.min()),
        longest=int(lengths.max()),
        mean_quality=float(phred.mean()) if len(phred) else 0.0,
        q30=float((phred >= 30).mean()) if len(phred) else 0.0,
        gc=gc / bases if bases else 0.0,
        ambiguous=1 - bases / max(int(letters.sum()), 1),
        distinct=len(set(fragments)) / len(fragments),
        adapters={
            name: sum(sequence[:ADAPTER_WORD].encode() in read for read in texts) / len(texts)
            for name, sequence in adapters.items()
        },
        quality_by_position=tuple(float(x) for x in by_place / np.maximum(seen, 1) - offset),
        encoding=encoding,
    )
