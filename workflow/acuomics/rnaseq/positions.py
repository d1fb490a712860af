"""How the fragments of a sample lie along the transcripts, and how well the reads agree with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.rnaseq.place import Placed

#: Transcripts shorter than this say nothing about the ends: a fragment covers much of them.
LONG = 1000
#: Fragments a transcript needs to count, and how many bins a profile has.
FEWEST, BINS = 5, 20
#: Reads that are compared base by base; and of how many, of pairs that lie whole, these alone are compared.
COMPARED, ENOUGH = 5000, 100

_OPPOSITE = bytes.maketrans(b"ACGT", b"TGCA")


@dataclass(frozen=True)
class Positions:
    """What the places of a sample of reads tell.

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
        out, for they lie over an insertion or at a wrong end). Reads of pairs that lie whole where there are enough,
        else all but those of repeats: a read from elsewhere that shares a word says nothing of the species. None when
        no read was compared.
    compared : int
        Reads compared.
    whole : float or None
        Of the pairs found, repeats left out, the share of which both mates lie on one transcript and face each other.
        Of the others a mate has no word of 31 bases without an error, or is from outside the transcripts, from introns
        and repeats. None for single reads.
    """

    place: float | None
    transcripts: int
    profile: tuple[float, ...]
    mismatches: float | None
    compared: int
    whole: float | None


def describe_positions(placed: Placed, fragments: Sequence[tuple[bytes, ...]], transcripts: Sequence[str]) -> Positions:
    """Sum up where the fragments of a sample lie.

    A fragment found on several transcripts counts at the first that is named; isoforms of a gene mostly share their
    ends, so that this blurs the places little.

    Parameters
    ----------
    placed : Placed
    fragments, transcripts
        As `place.place_fragments` had them.
    """
    lengths = np.array([len(text) for text in transcripts])
    at = placed.fragments["transcript"].to_numpy()
    middle = placed.fragments["start"] + placed.fragments["size"] / 2
    share = np.clip(middle.to_numpy() / np.maximum(lengths[at], 1), 0, 1)
    long = lengths[at] >= LONG
    groups = placed.fragments.assign(share=share)[long].groupby("transcript")["share"]
    enough = [values.to_numpy() for _, values in groups if len(values) >= FEWEST]
    shares = [np.histogram(values, BINS, (0, 1))[0] / len(values) for values in enough]
    profile = np.mean(shares, axis=0) if shares else np.zeros(BINS)
    wrong = _mismatches(placed, fragments, transcripts, lengths)
    kept = sorted(wrong)[: max(1, round(0.9 * len(wrong)))]
    told, pairs = placed.found & ~placed.repeats, bool(fragments) and len(fragments[0]) == 2
    return Positions(
        place=float(np.median([values.mean() for values in enough])) if enough else None,
        transcripts=len(enough),
        profile=tuple(float(x) for x in profile),
        mismatches=float(np.mean(kept)) if kept else None,
        compared=len(wrong),
        whole=float(placed.whole[told].mean()) if pairs and told.any() else None,
    )


def _mismatches(
    placed: Placed, fragments: Sequence[tuple[bytes, ...]], transcripts: Sequence[str], lengths: NDArray[np.int64]
) -> list[float]:
    """Compare reads, evenly over the sample, with the transcripts; give the share of other bases of each."""
    number = placed.reads["fragment"].to_numpy()
    start, which = placed.reads["start"].to_numpy(), placed.reads["transcript"].to_numpy()
    size = np.array([len(fragments[f][m]) for f, m in zip(number, placed.reads["mate"], strict=True)], dtype=np.int64)
    good = (start >= 0) & (start + size <= lengths[which]) & ~placed.repeats[number]
    whole = good & placed.whole[number]
    chosen = np.flatnonzero(whole if whole.sum() >= ENOUGH else good)
    chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, min(COMPARED, len(chosen))).astype(int))]
    wrong = []
    for row in placed.reads.iloc[chosen].to_dict("records"):
        read = fragments[row["fragment"]][row["mate"]]
        turned = read if row["strand"] == 1 else read[::-1].translate(_OPPOSITE)
        there = transcripts[row["transcript"]][row["start"] : row["start"] + len(read)].encode("ascii")
        wrong.append(sum(a != b for a, b in zip(turned, there, strict=True)) / len(read))
    return wrong
