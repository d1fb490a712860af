"""Which kit made the reads: adapter, random bases and UMIs, with the evidence, or a stop with the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from acuomics.inputs.words import did_you_mean
from acuomics.problems import Problems
from acuomics.smallrna.collapse import quality_encoding
from acuomics.smallrna.composition import end_composition, look_at_umis
from acuomics.smallrna.denovo import common_heads, consensus_adapter
from acuomics.smallrna.inserts import MAX_LENGTH
from acuomics.smallrna.kits import TRIMMED, Kit, Trimming
from acuomics.smallrna.look import RIVAL, Look, best_kit, related
from acuomics.smallrna.sample import sample_reads

#: Where inserts peak above this length, another adapter may stand before the one found, nt.
_LONGEST_PEAK = 40
#: A shorter sequence that recurs is no adapter, nt.
_SHORTEST_CONSENSUS = 12


@dataclass(frozen=True)
class Detection:
    """How kits are told from reads.

    Parameters
    ----------
    n_reads : int
        Reads looked at.
    min_share : float
        Smallest share of reads with the adapter.
    contradiction : float
        A declared adapter is refused when another is in so many times the reads.
    max_trimmed_share : float
        Reads are taken for trimmed only when no known adapter is in more of them.
    insert_peak : tuple of int
        Lengths, nt, where the inserts of trimmed reads must be most frequent.
    min_umi_share : float
        Smallest share of the reads with adapter that must reach to the end of the UMI.
    """

    n_reads: int = 50_000
    min_share: float = 0.5
    contradiction: float = 2.0
    max_trimmed_share: float = 0.05
    insert_peak: tuple[int, int] = (20, 24)
    min_umi_share: float = 0.25


@dataclass(frozen=True)
class AdapterCall:
    """The kit and why.

    Parameters
    ----------
    kit : Kit
        Read layout to trim by.
    how : str
        ``declared`` (and borne out), ``known`` (a kit of the table), ``de_novo``, ``trimmed``.
    reads : int
        Reads looked at.
    share : float
        Of them with the adapter.
    second, second_share : str, float
        The next best adapter of the table that is no part of this one; empty, 0 when none is in any read.
    read_length : int
        Median length of the reads, nt.
    insert_peak : int
        Most frequent insert length of at least 10 nt, random and fixed bases cut off.
    quality_encoding : str
        As in `collapse.ReadTotals`.
    notes : tuple of str
        What a reader should know.
    """

    kit: Kit
    how: str
    reads: int
    share: float
    second: str
    second_share: float
    read_length: int
    insert_peak: int
    quality_encoding: str
    notes: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Give all this for a JSON file."""
        plain = {name: value for name, value in vars(self).items() if name not in ("kit", "notes")}
        return plain | {"kit": dict(vars(self.kit)), "notes": list(self.notes)}


