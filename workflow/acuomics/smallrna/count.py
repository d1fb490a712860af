"""From the distinct inserts of a sample to its miRNA counts, isomiRs and classes; every insert has one class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.errors import correct
from acuomics.smallrna.foreign import ForeignIndex, foreign_of
from acuomics.smallrna.inserts import MAX_LENGTH, Inserts
from acuomics.smallrna.isomirs import total_by_variant, variants
from acuomics.smallrna.matching import NONE, UNRESOLVED, assign
from acuomics.smallrna.mirgff3 import IsomirReads
from acuomics.smallrna.other import OTHER_CLASSES, STRUCTURAL, OtherIndex, classes_of, look_up
from acuomics.smallrna.settings import CountSettings
from acuomics.smallrna.sharing import share
from acuomics.smallrna.species import SpeciesCheck, check_species
from acuomics.smallrna.templates import I64, SUBSTITUTED, TemplateIndex

#: What an insert can be, in the order of the tables. `mirna_unresolved`: one substitution from several miRNAs.
CLASSES = ("mirna", "mirna_unresolved", *OTHER_CLASSES, "foreign_mirna", "too_short", "unknown")
_OTHER = 2
_FOREIGN, _SHORT, _UNKNOWN = (CLASSES.index(name) for name in ("foreign_mirna", "too_short", "unknown"))


@dataclass(frozen=True)
class CountReference:
    """All that inserts are compared with: our miRNAs, other RNA, other species' miRNAs, and species to tell apart."""

    index: TemplateIndex
    other: OtherIndex | None = None
    foreign: ForeignIndex | None = None
    panel: tuple[TemplateIndex, ...] = ()


@dataclass(frozen=True)
class SampleCounts:
    """The counts of one sample; `reads` below are molecules when `unit` is ``umis``.

    Parameters
    ----------
    sample, unit : str
    counts : float64[matures]
        Reads of each mature, in the order of the reference; parts of shared reads are fractions.
    class_reads, class_inserts : int64[classes]
        Reads and distinct inserts by class, in the order of `CLASSES`.
    class_lengths : int64[classes, 256]
        Reads by class and insert length (the last column: 255 nt and more).
    tiers : dict
        Reads that fit a miRNA ``templated``, ``added``, ``substituted``, ``substituted_added``; ``seed_errors``: that
        are errors of an abundant one (see `errors`), counted with its own reads.
    multimapped, moved, error_rate : float
        Reads that fit several miRNAs; reads given back as sequencing errors; error rate per base that the sample shows.
    isomirs : list of (mature, variant, reads)
    foreign : dict
        (clade, kingdom) to reads.
    species : SpeciesCheck or None
    inserts : IsomirReads
        The miRNA inserts, for mirGFF3.
    """

    sample: str
    unit: str
    counts: NDArray[np.float64]
    class_reads: I64
    class_inserts: I64
    class_lengths: NDArray[np.int64]
    tiers: dict[str, int]
    multimapped: float
    moved: float
    error_rate: float
    isomirs: list[tuple[int, str, float]]
    foreign: dict[tuple[str, str], int]
    species: SpeciesCheck | None
    inserts: IsomirReads


def _weights(inserts: Inserts, unit: str) -> tuple[str, I64]:
    if unit == "umis" and inserts.umis is None:
        raise ValueError("unit is umis, but the inserts have none")
    if unit == "reads" or inserts.umis is None:
        return "reads", inserts.reads
    return "umis", inserts.umis


