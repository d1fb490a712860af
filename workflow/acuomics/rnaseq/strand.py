"""Which strand the reads of a library are of: a sample of them counted each way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from acuomics.rnaseq.index import Index
from acuomics.rnaseq.quantify import Fragments, Quantified, quantify
from acuomics.rnaseq.runs import Run

#: Share of stranded hits along the transcript from which (and below 1 - which) a library is called stranded. dUTP
#: libraries keep 0.9 to 0.99 on one strand, unstranded ones 0.5 with a few per cent to either side.
STRANDED = 0.8
#: Within this distance of 0.5 a library is unstranded; between the two limits the answer is "unclear".
EVEN = 0.15
#: Hits needed to say anything: the share's standard error is then at most 0.05.
FEWEST = 100


@dataclass(frozen=True)
class StrandCall:
    """What the sample of reads says.

    Parameters
    ----------
    strand : {"unstranded", "forward", "reverse"}
        What to quantify with; ``unstranded`` also when the answer is not clear, which loses nothing but ambiguity.
    clear : bool
        False when the share is neither near an end nor near the middle, or too few reads were found.
    share_forward : float or None
        Of the hits that one orientation allows: those of forward / (forward + reverse).
    forward, reverse, unstranded : int
        Reads or pairs of the sample found with each setting.
    reads : int
        Reads or pairs of the sample.
    source : {"inferred", "declared"}
    """

    strand: str
    clear: bool
    share_forward: float | None
    forward: int
    reverse: int
    unstranded: int
    reads: int
    source: str = "inferred"

    def as_dict(self) -> dict[str, Any]:
        """Give everything, for JSON."""
        return asdict(self)


def call_strand(forward: int, reverse: int, unstranded: int, reads: int) -> StrandCall:
    """Decide from how many reads each orientation finds."""
    hits = forward + reverse
    share = forward / hits if hits else None
    strand, clear = "unstranded", False
    if share is not None and hits >= FEWEST:
        if share >= STRANDED:
            strand, clear = "forward", True
        elif share <= 1 - STRANDED:
            strand, clear = "reverse", True
        else:
            clear = abs(share - 0.5) <= EVEN
    return StrandCall(strand, clear, share, forward, reverse, unstranded, reads)


def infer_strand(
    sample: Run,
    index: Index,
    *,
    engine: str = "kallisto",
    fragments: Fragments | None = None,
    threads: int = 1,
    alignments: Path | None = None,
) -> tuple[StrandCall, Quantified]:
    """Count a sample of reads forward, reverse and either way.

    Parameters
    ----------
    sample : Run
        A few tens of thousands of reads (`fastq.write_sample`).
    index, engine, fragments, threads, alignments
        As for `quantify`; `alignments` takes the hits of the either-way run.

    Returns
    -------
    call : StrandCall
    either : Quantified
        The sample counted either way: its mapping rate tells early whether these are the right transcripts.
    """
    either = quantify([sample], index, engine=engine, fragments=fragments, threads=threads, alignments=alignments)
    hits = {
        strand: quantify([sample], index, engine=engine, strand=strand, fragments=fragments, threads=threads).mapped
        for strand in ("forward", "reverse")
    }
    return call_strand(hits["forward"], hits["reverse"], either.mapped, either.fragments), either
