"""Where on their transcripts the reads of a sample lie, and how well they agree with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acuomics.rnaseq.transcripts import fasta_files, fasta_lines

#: Transcripts shorter than this say nothing about the ends: a fragment covers much of them.
LONG = 1000
#: Fragments a transcript needs to count, and how many bins a profile has.
FEWEST, BINS = 5, 20
#: Hits that are compared base by base.
COMPARED = 5000


@dataclass(frozen=True)
class Positions:
    """Where reads were found.

    Parameters
    ----------
    place : float or None
        Median over transcripts of 1000 nt or more with 5 fragments or more of the mean place of their fragments: 0 is
        the 5' end, 1 the 3' end, 0.5 an even library. None when there are no such transcripts.
    transcripts : int
        How many those are.
    profile : tuple of float
        Share of the fragments by place, in 20 bins from 5' to 3'; every transcript weighs the same.
    mismatches : float or None
        Mismatches a base between reads and the transcripts they were found on (10 % of the reads at the far end left
        out, for they lie over an insertion or at a wrong end). None when no read was compared.
    compared : int
        Reads compared.
    """

    place: float | None
    transcripts: int
    profile: tuple[float, ...]
    mismatches: float | None
    compared: int


def _sequences(fasta: str | Path | Sequence[str | Path], names: Iterable[str]) -> dict[str, str]:
    """Read the named transcripts only."""
    wanted, found, name = set(names), dict[str, list[str]](), ""
    for line in (line for path in fasta_files(fasta) for line in fasta_lines(path)):
        if line.startswith(">"):
            word = line[1:].split(None, 1)[0]
            name = word if word in wanted else ""
            if name:
                found[name] = []
        elif name:
            found[name].append(line.strip())
    return {name: "".join(parts).upper().replace("U", "T") for name, parts in found.items()}


def read_positions(alignments: str | Path, fasta: str | Path | Sequence[str | Path]) -> Positions:
    """Read the hits that kallisto wrote (``--pseudobam``).

    A fragment found on several transcripts counts at the first that is named; isoforms of a gene mostly share their
    ends, so that this blurs the places little. Kallisto tells a read's place from the first word of it that it found.

    Parameters
    ----------
    alignments : path
        BAM of a sample of reads (`strand.infer_strand`).
    fasta : path or sequence of path
        The transcripts.
    """
    import pysam

    places: dict[str, list[float]] = {}
    hits: list[tuple[str, int, str]] = []
    with pysam.AlignmentFile(str(alignments), "rb", check_sq=False) as file:
        lengths = dict(zip(file.references, file.lengths, strict=True))
        for read in file:
            if read.is_unmapped or read.is_secondary or read.reference_name is None:
                continue
            name, length, bases = read.reference_name, lengths[read.reference_name], read.query_sequence or ""
            # One mate of a pair tells where the fragment is; a read of a broken pair stands for itself.
            paired = read.is_paired and not read.mate_is_unmapped and read.template_length
            if length >= LONG and not (paired and read.is_read2):
                start = min(read.reference_start, read.next_reference_start) if paired else read.reference_start
                size = abs(read.template_length) if paired else len(bases)
                places.setdefault(name, []).append(min(max((start + size / 2) / length, 0.0), 1.0))
            if len(hits) < COMPARED and 0 <= read.reference_start <= length - len(bases):
                hits.append((name, read.reference_start, bases))
    enough = [values for values in places.values() if len(values) >= FEWEST]
    middle = float(np.median([np.mean(values) for values in enough])) if enough else None
    shares = [np.histogram(values, BINS, (0, 1))[0] / len(values) for values in enough]
    profile = np.mean(shares, axis=0) if shares else np.zeros(BINS)
    texts = _sequences(fasta, {name for name, _, _ in hits})
    wrong = [
        sum(a != b for a, b in zip(bases, texts[name][start : start + len(bases)], strict=True)) / len(bases)
        for name, start, bases in hits
        if bases and len(texts[name]) >= start + len(bases)
    ]
    kept = sorted(wrong)[: max(1, round(0.9 * len(wrong)))]
    mismatches = float(np.mean(kept)) if kept else None
    return Positions(middle, len(enough), tuple(float(x) for x in profile), mismatches, len(wrong))