def count_sample(
    inserts: Inserts,
    reference: CountReference,
    settings: CountSettings | None = None,
    *,
    sample: str = "sample",
    pairs: tuple[I64, I64] | None = None,
) -> SampleCounts:
    """Count the miRNAs of one sample and class everything else.

    Order of precedence: a miRNA without a substitution; other RNA of a structural class that holds the whole insert
    exactly; a miRNA with one substitution outside the seed; other RNA (`OTHER_CLASSES`, exact before one
    substitution); the exact mature of another species; unknown. Sequencing errors of abundant miRNAs that nothing
    explains exactly are theirs.

    Parameters
    ----------
    inserts : Inserts
        Distinct inserts, sorted.
    reference : CountReference
    settings : CountSettings, optional
    sample : str
        Its name.
    pairs : (int64[p], int64[p]), optional
        Candidates that another engine found (see `bowtie`); by default the seed index finds them.

    Raises
    ------
    ValueError
        UMIs are asked for and there are none.
    """
    settings = settings or CountSettings()
    unit, reads = _weights(inserts, settings.unit)
    weights = reads.astype(np.float64)
    keys, lengths, index = inserts.keys, inserts.lengths, reference.index
    matched = assign(index, keys, lengths, pairs)
    kind = np.full(len(keys), _UNKNOWN, np.int64)
    if reference.foreign is not None:
        clade = foreign_of(reference.foreign, keys, lengths)
        kind[clade >= 0] = _FOREIGN
    if reference.other is not None:
        unsure = np.flatnonzero((matched.state == NONE) | (matched.state >= SUBSTITUTED))
        found, exact = look_up(reference.other, keys[unsure], lengths[unsure], settings.other_mismatch_length)
        kind[unsure[found >= 0]] = _OTHER + found[found >= 0]
        yields = unsure[exact & np.isin(found, classes_of(STRUCTURAL))]
        taken = np.zeros(len(keys), bool)
        taken[unsure[exact]] = True
    else:
        yields = np.empty(0, np.int64)
        taken = np.zeros(len(keys), bool)
    kind[lengths < index.settings.shortest] = _SHORT
    mirna = (matched.state != NONE) & (matched.state != UNRESOLVED)
    mirna[yields] = False
    unresolved = matched.state == UNRESOLVED
    unresolved[yields] = False
    kind[mirna], kind[unresolved] = CLASSES.index("mirna"), CLASSES.index("mirna_unresolved")
    kept = matched.where(mirna)
    corrected, moved, rate = weights, 0.0, 0.0
    rescued = np.zeros(len(keys), bool)
    if settings.correct_errors:
        unexplained = ~mirna & ~unresolved & ~taken & (kind != _FOREIGN) & (kind != _SHORT)
        correction = correct(index, keys, lengths, weights, kept, unexplained)
        corrected, moved, rate, rescued = correction.weights, correction.moved, correction.rate, correction.rescued
        kind[rescued] = CLASSES.index("mirna")
    parts = share(kept, corrected, len(index.reference.matures), settings.sharing)
    code, names = variants(index, kept)
    table = np.zeros((len(CLASSES), MAX_LENGTH + 1), np.int64)
    np.add.at(table, (kind, lengths), reads)
    foreign: dict[tuple[str, str], int] = {}
    if reference.foreign is not None:
        for i in np.flatnonzero(kind == _FOREIGN).tolist():
            c = reference.foreign.clades[int(clade[i])]
            foreign[c.clade, c.kingdom] = foreign.get((c.clade, c.kingdom), 0) + int(reads[i])
    tier_names = ("templated", "added", "substituted", "substituted_added")
    multiplicity = kept.multiplicity
    prefix = index.reference.prefix
    panel = reference.panel
    return SampleCounts(
        sample=sample,
        unit=unit,
        counts=np.bincount(kept.mature, parts, len(index.reference.matures)).astype(np.float64),
        class_reads=table.sum(axis=1),
        class_inserts=np.bincount(kind, minlength=len(CLASSES)).astype(np.int64),
        class_lengths=table,
        tiers={name: int(reads[mirna & (matched.state == t)].sum()) for t, name in enumerate(tier_names)}
        | {"seed_errors": int(reads[rescued].sum())},
        multimapped=float(reads[multiplicity > 1].sum()),
        moved=moved,
        error_rate=rate,
        isomirs=total_by_variant(kept.mature, code, names, parts),
        foreign=dict(sorted(foreign.items())),
        species=check_species(panel, prefix, keys, lengths, weights) if panel else None,
        inserts=IsomirReads(sample, keys[kept.insert], kept.entry, reads[kept.insert], multiplicity[kept.insert]),
    )
