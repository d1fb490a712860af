"""Sequencing errors of abundant miRNAs: how many are expected where, and giving them back.

One wrong base can make a read of miR-7a an exact read of miR-7b; no comparison with the reference can tell. But the
error rate shows in the sample: abundant inserts have neighbours, one substitution away, that are no miRNA. At that
rate, what an abundant miRNA must have left under another miRNA is given back to it, and so is a rare insert that no
reference explains and that is no more frequent than its errors (substitutions in the seed, which matching never
forgives). The idea is that of denoising by abundance (Callahan et al. 2016, doi:10.1038/nmeth.3869), here with one rate
for each pair of bases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.matching import NONE, UNRESOLVED, Assignment, assign
from acuomics.smallrna.templates import ADDED, I64, SUBSTITUTED, TEMPLATED, U64, TemplateIndex

F64 = NDArray[np.float64]
#: Reads of an insert from which errors are expected, and number of such inserts (most abundant first; bounds the time).
FEWEST, MOST = 20, 20_000
#: Of these, the ones that the error rate is measured on.
MEASURED = 1000
#: A neighbour above this share of its source is a variant (edited, or another allele), not an error.
VARIANT = 0.05
#: No substitution by one given base is taken to be more frequent than this (an error rate of 5 %).
HIGHEST = 0.05 / 3
#: Weight, in bases, of the common rate in each pair's own.
PRIOR = 1e4
#: Standard deviations above the expected number up to which an unexplained neighbour is an error (one read always is).
SPREAD = 4.0


@dataclass(frozen=True)
class Correction:
    """What was given back.

    Parameters
    ----------
    weights : float64[n]
        Reads after giving back; the sum is that of the input.
    rate : float
        Errors per base (all three substitutions) that the sample shows.
    moved : float
        Reads taken from inserts that another miRNA explains without a substitution.
    rescued : bool[n]
        Inserts that were given back whole, having no explanation of their own.
    """

    weights: F64
    rate: float
    moved: float
    rescued: NDArray[np.bool_]


def _neighbours(keys: U64, lengths: I64) -> tuple[U64, I64, I64]:
    """Give all sequences one substitution away: key, index of the source, and 4 x base there + base here."""
    out: list[tuple[U64, I64, I64]] = [(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))]
    for position in range(int(lengths.max(initial=0))):
        source = np.flatnonzero(lengths > position)
        bit = np.uint64(2 * position)
        base = (keys[source] >> bit & np.uint64(3)).astype(np.int64)
        out.extend((keys[source] ^ (np.uint64(c) << bit), source, 4 * base + (base ^ c)) for c in (1, 2, 3))
    key, source, pair = (np.concatenate(part) for part in zip(*out, strict=True))
    return key, source, pair


def _find(keys: U64, lengths: NDArray[np.integer], key: U64, length: NDArray[np.integer]) -> I64:
    """Give the row of each (key, length), -1 where there is none; both are sorted by key."""
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    return np.where((keys[at] == key) & (lengths[at] == length), at, -1)


def _rates(pair: I64, seen: F64, exposed: F64) -> tuple[F64, float]:
    """Give the rate of each pair of bases, drawn to the common one, and the rate of any error per base."""
    observed = np.bincount(pair, weights=seen, minlength=16)
    exposure = np.bincount(pair, weights=exposed, minlength=16)
    common = observed.sum() / max(exposure.sum(), 1.0)
    rates = (observed + common * PRIOR) / (exposure + PRIOR)
    return np.minimum(rates, HIGHEST), float(3 * min(common, HIGHEST))


def _disjoint(assignment: Assignment, a: I64, b: I64) -> NDArray[np.bool_]:
    """Say which pairs of inserts share no mature."""
    first = np.searchsorted(assignment.insert, np.arange(len(assignment.state) + 1))
    number = np.diff(first)
    # Rows of a side by side with b's insert; an insert has at most a few matures.
    apart = np.ones(len(a), bool)
    for i in range(int(number[a].max(initial=0))):
        for j in range(int(number[b].max(initial=0))):
            both = np.flatnonzero((number[a] > i) & (number[b] > j))
            same = assignment.mature[first[a[both]] + i] == assignment.mature[first[b[both]] + j]
            apart[both[same]] = False
    return apart


def _follow(assignment: Assignment, weights: F64, exact: NDArray[np.bool_], giver: I64, taker: I64, part: F64) -> F64:
    """Move reads with a substitution as the exact ones of their miRNA were moved: two errors make them, not one.

    Returns the change of each weight (float64[n], sum 0). Only inserts of a single miRNA are followed.
    """
    change = np.zeros(len(weights))
    first = np.full(len(weights), -1, np.int64)
    single = assignment.multiplicity == 1
    rows = single[assignment.insert]
    first[assignment.insert[rows]] = assignment.mature[rows]
    use = first[giver] >= 0
    giver, taker, part = giver[use], taker[use], part[use]
    matures = int(first.max(initial=-1)) + 1
    if not len(giver):
        return change
    mine = np.flatnonzero(exact & (first >= 0))
    held = np.bincount(first[mine], weights=weights[mine], minlength=matures)
    left = np.bincount(first[giver], weights=part, minlength=matures)
    share = np.minimum(left / np.maximum(held, 1e-300), 1.0)
    other = np.flatnonzero(~exact & (first >= 0))
    change[other] = -weights[other] * share[first[other]]
    lost = np.bincount(first[other], weights=-change[other], minlength=matures)
    gained = part * (lost / np.maximum(left, 1e-300))[first[giver]]
    return change + np.bincount(taker, weights=gained, minlength=len(weights))


def correct(
    index: TemplateIndex,
    keys: U64,
    lengths: NDArray[np.integer],
    weights: F64,
    assignment: Assignment,
    unexplained: NDArray[np.bool_],
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
    unexplained : bool[n]
        Inserts that may be given back whole: nothing explains them without a substitution.

    Returns
    -------
    Correction
        Reads go to inserts that are templated throughout and one substitution away, in proportion to the errors
        expected from each. An insert of another miRNA gives what is expected, at most all it has. An unexplained
        insert goes whole, when its reads are within four standard deviations (Poisson) of what is expected, or one.
    """
    nothing = np.zeros(len(keys), bool)
    exact = (assignment.state == TEMPLATED) | (assignment.state == ADDED)
    sources = np.flatnonzero(exact & (weights >= FEWEST))
    sources = sources[np.lexsort((keys[sources], -weights[sources]))][:MOST]
    if not len(sources):
        return Correction(weights, 0.0, 0.0, nothing)
    # An added tail would make its own trimming look like an error: rates come from templated inserts.
    top = sources[assignment.state[sources] == TEMPLATED][:MEASURED]
    key, source, pair = _neighbours(keys[top], lengths[top].astype(np.int64))
    row = _find(keys, lengths, key, lengths[top][source])
    seen, exposed = np.where(row >= 0, weights[row], 0.0), weights[top][source]
    state = assign(index, key, lengths[top][source]).state
    # Neighbours that no miRNA explains without a substitution are errors of their source, but for true variants.
    noise = (state == NONE) | ((state >= SUBSTITUTED) & (state <= UNRESOLVED))
    noise &= seen <= np.maximum(VARIANT * exposed, 3)
    rates, rate = _rates(pair[noise], seen[noise], exposed[noise])

    key, source, pair = _neighbours(keys[sources], lengths[sources].astype(np.int64))
    giver = _find(keys, lengths, key, lengths[sources][source])
    possible = (giver >= 0) & (exact[giver] | unexplained[giver])
    giver, taker, pair = giver[possible], sources[source[possible]], pair[possible]
    apart = _disjoint(assignment, giver, taker)
    giver, taker, pair = giver[apart], taker[apart], pair[apart]
    expected = weights[taker] * rates[pair]
    total = np.bincount(giver, weights=expected, minlength=len(weights))
    rescued = unexplained & (total > 0) & (weights <= total + SPREAD * np.sqrt(total) + 1)
    given = np.where(unexplained, np.where(rescued, weights, 0.0), np.minimum(total, weights))
    part = expected * (given / np.maximum(total, 1e-300))[giver]
    result = weights - given + np.bincount(taker, weights=part, minlength=len(weights))
    between = ~unexplained[giver]
    second = _follow(assignment, weights, exact, giver[between], taker[between], part[between])
    moved = float(given[~unexplained].sum() + second[second > 0].sum())
    return Correction(np.maximum(result + second, 0.0), rate, moved, rescued)
