"""Which strand the reads of a library are of, from how a sample of them lies on the transcripts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

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
        Reads or pairs of the sample that lie along a transcript, against one (some do both, on different ones), and
        either way.
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
    """Decide from how many reads lie each way."""
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