def find_adapter(
    files: Sequence[str | Path],
    kits: Sequence[Kit],
    *,
    declared: str | None = None,
    trimming: Trimming | None = None,
    detection: Detection | None = None,
) -> AdapterCall:
    """Tell from the reads which kit a sample was made with, or whether it was made with the declared one.

    Parameters
    ----------
    files : sequence of path
        The sample's FASTQ files.
    kits : sequence of Kit
        The known ones (`kits.read_kits`).
    declared : str, optional
        A kit's name, an adapter's bases, or ``trimmed``.
    trimming, detection : optional
        How adapters are searched and judged.

    Raises
    ------
    InputError
        Faults of the files (`sample.sample_reads`); reads too short for inserts; a declared adapter that the reads
        contradict; an adapter in fewer reads than `Detection.min_share`, with the figures; UMIs declared that are not
        there.
    """
    trimming, detection = trimming or Trimming(), detection or Detection()
    problems = Problems()
    where = str(files[0]) if files else "the sample"
    sample = sample_reads(files, detection.n_reads, problems)
    wanted = _declared(declared, kits, where, problems)
    problems.raise_if_any()
    look = Look(sample, trimming)
    length = int(np.median(sample.lengths))
    if float((sample.lengths < trimming.min_length + 2).mean()) > 0.95 and wanted != TRIMMED:
        problems.add(
            where,
            f"the reads are too short for inserts: {length} nt (median of {look.n}), where a miRNA has 22",
            "give the reads as they came from the sequencer, or leave the sample out",
        )
        problems.raise_if_any()
    best = best_kit(kits, look)
    if wanted is not None:
        kit, how = wanted, "declared"
        _check_declared(kit, best, look, detection, where, problems)
    elif look.share(best) >= detection.min_share:
        kit, how = best, "known"
        earlier = _de_novo(look) if look.peak(best) > _LONGEST_PEAK else None
        if earlier is not None and look.share(earlier) >= detection.min_share and look.before(earlier, best):
            kit, how = earlier, "de_novo"
    else:
        kit, how = _unknown(best, look, detection, where, problems)
    problems.raise_if_any()
    notes: list[str] = []
    kit = _layout(kit, how, kits, look, detection, where, notes, problems)
    problems.raise_if_any()
    others = [other for other in kits if not related(other, kit) or not kit.adapter3]
    second = max(others, key=look.share) if others else None
    if second and look.share(second) >= RIVAL * look.share(kit) and kit.adapter3:
        notes.append(
            f"the adapter of {second.kit} is in {look.share(second):.1%} of the reads, but stands behind this one"
        )
    encoding = quality_encoding(*sample.quality)
    if encoding == "phred64":
        notes.append("qualities are encoded with offset 64 (Illumina 1.3 to 1.7); they are not used")
    share = look.share(second) if second else 0.0
    if (peak := look.peak(kit)) and not 18 <= peak <= 35:
        notes.append(f"the inserts peak at {peak} nt, which is no length of a small-RNA library")
    return AdapterCall(
        kit,
        how,
        look.n,
        1.0 if not kit.adapter3 else look.share(kit),
        second.kit if second and share else "",
        share,
        length,
        peak,
        encoding,
        tuple(notes),
    )


def _declared(declared: str | None, kits: Sequence[Kit], where: str, problems: Problems) -> Kit | None:
    if declared is None:
        return None
    by_name = {kit.kit: kit for kit in (*kits, TRIMMED)}
    if declared in by_name:
        return by_name[declared]
    bases = declared.upper().replace("U", "T")
    if len(bases) >= 8 and set(bases) <= set("ACGT"):
        return Kit("declared", bases, source="the declaration")
    fix = did_you_mean(declared, by_name) or f"the kits are {', '.join(by_name)}; an adapter has 8 bases or more"
    problems.add(where, "neither a kit nor an adapter", fix, value=declared)
    return None


def _check_declared(kit: Kit, best: Kit, look: Look, detection: Detection, where: str, problems: Problems) -> None:
    share, other = look.share(kit), look.share(best)
    if not kit.adapter3:
        if other > detection.max_trimmed_share and other >= 0.2:
            problems.add(
                where,
                f"declared as trimmed, but {other:.1%} of {look.n} reads hold the adapter of {best.kit}"
                f" ({best.adapter3})",
                f"declare {best.kit}, or nothing, so that the reads decide",
            )
        return
    if not related(kit, best) and other >= detection.contradiction * share and other >= 0.2:
        problems.add(
            where,
            f"the declared adapter {kit.adapter3} is in {share:.1%} of {look.n} reads, that of {best.kit}"
            f" ({best.adapter3}) in {other:.1%}",
            f"declare {best.kit}, or nothing, so that the reads decide",
        )
    elif share < detection.min_share:
        problems.add(
            where,
            f"the declared adapter {kit.adapter3} is in only {share:.1%} of {look.n} reads"
            f" (asked: {detection.min_share:.0%}); next is that of {best.kit} with {other:.1%};"
            f" median read length {int(np.median(look.sample.lengths))} nt",
            "declare another adapter, `trimmed` if the reads hold none, or nothing, so that the reads decide",
        )


def _looks_trimmed(look: Look, detection: Detection) -> bool:
    """Whether the reads have many lengths, and most often that of a miRNA."""
    counts = np.bincount(np.minimum(look.sample.lengths, MAX_LENGTH))
    low, high = detection.insert_peak
    return low <= int(counts.argmax()) <= high and counts.max() < 0.9 * look.n


