"""Whether a sample may be used: good, usable or reject, each with its reasons and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from acuomics.smallrna.count import CLASSES, SampleCounts

VERDICTS = ("good", "usable", "reject")


@dataclass(frozen=True)
class LibraryTotals:
    """What reading a sample's FASTQ counted.

    Parameters
    ----------
    reads : int
        All reads.
    with_adapter : int or None
        Reads in which the adapter was found; None when the file was already trimmed.
    adapter_dimer : int
        Reads whose insert has no or next to no bases.
    too_short : int
        Reads whose insert is shorter than what was kept, dimers apart.
    """

    reads: int
    with_adapter: int | None = None
    adapter_dimer: int = 0
    too_short: int = 0


@dataclass(frozen=True)
class QcLimits:
    """Where a sample stops being good, and where it must be left out (limits with room for unusual tissues).

    Parameters
    ----------
    mirna_good, mirna_reject : int
        miRNA reads. A miRNA of 100 per million has 10 reads in 100,000: counting alone then varies by a third
        (1/sqrt(10)). In 10,000 it has one, and only the few most abundant miRNAs can be compared.
    adapter_good, adapter_reject : float
        Share of reads with the adapter. A read of 50 nt of a small RNA always ends in it; below a tenth, the adapter is
        the wrong one or the library is of longer RNA.
    dimer_good, dimer_reject : float
        Share of adapter dimers. They take reads away and say that little RNA went in; nine in ten are a failed library.
    share_good, share_reject : float
        Share of miRNA among inserts that are long enough. Tissue usually has more than half, body fluids often
        little; under one in a hundred the counts are what degraded RNA leaves.
    peak_low, peak_high : int
        Where the most frequent length of inserts of 16 to 45 nt must lie: miRNAs are of 20 to 24 nt.
    long_from, long_share : int, float
        Inserts from 36 nt on can be no miRNA; when they are more than this share and miRNA is under `share_good`,
        the library looks like fragments of longer RNA.
    foreign_good : float
        Share of miRNA reads that are of another kingdom (plants in an animal): barcodes that leaked, or carry-over.
    """

    mirna_good: int = 100_000
    mirna_reject: int = 10_000
    adapter_good: float = 0.5
    adapter_reject: float = 0.1
    dimer_good: float = 0.3
    dimer_reject: float = 0.9
    share_good: float = 0.2
    share_reject: float = 0.01
    peak_low: int = 20
    peak_high: int = 24
    long_from: int = 36
    long_share: float = 0.5
    foreign_good: float = 0.02


@dataclass(frozen=True)
class Verdict:
    """The verdict on a sample, its reasons in sentences, and the figures it rests on."""

    sample: str
    verdict: str
    reasons: tuple[str, ...]
    figures: dict[str, float | int | str | None]


def _peak(lengths: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int | None:
    """Give the most frequent length from 16 to 45 nt (the shortest of equals), None without such inserts."""
    window = lengths[16:46]
    return int(window.argmax()) + 16 if window.any() else None


def judge(
    counts: SampleCounts, library: LibraryTotals, kingdom: str = "vertebrates", limits: QcLimits | None = None
) -> Verdict:
    """Judge one sample.

    Parameters
    ----------
    counts : SampleCounts
    library : LibraryTotals
        What the reading stage counted.
    kingdom : str
        Of the study's species, as in the table of clades; miRNAs of other kingdoms are contamination. (Those of the
        same one may be miRNAs that miRBase lists for a relative only.)
    limits : QcLimits, optional

    Returns
    -------
    Verdict
        The worst of all checks decides; every check that is not good gives a reason with its figure and its limit.
    """
    x = limits or QcLimits()
    by_class = dict(zip(CLASSES, counts.class_reads.tolist(), strict=True))
    lengths = counts.class_lengths.sum(axis=0)
    inserts = int(counts.class_reads.sum()) - by_class["too_short"]
    mirna = by_class["mirna"]
    share = (mirna + by_class["mirna_unresolved"]) / inserts if inserts else 0.0
    adapter = None if library.with_adapter is None else library.with_adapter / max(library.reads, 1)
    dimer = library.adapter_dimer / max(library.reads, 1)
    long = float(lengths[x.long_from :].sum()) / inserts if inserts else 0.0
    peak = _peak(lengths)
    away = sum(n for (_, k), n in counts.foreign.items() if k not in (kingdom, "several", "unknown"))
    foreign = away / max(mirna + away, 1)
    worst, reasons = 0, []

    def check(bad: bool, worse: bool, text: str) -> None:
        nonlocal worst
        if bad or worse:
            worst = max(worst, 2 if worse else 1)
            reasons.append(text)

    unit = "molecules" if counts.unit == "umis" else "reads"
    check(
        mirna < x.mirna_good,
        mirna < x.mirna_reject,
        f"{mirna:,} miRNA {unit} (good from {x.mirna_good:,}, rejected below {x.mirna_reject:,})",
    )
    if adapter is not None:
        text = (
            f"adapter in {adapter:.1%} of reads (good from {x.adapter_good:.0%}, rejected below {x.adapter_reject:.0%})"
        )
        check(adapter < x.adapter_good, adapter < x.adapter_reject, text)
    text = f"{dimer:.1%} adapter dimers (good up to {x.dimer_good:.0%}, rejected above {x.dimer_reject:.0%})"
    check(dimer > x.dimer_good, dimer > x.dimer_reject, text)
    text = f"{share:.1%} of the inserts are miRNA (good from {x.share_good:.0%}, rejected below {x.share_reject:.0%})"
    check(share < x.share_good, share < x.share_reject, text)
    if peak is not None:
        text = f"inserts are most often of {peak} nt, not {x.peak_low} to {x.peak_high}"
        check(not x.peak_low <= peak <= x.peak_high, False, text)
    like_mrna = long > x.long_share and share < x.share_good
    check(False, like_mrna, f"{long:.1%} of the inserts have {x.long_from} nt or more, as fragments of mRNA have")
    text = f"{foreign:.1%} of the miRNA reads are of another kingdom (good up to {x.foreign_good:.0%})"
    check(foreign > x.foreign_good, False, text)
    species = counts.species
    if species is not None and species.verdict in ("other", "mixed"):
        pairs = "; ".join(
            f"against {p['other']}: {p['votes_declared']} miRNAs for {species.declared}, {p['votes_other']} against"
            for p in species.pairs
        )
        other = species.verdict == "other"
        text = f"the reads are of {species.best}, not {species.declared}" if other else "the species is not clear"
        check(not other, other, f"{text} ({pairs})")
    figures: dict[str, float | int | str | None] = {
        "reads": library.reads,
        "adapter_share": adapter,
        "dimer_share": dimer,
        "mirna": mirna,
        "mirna_share": share,
        "length_peak": peak,
        "long_share": long,
        "foreign_share": foreign,
        "species": species.verdict if species else None,
    }
    return Verdict(counts.sample, VERDICTS[worst], tuple(reasons), figures)


def verdict_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Give ``sample, verdict, reasons`` and the figures, a row a sample; reasons are joined by ``; ``."""
    return pd.DataFrame(
        [{"sample": v.sample, "verdict": v.verdict, "reasons": "; ".join(v.reasons), **v.figures} for v in verdicts]
    )
