"""Which miRNAs each distinct insert belongs to: candidates from the seed index (or another engine), best ones kept."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.inserts import MAX_PACKED
from acuomics.smallrna.templates import (
    I64,
    SUBSTITUTED,
    U64,
    Fit,
    TemplateIndex,
    align_left,
    fit,
    pairs_by_seed,
)

#: Inserts handled at once; bounds the memory.
CHUNK = 1 << 17
#: The state of an insert that no miRNA explains, or several with a substitution; tiers are 0-3.
NONE, UNRESOLVED = -1, 9


@dataclass(frozen=True)
class Assignment:
    """The miRNAs of each insert.

    Parameters
    ----------
    state : int8[n]
        Tier of the best fit, `UNRESOLVED` (one substitution from several miRNAs, none nearer) or `NONE`.
    insert : int64[c]
        Rows (insert, mature) of best fits, sorted by insert, then mature; several rows when several fit equally well.
    entry, mature : int64[c]
        Index into the entries of the index (the first of equally good ones of that mature) and into its matures.
    fit : Fit
        How, row by row.
    """

    state: NDArray[np.int8]
    insert: I64
    entry: I64
    mature: I64
    fit: Fit

    @property
    def multiplicity(self) -> I64:
        """Number of matures that each insert fits (int64[n])."""
        return np.bincount(self.insert, minlength=len(self.state)).astype(np.int64)

    def where(self, kept: NDArray[np.bool_]) -> Assignment:
        """Give the assignment of some inserts only (bool[n]); the others become `NONE`."""
        rows = kept[self.insert]
        fits = Fit(*(getattr(self.fit, f.name)[rows] for f in fields(Fit)))
        state = np.where(kept, self.state, NONE).astype(np.int8)
        return Assignment(state, self.insert[rows], self.entry[rows], self.mature[rows], fits)


def _best(index: TemplateIndex, aligned: U64, lengths: I64, inserts: I64, entries: I64) -> tuple[I64, I64, I64]:
    """Keep, of (insert, entry) pairs, the best-ranked ones of each insert, one entry a mature; give their tiers too."""
    found = fit(index, aligned[inserts], lengths[inserts], entries)
    inserts, entries, rank = inserts[found.valid], entries[found.valid], found.rank[found.valid]
    if not len(inserts):
        return inserts, entries, rank
    packed = inserts.astype(np.uint64) << np.uint64(36) | rank.astype(np.uint64) << np.uint64(24)
    packed |= entries.astype(np.uint64)
    packed.sort()
    inserts = (packed >> np.uint64(36)).astype(np.int64)
    rank = (packed >> np.uint64(24) & np.uint64(0xFFF)).astype(np.int64)
    entries = (packed & np.uint64(0xFFFFFF)).astype(np.int64)
    new = np.r_[True, inserts[1:] != inserts[:-1]]
    best = rank[new][np.cumsum(new) - 1] == rank
    inserts, entries, rank = inserts[best], entries[best], rank[best]
    mature = index.mature[entries]
    one = np.r_[True, (inserts[1:] != inserts[:-1]) | (mature[1:] != mature[:-1])]
    return inserts[one], entries[one], rank[one] >> 8


def _unresolved(rows: I64, twin: I64) -> NDArray[np.bool_]:
    """Say which rows belong to an insert that fits matures of different sequences."""
    if not len(rows):
        return np.zeros(0, bool)
    new = np.r_[True, rows[1:] != rows[:-1]]
    group = np.cumsum(new) - 1
    differs = np.bincount(group, weights=twin != twin[new][group])
    return np.asarray(differs[group] > 0)


def assign(
    index: TemplateIndex, keys: U64, lengths: NDArray[np.integer], pairs: tuple[I64, I64] | None = None
) -> Assignment:
    """Match every distinct insert once.

    Rules (METHODS, "miRNA"): an insert that is templated throughout beats one with added bases, and that one beats a
    substitution; then fewer added bases, then the ends nearer to the mature. What fits several miRNAs equally well
    keeps them all (shared later), but a substitution is forgiven only when one mature sequence is nearest: else the
    insert is `UNRESOLVED`.

    Parameters
    ----------
    index : TemplateIndex
        The miRNAs of the species.
    keys, lengths : uint64[n], integer[n]
        Packed inserts and their true lengths; longer ones than 31 nt fit no miRNA.
    pairs : (int64[p], int64[p]), optional
        The (insert, entry) pairs to compare, as another engine found them; without them the seed index finds them.
    """
    n = len(keys)
    state = np.full(n, NONE, np.int8)
    possible = np.flatnonzero((lengths >= index.settings.shortest) & (lengths <= MAX_PACKED))
    size = lengths[possible].astype(np.int64)
    aligned = align_left(keys[possible], size)
    if pairs is not None:
        place = np.full(n, -1, np.int64)
        place[possible] = np.arange(len(possible))
        given = place[pairs[0]]
        order = np.argsort(given, kind="stable")
        order = order[given[order] >= 0]
        given, given_entries = given[order], pairs[1][order]
    kept_inserts, kept_entries = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for first in range(0, len(possible), CHUNK):
        last = min(first + CHUNK, len(possible))
        if pairs is None:
            rows, entries = pairs_by_seed(index, aligned[first:last])
        else:
            low, high = np.searchsorted(given, [first, last])
            rows, entries = given[low:high] - first, given_entries[low:high]
        rows, entries, tier = _best(index, aligned[first:last], size[first:last], rows, entries)
        which = possible[first + rows]
        state[which] = tier
        unresolved = _unresolved(rows, index.twin[index.mature[entries]]) & (tier >= SUBSTITUTED)
        state[which[unresolved]] = UNRESOLVED
        kept_inserts.append(which[~unresolved])
        kept_entries.append(entries[~unresolved])
    inserts, entries = np.concatenate(kept_inserts), np.concatenate(kept_entries)
    clipped = np.minimum(lengths[inserts].astype(np.int64), MAX_PACKED)
    return Assignment(
        state, inserts, entries, index.mature[entries], fit(index, align_left(keys[inserts], clipped), clipped, entries)
    )
