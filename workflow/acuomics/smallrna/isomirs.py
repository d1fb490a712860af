"""IsomiRs in the words of mirGFF3: how an insert differs from its mature miRNA."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.matching import Assignment
from acuomics.smallrna.templates import I64, TemplateIndex

#: Where a substitution lies (1-based position on the mature) and what mirGFF3 calls it.
SNV = (
    (2, 7, "iso_snv_seed"),
    (8, 8, "iso_snv_central_offset"),
    (9, 12, "iso_snv_central"),
    (13, 17, "iso_snv_central_supp"),
)


#: Below every position on a mature (those upstream of its first base are 0, -1, -2).
_NO_POSITION = -8


def variant(shift_5p: int, shift_3p: int, added: int, position: int | None) -> str:
    """Name a variant as mirGFF3 1.2 does.

    Signs are those of version 1.1 on: ``+`` lies downstream. ``iso_5p:+1`` begins one base after the mature,
    ``iso_3p:-2`` ends two before its end, ``iso_add3p:1`` has one base that the hairpin lacks. `position` is where a
    substitution lies on the mature, from 1. ``NA`` is the mature itself.

    Source: github.com/miRTop/mirGFF3, definition and list of changes.
    """
    parts = []
    if shift_5p:
        parts.append(f"iso_5p:{shift_5p:+d}")
    if shift_3p:
        parts.append(f"iso_3p:{shift_3p:+d}")
    if added:
        parts.append(f"iso_add3p:{added}")
    if position is not None:
        parts.append(next((name for low, high, name in SNV if low <= position <= high), "iso_snv"))
    return ",".join(parts) or "NA"


def variants(index: TemplateIndex, assignment: Assignment) -> tuple[I64, tuple[str, ...]]:
    """Name the variant of each row of an assignment: an index (int64[c]) into the names given beside it."""
    fit = assignment.fit
    shift = index.shift[assignment.entry]
    position = np.where(fit.substituted >= 0, fit.substituted + shift + 1, _NO_POSITION)
    # Small numbers side by side in 17 bits: 5' shift, 3' shift, added, position.
    packed = (shift + 8) << 13 | (fit.shift_3p + 8) << 9 | fit.added << 6 | (position - _NO_POSITION)
    distinct = np.flatnonzero(np.bincount(packed, minlength=1 << 17))
    names = [
        variant((p >> 13) - 8, (p >> 9 & 15) - 8, p >> 6 & 7, (p & 63) + _NO_POSITION if p & 63 else None)
        for p in distinct.tolist()
    ]
    known = {name: i for i, name in enumerate(sorted(set(names)))}
    to_name = np.zeros(1 << 17, np.int64)
    to_name[distinct] = [known[name] for name in names]
    return to_name[packed], tuple(known)


def total_by_variant(
    mature: I64, code: I64, names: tuple[str, ...], parts: NDArray[np.float64]
) -> list[tuple[int, str, float]]:
    """Add up reads by (mature, variant), sorted by both; pairs without reads are left out."""
    sums = np.bincount(mature * len(names) + code, weights=parts)
    pairs = np.flatnonzero(sums)
    owner, kind = np.divmod(pairs, len(names)) if len(names) else (pairs, pairs)
    rows = zip(owner.tolist(), kind.tolist(), sums[pairs].tolist(), strict=True)
    return [(m, names[k], s) for m, k, s in rows]
