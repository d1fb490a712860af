"""The tables of a study from the counts of its samples: matrix, isomiRs, classes, clades, markers, summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from acuomics.smallrna.count import CLASSES, SampleCounts
from acuomics.smallrna.markers import Marker, marker_shares
from acuomics.smallrna.mirbase import MirnaReference
from acuomics.smallrna.sharing import whole


@dataclass(frozen=True)
class StudyTables:
    """What the stage writes for a study.

    Parameters
    ----------
    counts : DataFrame
        ``feature`` (MIMAT) and one int64 column a sample; every mature of the species has a row. A column's total is
        that of the fractions, rounded: fractions are cut, and the reads that this leaves go to the largest remainders
        (ties by accession).
    fractions : DataFrame
        The same before rounding.
    features : DataFrame
        ``feature, name, sequence, hairpins``.
    isomirs : DataFrame
        ``sample, mimat, name, variant, reads``; the reads of a mature add up to its fraction.
    classes : DataFrame
        ``sample, class, reads, share, inserts``, every class of every sample.
    lengths : DataFrame
        ``sample, class, length, reads``, rows without reads left out.
    clades : DataFrame
        ``sample, clade, kingdom, reads, share_of_mirna`` of other species' miRNAs.
    markers : DataFrame
        ``sample, tissue, marker, reads, share``.
    summary : DataFrame
        ``sample, unit, reads, mirna, templated, added, substituted, substituted_added, seed_errors, multimapped,
        multimapped_share, moved, error_rate, detected, species, species_verdict``.
    """

    counts: pd.DataFrame
    fractions: pd.DataFrame
    features: pd.DataFrame
    isomirs: pd.DataFrame
    classes: pd.DataFrame
    lengths: pd.DataFrame
    clades: pd.DataFrame
    markers: pd.DataFrame
    summary: pd.DataFrame


def _features(reference: MirnaReference) -> pd.DataFrame:
    hairpins: dict[int, set[str]] = {}
    for locus in reference.loci:
        if locus.hairpin >= 0:
            hairpins.setdefault(locus.mature, set()).add(reference.hairpins[locus.hairpin].name)
    rows = [
        (m.accession, m.name, m.sequence, ",".join(sorted(hairpins.get(i, ()))))
        for i, m in enumerate(reference.matures)
    ]
    return pd.DataFrame(rows, columns=["feature", "name", "sequence", "hairpins"])


def _summary(s: SampleCounts) -> dict[str, object]:
    mirna = int(s.class_reads[0])
    check = s.species
    return {
        "sample": s.sample,
        "unit": s.unit,
        "reads": int(s.class_reads.sum()),
        "mirna": mirna,
        **s.tiers,
        "multimapped": s.multimapped,
        "multimapped_share": s.multimapped / mirna if mirna else np.nan,
        "moved": s.moved,
        "error_rate": s.error_rate,
        "detected": int((s.counts >= 1).sum()),
        "species": check.best if check else "",
        "species_verdict": check.verdict if check else "",
    }


def assemble(reference: MirnaReference, samples: Sequence[SampleCounts], markers: Sequence[Marker] = ()) -> StudyTables:
    """Put the samples of a study together, columns in the order given.

    Parameters
    ----------
    reference : MirnaReference
        By which all samples were counted.
    samples : sequence of SampleCounts
        One a sample; runs of one sample must have been added up before.
    markers : sequence of Marker
        Markers of tissues.
    """
    features = _features(reference)
    accessions = [m.accession for m in reference.matures]
    names = [m.name for m in reference.matures]
    feature = {"feature": accessions}
    counts = pd.DataFrame(feature | {s.sample: whole(s.counts) for s in samples})
    fractions = pd.DataFrame(feature | {s.sample: s.counts for s in samples})
    isomirs = [(s.sample, accessions[m], names[m], v, r) for s in samples for m, v, r in s.isomirs if r > 0]
    classes: list[tuple[str, str, int, float, int]] = []
    lengths: list[tuple[str, str, int, int]] = []
    clades: list[tuple[str, str, str, int, float]] = []
    for s in samples:
        total = int(s.class_reads.sum())
        for c, name in enumerate(CLASSES):
            n = int(s.class_reads[c])
            classes.append((s.sample, name, n, n / total if total else np.nan, int(s.class_inserts[c])))
            at = np.flatnonzero(s.class_lengths[c])
            reads = s.class_lengths[c][at].tolist()
            lengths.extend((s.sample, name, length, r) for length, r in zip(at.tolist(), reads, strict=True))
        mirna = int(s.class_reads[0]) + sum(s.foreign.values())
        clades.extend((s.sample, c, k, n, n / mirna) for (c, k), n in s.foreign.items() if n)
    shares = [marker_shares(s.sample, list(markers), reference.prefix, accessions, s.counts) for s in samples]
    empty = marker_shares("", [], "", [], np.empty(0))
    return StudyTables(
        counts=counts,
        fractions=fractions,
        features=features,
        isomirs=pd.DataFrame(isomirs, columns=["sample", "mimat", "name", "variant", "reads"]),
        classes=pd.DataFrame(classes, columns=["sample", "class", "reads", "share", "inserts"]),
        lengths=pd.DataFrame(lengths, columns=["sample", "class", "length", "reads"]),
        clades=pd.DataFrame(clades, columns=["sample", "clade", "kingdom", "reads", "share_of_mirna"]),
        markers=pd.concat(shares, ignore_index=True) if shares else empty,
        summary=pd.DataFrame([_summary(s) for s in samples]),
    )
