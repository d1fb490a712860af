"""Sequencing errors that turn one miRNA into another: how many are expected, and giving them back.

One wrong base can make a read of miR-7a an exact read of miR-7b; no comparison with the reference can tell. But the error rate
shows in the sample: abundant inserts have neighbours, one substitution away, that are no miRNA. What an abundant
miRNA must have left under its neighbour, at that rate, is given back to it; the neighbour keeps the rest. The idea is that of
denoising by abundance (Callahan et al. 2016, doi:10.1038/nmeth.3869), with one rate a pair of bases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.matching import NONE, UNRESOLVED, Assignment, assign
from acuomics.smallrna.templates import ADDED, I64, SUBSTITUTED, TEMPLATED, U64, TemplateIndex

F64 = NDArray[np.float64]
#: Reads of an insert from which its errors are looked for: fewer leave, at 1 % errors, less than one third of a read.
FEWEST = 100
#: Sources that are used, most abundant first; bounds the time.
MOST = 4000
#: A neighbour above this share of its source is a variant (edited, or another allele), not an error.
VARIANT = 0.05
#: No substitution to one given base is taken to be more frequent than this (an error rate of 5 %).
HIGHEST = 0.05 / 3
#: Weight, in bases, of the common rate in each pair's own.
PRIOR = 1e4


@dataclass(frozen=True)
class Correction:
    """Weights after giving back, the error rate per base (all three substitutions), and the reads given back."""

    weights: F64
    rate: float
    moved: float


def _neighbours(keys: U64, lengths: I64) -> tuple[U64, I64, I64, I64]:
    """Give all sequences one substitution away: key, index of the source, base there, base here."""
    out: list[tuple[U64, I64, I64, I64]] = []
    for position in range(int(lengths.max(initial=0))):
        source = np.flatnonzero(lengths > position)
        bit = np.uint64(2 * position)
        base = (keys[source] >> bit & np.uint64(3)).astype(np.int64)
        for change in (1, 2, 3):
            changed = keys[source] ^ (np.uint64(change) << bit)
            out.append((changed, source, base, base ^ change))
    if not out:
        empty = np.empty(0, np.int64)
        return np.empty(0, np.uint64), empty, empty, empty
    key, source, base, other = (np.concatenate(part) for part in zip(*out, strict=True))
    return key, source, base, other


def _rates(base: I64, other: I64, seen: F64, exposed: F64) -> tuple[F64, float]:
    """Give the rate of each (base there, base here), drawn to the common one, and the rate of any error per base."""
    observed = np.bincount(4 * base + other, weights=seen, minlength=16)
    exposure = np.bincount(4 * base + other, weights=exposed, minlength=16)
    common = observed.sum() / max(exposure.sum(), 1.0)
    rates = (observed + common * PRIOR) / (exposure + PRIOR)
    return np.minimum(rates, HIGHEST), float(3 * min(common, HIGHEST))


def _disjoint(assignment: Assignment, a: I64, b: I64) -> NDArray[np.bool_]:
    """Say which pairs of inserts share no mature."""
    names: dict[int, frozenset[int]] = {}
    first = np.searchsorted(assignment.insert, np.r_[a, b])
    last = np.searchsorted(assignment.insert, np.r_[a, b], side="right")
    for insert, low, high in zip(np.r_[a, b].tolist(), first.tolist(), last.tolist(), strict=True):
        names.setdefault(insert, frozenset(assignment.mature[low:high].tolist()))
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    return np.array([names[x].isdisjoint(names[y]) for x, y in pairs], bool)


def correct(
    index: TemplateIndex, keys: U64, lengths: NDArray[np.integer], weights: F64, assignment: Assignment
) -> Correction:
    """Give the expected sequencing errors of abundant miRNAs back to them.

    Parameters
    ----------
    index : TemplateIndex
    keys, lengths : [n], sorted by both
        The distinct inserts.
    weights : float64[n]
        Their reads (or molecules).
    assignment : Assignment
        Their miRNAs.

    Returns
    -------
    Correction
        The sum of the weights is that of the input. Only inserts that fit a miRNA without a substitution give, at most all
        they have, and only to a templated insert of other miRNAs that is one substitution away.
    """
    abundant = np.flatnonzero((assignment.state == TEMPLATED) & (weights >= FEWEST))
    abundant = abundant[np.lexsort((keys[abundant], -weights[abundant]))][:MOST]
    key, source, base, other = _neighbours(keys[abundant], lengths[abundant].astype(np.int64))
    if not len(key):
        return Correction(weights, 0.0, 0.0)
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    present = (keys[at] == key) & (lengths[at] == lengths[abundant][source])
    seen = np.where(present, weights[at], 0.0)
    state = assign(index, key, lengths[abundant][source]).state
    # Neighbours that no miRNA explains without a substitution are errors of their source, but for true variants.
    noise = (state == NONE) | ((state >= SUBSTITUTED) & (state <= UNRESOLVED))
    noise &= seen <= np.maximum(VARIANT * weights[abundant][source], 3)
    rates, rate = _rates(base[noise], other[noise], seen[noise], weights[abundant][source][noise])
    pair = np.flatnonzero(present & ((state == TEMPLATED) | (state == ADDED)))
    giver, taker = at[pair], abundant[source[pair]]
    apart = _disjoint(assignment, giver, taker) if len(pair) else np.zeros(0, bool)
    pair, giver, taker = pair[apart], giver[apart], taker[apart]
    expected = weights[taker] * rates[4 * base[pair] + other[pair]]
    total = np.bincount(giver, weights=expected, minlength=len(weights))
    given = np.minimum(total, weights)
    part = expected * (given / np.maximum(total, 1e-300))[giver]
    result = weights - given + np.bincount(taker, weights=part, minlength=len(weights))
    return Correction(np.maximum(result, 0.0), rate, float(given.sum()))
