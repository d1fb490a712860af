"""IsomiRs in the words of mirGFF3: how an insert differs from its mature miRNA."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.matching import Assignment
from acuomics.smallrna.templates import I64, TemplateIndex

#: Where a substitution lies (1-based position on the mature) and what mirGFF3 calls it.
SNV = ((2, 7, "iso_snv_seed"), (8, 8, "iso_snv_central_offset"), (9, 12, "iso_snv_central"))
SNV += ((13, 17, "iso_snv_central_supp"),)


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
    position = np.where(fit.substituted >= 0, fit.substituted + shift + 1, -99)
    table = np.stack([shift, fit.shift_3p, fit.added, position], axis=1).astype(np.int64)
    distinct, code = np.unique(table, axis=0, return_inverse=True)
    names = [variant(a, b, n, None if p == -99 else p) for a, b, n, p in distinct.tolist()]
    known = {name: i for i, name in enumerate(sorted(set(names)))}
    to_name = np.array([known[name] for name in names], np.int64)
    return to_name[code.ravel()] if len(code) else np.empty(0, np.int64), tuple(known)


def total_by_variant(
    mature: I64, code: I64, names: tuple[str, ...], parts: NDArray[np.float64]
) -> list[tuple[int, str, float]]:
    """Add up reads by (mature, variant), sorted by both."""
    if not len(mature):
        return []
    pair, group = np.unique(mature * len(names) + code, return_inverse=True)
    sums = np.bincount(group.ravel(), weights=parts)
    return [(p // len(names), names[p % len(names)], s) for p, s in zip(pair.tolist(), sums.tolist(), strict=True)]
