"""Whether a sample may be used: good, usable or reject, each with its reasons and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acuomics.problems import Problems

VERDICTS = ("good", "usable", "reject")


@dataclass(frozen=True)
class QcLimits:
    """Where a sample stops being good, and where it must be left out.

    Parameters
    ----------
    mapping_good, mapping_reject : float
        Share of the fragments found on a transcript. Poly(A) libraries have 0.7 to 0.9 on their own species; libraries
        of total RNA less, for introns and other RNA are no transcripts of the file. Below 0.3 most of the library is
        something else: another species, or RNA that the file does not have.
    mismatch_good, mismatch_reject : float
        Mismatches a base where reads were found. Sequencing and the animal's own variants make up to about one in a
        hundred; related species differ in several in a hundred, although half of the reads may still be found.
    mapped_good, mapped_reject : int
        Fragments found. A gene of 10 TPM and 2 kb has about 10 reads in a million.
    q30_good : float
        Share of bases with Phred 30 or more.
    adapter_good : float
        Share of reads with an adapter; kallisto and salmon find the rest of the read all the same.
    distinct_good : float
        Share of distinct fragments in the sample of reads.
    rrna_good, haemoglobin_good : float
        Share of the counts: they take reads away and differ between samples.
    place_low, place_high : float
        Mean place of fragments on long transcripts: outside, the library is of one end (degraded RNA with poly(A)
        selection; 3' libraries, whose lengths must not be corrected for).
    """

    mapping_good: float = 0.6
    mapping_reject: float = 0.3
    mismatch_good: float = 0.015
    mismatch_reject: float = 0.025
    mapped_good: int = 5_000_000
    mapped_reject: int = 100_000
    q30_good: float = 0.7
    adapter_good: float = 0.1
    distinct_good: float = 0.3
    rrna_good: float = 0.1
    haemoglobin_good: float = 0.05
    place_low: float = 0.35
    place_high: float = 0.7


@dataclass(frozen=True)
class Verdict:
    """The verdict on a sample, its reasons in sentences, and the figures it rests on."""

    sample: str
    verdict: str
    reasons: tuple[str, ...]
    figures: dict[str, Any]


def check_species(
    file: str, mapping: float, mismatches: float | None, reads: int, problems: Problems, limits: QcLimits
) -> None:
    """Refuse a sample whose reads are hardly found on the transcripts, or disagree with them where they are found.

    Parameters
    ----------
    file : str
        The reads, for the message.
    mapping, mismatches : float
        Of a sample of `reads` reads or pairs.
    problems : Problems
        Takes the fault, with both figures and the limits.
    limits : QcLimits
    """
    x = limits
    fix = (
        "are these the transcripts of the study's species, and is this the sample's own library? Mend the reference, or"
        " take the sample out"
    )
    found = f"{mapping:.1%} of {reads:,} sampled reads are found on the transcripts"
    if mapping < x.mapping_reject:
        also = "" if mismatches is None else f", with {mismatches:.1%} mismatches a base"
        problems.add(file, f"only {found} (at least {x.mapping_reject:.0%} must be){also}", fix)
    elif mismatches is not None and mismatches > x.mismatch_reject:
        message = f"{found}, but they disagree in {mismatches:.1%} of the bases (at most {x.mismatch_reject:.1%})"
        problems.add(file, f"{message}: a related species?", fix)


def judge(sample: str, figures: Mapping[str, Any], limits: QcLimits | None = None) -> Verdict:
    """Judge one sample.

    Parameters
    ----------
    sample : str
    figures : mapping
        What is judged: ``mapping, mapped, mismatches, q30, adapter, adapter_name, distinct, rrna, haemoglobin, place,
        sex_seen, sex_declared, sex_agrees, strand_clear``; None where it is not available (then it is not judged).
    limits : QcLimits, optional

    Returns
    -------
    Verdict
        The worst of all checks decides; every check that is not good gives a reason with its figure and its limit.
    """
    x, f = limits or QcLimits(), figures
    worst, reasons = 0, []

    def check(name: str, bad: bool, worse: bool, text: str) -> None:
        nonlocal worst
        if f[name] is not None and (bad or worse):
            worst = max(worst, 2 if worse else 1)
            reasons.append(text)

    def at(name: str) -> float:
        return 0.0 if f[name] is None else float(f[name])

    v = at("mapping")
    text = f"{v:.1%} of the reads are found on a transcript (good from {x.mapping_good:.0%}, rejected below"
    check("mapping", v < x.mapping_good, v < x.mapping_reject, f"{text} {x.mapping_reject:.0%})")
    v = at("mismatches")
    text = f"{v:.2%} mismatches a base against the transcripts (good up to {x.mismatch_good:.1%}, rejected above"
    check("mismatches", v > x.mismatch_good, v > x.mismatch_reject, f"{text} {x.mismatch_reject:.1%})")
    v = at("mapped")
    text = f"{v:,.0f} fragments found (good from {x.mapped_good:,}, rejected below {x.mapped_reject:,})"
    check("mapped", v < x.mapped_good, v < x.mapped_reject, text)
    v = at("q30")
    check("q30", v < x.q30_good, False, f"{v:.1%} of the bases have Phred 30 (good from {x.q30_good:.0%})")
    v = at("adapter")
    text = f"{v:.1%} of the reads hold the adapter {f['adapter_name']} (good up to {x.adapter_good:.0%})"
    check("adapter", v > x.adapter_good, False, text)
    v = at("distinct")
    text = f"{v:.1%} of the sampled fragments are distinct (good from {x.distinct_good:.0%})"
    check("distinct", v < x.distinct_good, False, text)
    for name, limit in (("rrna", x.rrna_good), ("haemoglobin", x.haemoglobin_good)):
        v = at(name)
        what = "ribosomal RNA" if name == "rrna" else "haemoglobin"
        check(name, v > limit, False, f"{v:.1%} of the counts are {what} (good up to {limit:.0%})")
    v = at("place")
    text = f"fragments lie at {v:.2f} of long transcripts on average (0 is 5', 1 is 3'; good from {x.place_low} to"
    check("place", not x.place_low <= v <= x.place_high, False, f"{text} {x.place_high})")
    text = f"the genes of sex say {f['sex_seen']}, the sheet says {f['sex_declared']}: another animal, or a wrong sheet"
    check("sex_agrees", False, f["sex_agrees"] is False, text)
    text = "the strand of the library is not clear; it was counted as unstranded"
    check("strand_clear", f["strand_clear"] is False, False, text)
    return Verdict(sample, VERDICTS[worst], tuple(reasons), dict(figures))
