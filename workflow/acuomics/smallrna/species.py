"""Whether the reads are of the species that the study declares: orthologous miRNAs that differ between species."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.inserts import MAX_PACKED, pack
from acuomics.smallrna.matching import Assignment, assign
from acuomics.smallrna.templates import ADDED, I64, TEMPLATED, U64, TemplateIndex, align_left, differences

F64 = NDArray[np.float64]
#: Inserts that are compared, most abundant first; rarer ones are mostly errors and add nothing to the verdict.
MOST = 20_000
#: Reads a miRNA needs for a vote; votes that a pair of species needs; share of the votes that decides.
FEWEST_READS, FEWEST_VOTES, DECIDED = 2.0, 2, 0.8
#: Two matures are alike when they differ in at most so many bases, at one of the shifts.
MOST_DIFFERENCES, SHIFTS = 3, (-2, -1, 0, 1, 2)


@dataclass(frozen=True)
class SpeciesCheck:
    """The verdict on the species.

    Parameters
    ----------
    declared : str
        miRBase prefix of the study's species.
    verdict : {"confirmed", "other", "mixed", "undecided"}
        ``undecided``: too few miRNAs that tell the species apart were read.
    best : str
        The species that the reads speak for; the declared one unless the verdict is ``other``.
    explained : dict
        Prefix to the reads that are templated in its hairpins (of the inserts compared).
    pairs : tuple of dict
        A species compared with the declared one: ``other, votes_declared, votes_other, reads_declared, reads_other``.
    """

    declared: str
    verdict: str
    best: str
    explained: dict[str, float]
    pairs: tuple[dict[str, Any], ...]


def _label(name: str) -> str:
    return name.split("-", 1)[-1].lower()


@lru_cache(maxsize=16)
def _counterparts(ours: TemplateIndex, theirs: TemplateIndex) -> NDArray[np.bool_]:
    """Say which of our matures the other species has too: by name, or alike and under a name that we have not."""
    names, others = ([_label(m.name) for m in x.reference.matures] for x in (ours, theirs))
    known, own = set(others), set(names)
    found = np.array([name in known for name in names], bool)
    keys, lengths = _packed([theirs.reference.matures[i].sequence for i, name in enumerate(others) if name not in own])
    there = align_left(keys, lengths)
    rest = np.flatnonzero(~found)
    for shift in SHIFTS:
        skip = max(-shift, 0)
        sequences = [ours.reference.matures[i].sequence[:MAX_PACKED][max(shift, 0) :] for i in rest.tolist()]
        mine, sizes = _packed(sequences)
        size = np.minimum(sizes[:, None], lengths - skip)
        wrong = differences(align_left(mine, sizes)[:, None], there << np.uint64(2 * skip), size)
        found[rest] |= (np.bitwise_count(wrong) <= MOST_DIFFERENCES).any(axis=1)
    return found


def _packed(sequences: list[str]) -> tuple[U64, I64]:
    """Give the keys of sequences and how many bases they hold."""
    lengths = np.array([min(len(s), MAX_PACKED) for s in sequences], np.int64)
    return np.array([pack(s) for s in sequences], np.uint64), lengths


def _reads_for(
    ours: TemplateIndex, theirs: TemplateIndex, a: Assignment, b: Assignment, weights: F64
) -> dict[str, float]:
    """Reads, by miRNA name of both species, that are templated in ours and in theirs not without a substitution."""
    comparable = _counterparts(ours, theirs)
    labels = [_label(m.name) for m in ours.reference.matures]
    apart = (a.state == TEMPLATED) & ((b.state < TEMPLATED) | (b.state > ADDED))
    found: dict[str, float] = {}
    # An insert that several of our miRNAs explain votes for the first only.
    first = np.r_[True, a.insert[1:] != a.insert[:-1]] if len(a.insert) else np.zeros(0, bool)
    rows = np.flatnonzero(first & apart[a.insert])
    for insert, mature in zip(a.insert[rows].tolist(), a.mature[rows].tolist(), strict=True):
        if comparable[mature]:
            found[labels[mature]] = found.get(labels[mature], 0.0) + float(weights[insert])
    return found


def check_species(
    panel: Sequence[TemplateIndex], declared: str, keys: U64, lengths: NDArray[np.integer], weights: F64
) -> SpeciesCheck:
    """Compare the declared species with others by miRNAs that both have, but with other bases.

    Annotation differs in depth (rat has 764 matures, mouse 1,978), so the number of reads that a species explains says
    little. Only a miRNA that both species have (the same name, or a like sequence under a name that the first
    lacks) can vote, and it votes for the species whose bases its reads have.

    Parameters
    ----------
    panel : sequence of TemplateIndex
        The species to compare, the declared one among them.
    declared : str
        Its miRBase prefix.
    keys, lengths, weights : [n]
        The distinct inserts and their reads.
    """
    top = np.lexsort((keys, -weights))[:MOST]
    keys, lengths, weights = keys[top], lengths[top], weights[top]
    found = {index.reference.prefix: (index, assign(index, keys, lengths)) for index in panel}
    explained = {p: float(weights[a.state == TEMPLATED].sum()) for p, (_, a) in found.items()}
    index, mine = found[declared]
    pairs: list[dict[str, Any]] = []
    won, lost, mixed = 0, [], 0
    for prefix, (other, theirs) in sorted(found.items()):
        if prefix == declared:
            continue
        ours = _reads_for(index, other, mine, theirs, weights)
        against = _reads_for(other, index, theirs, mine, weights)
        names = sorted(set(ours) | set(against))
        voting = [n for n in names if ours.get(n, 0.0) + against.get(n, 0.0) >= FEWEST_READS]
        for_us = sum(ours.get(n, 0.0) > against.get(n, 0.0) for n in voting)
        for_them = sum(ours.get(n, 0.0) < against.get(n, 0.0) for n in voting)
        pair = {"other": prefix, "votes_declared": for_us, "votes_other": for_them}
        pairs.append(pair | {"reads_declared": sum(ours.values()), "reads_other": sum(against.values())})
        votes = for_us + for_them
        if votes < FEWEST_VOTES:
            continue
        share = for_us / votes
        won += share >= DECIDED
        mixed += 1 - DECIDED < share < DECIDED
        if share <= 1 - DECIDED:
            lost.append((share, -explained[prefix], prefix))
    if lost:
        return SpeciesCheck(declared, "other", min(lost)[2], explained, tuple(pairs))
    verdict = "mixed" if mixed else "confirmed" if won else "undecided"
    return SpeciesCheck(declared, verdict, declared, explained, tuple(pairs))
