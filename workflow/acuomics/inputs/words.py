"""Wording that the checks share: near names, and lists that stay short."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """Give up to three of `known` that look like `name`, nearest first; letter case does not count."""
    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(candidate.casefold(), candidate)
    return [by_fold[fold] for fold in difflib.get_close_matches(name.casefold(), list(by_fold), n=3, cutoff=0.6)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give ``did you mean 'x'?``, or an empty string when nothing known looks like `name`."""
    near = near_names(name, known)
    return f"did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def some(items: Sequence[object], most: int = 3) -> str:
    """Give the first `most` items and the number of the others: ``a, b, c and 7 more``."""
    shown = ", ".join(str(item) for item in items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown
