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
    # Numbers stand for the clades: hashing one for each of 48,000 matures takes longer than all the rest.
    numbers: dict[Clade, int] = {}
    of_prefix: dict[str, int] = {}
    holders: dict[str, set[int]] = {}
    for mature in matures:
        prefix = mature.prefix
        if prefix not in of_prefix:
            known = clades.get(prefix, Clade("unknown", "unknown"))
            number = numbers.setdefault(Clade(known.clade, known.kingdom), len(numbers))
            of_prefix[prefix] = -1 if prefix.lower() == index.reference.prefix else number
        if of_prefix[prefix] >= 0 and shortest <= len(mature.sequence) <= MAX_PACKED:
            holders.setdefault(mature.sequence, set()).add(of_prefix[prefix])
    all_clades = list(numbers)
    packed = {pack(s): s for s in holders}
    keys = np.array(sorted(packed), np.uint64)
    sequences = [packed[key] for key in keys.tolist()]
    lengths = np.array([len(s) for s in sequences], np.uint8)
    free = assign(index, keys, lengths).state == NONE
    names: dict[Clade, int] = {}
    clade = []
    for sequence, kept in zip(sequences, free.tolist(), strict=True):
        if kept:
            held = [all_clades[number] for number in holders[sequence]]
            kingdoms = {c.kingdom for c in held}
            kingdom = kingdoms.pop() if len(kingdoms) == 1 else ""
            several = Clade(f"several of {kingdom}", kingdom) if kingdom else Clade("several kingdoms", "several")
            one = held[0] if len(held) == 1 else several
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
