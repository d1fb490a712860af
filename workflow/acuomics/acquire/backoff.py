"""How long to wait before another attempt: exponential with jitter, or what the server asks for (RFC 9110, 10.2.3)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from acuomics.acquire.settings import Pace, Settings

#: Answers that another attempt may mend.
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


def retry_after(value: str | None, now: float) -> float | None:
    """Give the seconds that a ``Retry-After`` header asks for; None when there is none that can be read.

    Parameters
    ----------
    value : str or None
        Seconds, or an HTTP date.
    now : float
        Seconds since 1970.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def wait_before(attempt: int, settings: Settings, pace: Pace) -> float:
    """Give the seconds before attempt `attempt` + 1 (from 1): doubled each time, capped, half of it left to chance."""
    longest = min(settings.first_wait * 2.0 ** (attempt - 1), settings.longest_wait)
    return longest * (0.5 + 0.5 * pace.jitter())
