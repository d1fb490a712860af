"""miRNAs of other species: exact matures of miRBase that our species does not explain, by clade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.inputs.clades import Clade
from acuomics.smallrna.inserts import MAX_PACKED, pack
from acuomics.smallrna.matching import NONE, assign
from acuomics.smallrna.mirbase import Mature
from acuomics.smallrna.templates import U64, TemplateIndex


@dataclass(frozen=True)
class ForeignIndex:
    """Matures of other species: sorted keys, their lengths, and the name of the clade (index into `clades`) of each."""

    keys: U64
    lengths: NDArray[np.uint8]
    clade: NDArray[np.int64]
    clades: tuple[Clade, ...]


def build_foreign(
    index: TemplateIndex, matures: Iterable[Mature], clades: dict[str, Clade], shortest: int
) -> ForeignIndex:
    """Collect the matures of other species that our own windows do not explain, not even with a substitution.

    A sequence that several clades share is called after the kingdom they share (``several of vertebrates``), or
    ``several kingdoms``. Species without a row are ``unknown``.
    """
    unknown = Clade("unknown", "unknown")
    holders: dict[str, set[Clade]] = {}
    for mature in matures:
        if mature.prefix.lower() != index.reference.prefix and shortest <= len(mature.sequence) <= MAX_PACKED:
            known = clades.get(mature.prefix, unknown)
            holders.setdefault(mature.sequence, set()).add(Clade(known.clade, known.kingdom))
    sequences = sorted(holders, key=pack)
    keys = np.array([pack(s) for s in sequences], np.uint64)
    lengths = np.array([len(s) for s in sequences], np.uint8)
    free = assign(index, keys, lengths).state == NONE
    names: dict[Clade, int] = {}
    clade = []
    for sequence, kept in zip(sequences, free.tolist(), strict=True):
        if kept:
            held = holders[sequence]
            kingdoms = {c.kingdom for c in held}
            kingdom = kingdoms.pop() if len(kingdoms) == 1 else ""
            several = Clade(f"several of {kingdom}", kingdom) if kingdom else Clade("several kingdoms", "several")
            one = next(iter(held)) if len(held) == 1 else several
            clade.append(names.setdefault(one, len(names)))
    return ForeignIndex(keys[free], lengths[free], np.array(clade, np.int64), tuple(names))


def foreign_of(index: ForeignIndex, keys: U64, lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Give the clade (index) of each insert that is an exact mature of another species, -1 for the others."""
    clade = np.full(len(keys), -1, np.int64)
    if len(index.keys):
        at = np.minimum(np.searchsorted(index.keys, keys), len(index.keys) - 1)
        hit = (index.keys[at] == keys) & (index.lengths[at] == lengths)
        clade[hit] = index.clade[at[hit]]
    return clade