def _de_novo(look: Look) -> Kit | None:
    """The adapter that the reads themselves show, with the barcode before the inserts."""
    consensus = consensus_adapter(look.sample)
    if consensus is None or len(consensus.sequence) < _SHORTEST_CONSENSUS:
        return None
    kit = Kit("de_novo", consensus.sequence, source="the reads")
    head, barcodes, of = common_heads(look.inserts(kit))
    if not head:
        return kit
    return replace(kit, head5=head, source=f"the reads; {of:.1%} of the inserts begin with {', '.join(barcodes)}")


def _unknown(best: Kit, look: Look, detection: Detection, where: str, problems: Problems) -> tuple[Kit, str]:
    """Reads without a known adapter: trimmed, with an adapter of their own, or not to be used."""
    share = look.share(best)
    if share <= detection.max_trimmed_share and _looks_trimmed(look, detection):
        return TRIMMED, "trimmed"
    kit = _de_novo(look)
    found = ""
    if kit is not None:
        if look.share(kit) >= detection.min_share:
            return kit, "de_novo"
        found = f"; the best sequence found in the reads themselves, {kit.adapter3}, in {look.share(kit):.1%}"
    lengths = look.sample.lengths
    problems.add(
        where,
        f"no adapter in most reads: the best known one, of {best.kit}, is in {share:.1%} of {look.n} reads"
        f" (asked: {detection.min_share:.0%}){found}; reads have {int(lengths.min())} to {int(lengths.max())} nt"
        f" (median {int(np.median(lengths))})",
        "look whether these are small-RNA reads; if they are, declare their adapter, or `trimmed`",
    )
    return best, "known"


def _layout(
    kit: Kit,
    how: str,
    kits: Sequence[Kit],
    look: Look,
    detection: Detection,
    where: str,
    notes: list[str],
    problems: Problems,
) -> Kit:
    """What the adapter leaves open: random bases at the ends, and whether the UMIs are there."""
    if kit.umi_length:
        seen = look_at_umis(look.sample, look.places(kit), len(kit.adapter3), kit.umi_length)
        figures = seen.figures(kit.umi_length)
        if seen.with_adapter and (seen.whole_share < detection.min_umi_share or not seen.varied):
            if how == "declared":
                problems.add(
                    where,
                    f"the kit {kit.kit} has UMIs of {kit.umi_length} nt after the adapter, but these reads have none: "
                    + figures,
                    f"declare the adapter alone ({kit.adapter3}) to count reads instead of molecules",
                )
            else:
                notes.append(f"the adapter is that of {kit.kit}, but there are no UMIs after it: {figures}")
                return replace(kit, kit=f"{kit.kit}_without_umi", umi_length=0)
        else:
            notes.append(f"UMIs after the adapter: {figures}")
        return kit
    if not kit.adapter3 or kit.tail:
        return kit
    ends = end_composition(look.inserts(replace(kit, random5=0, random3=0)))
    figures = ends.figures() + f"; insert peak with them {look.peak(replace(kit, random5=0, random3=0))} nt"
    twins = [other for other in kits if other.adapter3 == kit.adapter3 and bool(other.random5) != bool(kit.random5)]
    if ends.random is None:
        if twins:
            notes.append(f"too few inserts ({ends.inserts}) to tell {kit.kit} from {twins[0].kit} by their ends")
    elif twins and ends.random != bool(kit.random5):
        if how == "declared":
            problems.add(
                where,
                f"the ends of the inserts are {'random' if ends.random else 'not random'} bases, against the declared"
                f" kit {kit.kit}: {figures}",
                f"declare {twins[0].kit}, or nothing, so that the reads decide",
            )
            return kit
        kit = twins[0]
        notes.append(f"told from kits with the same adapter by the ends of the inserts: {figures}")
    elif twins:
        notes.append(f"the ends of the inserts bear out {kit.kit}: {figures}")
    elif ends.random and not kit.random5:
        notes.append(f"the ends of the inserts look like random bases, which are not cut off: {figures}")
    return kit
