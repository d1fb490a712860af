"""Numbers as a sentence wants them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def count(value: Any) -> str:
    """A whole number with a comma between thousands; ``?`` when it is missing."""
    return "?" if is_missing(value) else f"{round(float(value)):,}"


def number(value: Any, digits: int = 3) -> str:
    """A number with `digits` significant digits; ``not known`` when it is missing."""
    return "not known" if is_missing(value) else minus(f"{float(value):.{digits}g}")


def fixed(value: Any, places: int) -> str:
    """A number with `places` decimals, for a column in which all have as many; an en dash when it is missing."""
    if is_missing(value):
        return "–"
    # Adding zero takes the sign from what rounds to nothing; 0.05 * 53 is a hair above 2.65 and must round as 2.65.
    return minus(f"{round(round(float(value), 9), places) + 0.0:,.{places}f}")


def minus(text: str) -> str:
    """Write the sign of a number as a minus."""
    return "−" + text[1:] if text.startswith("-") else text


def mean_count(value: Any) -> str:
    """A mean of counts: one decimal below a hundred, none above."""
    if is_missing(value):
        return "not known"
    # 0.05 * 53 is a hair above 2.65 and must read as 2.65 does elsewhere on the page.
    value = round(float(value), 9)
    return f"{value:,.0f}" if value >= 100 or value.is_integer() else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def percent(value: Any, places: int | None = None) -> str:
    """A share as a percentage: with `places` decimals, or at most three significant digits."""
    if is_missing(value):
        return "not known"
    return f"{100 * float(value):.3g}\u00a0%" if places is None else f"{100 * float(value):.{places}f}\u00a0%"


def fold(log2fc: Any) -> str:
    """A log2 fold change as a factor: 1 is 2-fold."""
    return "not known" if is_missing(log2fc) else f"{2 ** abs(float(log2fc)):.2f}-fold"


def listing(items: Sequence[str]) -> str:
    """``a, b and c``."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + f" and {items[-1]}" if items else "none"


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN or infinite."""
    try:
        return value is None or not math.isfinite(float(value))
    except (TypeError, ValueError):
        return True
