"""Random miRNA sets that match a chosen one in size, number of targets and expression."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Most bins of expression in a class of target counts.
MOST_EXPRESSION_BINS = 4


@dataclass(frozen=True)
class Matching:
    """How a chosen set is matched.

    Attributes
    ----------
    bins : tuple of int arrays
        Positions in the pool, a bin each; a miRNA lies in one bin. Bins without a chosen miRNA are left out.
    wanted : tuple of int
        How many of the chosen miRNAs lie in each bin, and how many a random set takes from it.
    notes : tuple of str
        Which bins were too small and what they became, and which ones leave little to draw from.
    """

    bins: tuple[Ints, ...]
    wanted: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def distinct(self) -> int:
        """Number of distinct sets that can be drawn, the chosen one included."""
        return math.prod(math.comb(len(members), k) for members, k in zip(self.bins, self.wanted, strict=True))


def match_bins(
    n_targets: Ints, expression: NDArray[np.float64], chosen: NDArray[np.bool_], least_free: int = 8
) -> Matching:
    """Sort a pool of miRNAs into bins from which random sets are drawn.

    miRNAs are first classed by their number of targets (classes half an octave wide, so that the few miRNAs with
    very many targets are compared with one another), then binned by rank of expression within the class. A class
    that is too small is joined with the class of the nearest number of targets; one with room is split into up to
    `MOST_EXPRESSION_BINS` bins: expression is given up before the number of targets.

    The bins depend on the size of the chosen set and not on its members. Were a bin widened because many of its
    miRNAs were chosen, an extreme set would be compared with tamer ones, and p be too small.

    Parameters
    ----------
    n_targets : int array of shape (mirnas,)
        Number of targets in the universe, at least 1.
    expression : array of shape (mirnas,)
        Mean expression; only its rank matters.
    chosen : bool array of shape (mirnas,)
    least_free : int
        How many miRNAs a bin is to have beyond its share of the chosen ones.

    Returns
    -------
    Matching
    """
    share = min(chosen.mean(), 0.8)
    least = math.ceil(least_free / (1.0 - share))
    order = np.lexsort((np.arange(n_targets.size), expression))
    classes = np.floor(2.0 * np.log2(n_targets[order])).astype(np.int64)
    rows = [order[classes == c] for c in np.unique(classes)]
    origin = [1] * len(rows)
    notes: list[str] = []
    while len(rows) > 1 and min(row.size for row in rows) < least:
        i = min(range(len(rows)), key=lambda k: (rows[k].size, -k))
        first, second = sorted((i, _nearest(rows, i, n_targets)))
        # Through `order`, so that the joined class stays sorted by expression.
        rows[first : second + 1] = [order[np.isin(order, np.concatenate([rows[first], rows[second]]))]]
        origin[first : second + 1] = [origin[first] + origin[second]]
    bins: list[Ints] = []
    for row, n_classes in zip(rows, origin, strict=True):
        n_cells = max(1, min(MOST_EXPRESSION_BINS, row.size // least))
        bins += np.array_split(row, n_cells)
        if chosen[row].any() and (n_classes > 1 or n_cells == 1):
            notes.append(_describe(row, n_targets, n_classes, n_cells))
    wanted = [int(chosen[members].sum()) for members in bins]
    kept = [i for i, k in enumerate(wanted) if k]
    for i in kept:
        if 2 * wanted[i] > bins[i].size:
            notes.append(
                f"{wanted[i]} of {_count(bins[i])} with {_span(n_targets[bins[i]])} targets are chosen: random sets "
                "resemble the chosen one, and the test has little power"
            )
    return Matching(tuple(bins[i] for i in kept), tuple(wanted[i] for i in kept), tuple(notes))


def draw_sets(matching: Matching, draws: int, generator: np.random.Generator) -> Ints:
    """Random sets, shape (draws, size): from each bin as many different miRNAs as were chosen from it."""
    parts: list[Ints] = []
    for members, k in zip(matching.bins, matching.wanted, strict=True):
        keys = generator.random((draws, members.size), dtype=np.float32)
        at = np.argpartition(keys, k - 1, axis=1)[:, :k] if k < members.size else np.argsort(keys, axis=1)
        parts.append(members[at])
    return np.concatenate(parts, axis=1)


def _nearest(rows: list[Ints], i: int, n_targets: Ints) -> int:
    """The neighbour of class `i` whose number of targets is nearest on a log scale."""
    centres = [float(np.log2(n_targets[row]).mean()) for row in rows]
    beside = [j for j in (i - 1, i + 1) if 0 <= j < len(rows)]
    return min(beside, key=lambda j: (abs(centres[j] - centres[i]), j))


def _describe(row: Ints, n_targets: Ints, n_classes: int, n_cells: int) -> str:
    """Say what became of a class that was too small."""
    text = f"{_count(row)} with {_span(n_targets[row])} targets"
    if n_classes > 1:
        text += f": {n_classes} classes of target counts were too small and are one"
    if n_cells == 1:
        text += ": too few to match expression as well" if n_classes == 1 else ", in which expression is not matched"
    return text


def _span(values: Ints) -> str:
    low, high = int(values.min()), int(values.max())
    return str(low) if low == high else f"{low} to {high}"


def _count(members: Ints) -> str:
    return "1 miRNA" if members.size == 1 else f"{members.size} miRNAs"
