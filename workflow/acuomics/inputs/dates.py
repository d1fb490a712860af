"""What a spreadsheet makes of gene symbols: MARCH1 shown as ``1-Mar``, SEPT2 stored as 2006-09-02."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
# Forms listed by Ziemann, Eren, El-Osta 2016 (Genome Biology 17:177) and Abeysooriya et al. 2021.
_DAY_FIRST = re.compile(rf"(?P<number>\d{{1,2}})-{_MONTH}(?:-\d{{2,4}})?", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"{_MONTH}-(?P<number>\d{{2}})", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-(?P<month>\d{2})-(?P<number>\d{2})(?:[ T][\d:.]+)?")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{2,4}")
# The same as a spreadsheet's day number: 1980 to 2039.
_SERIAL = re.compile(r"29[2-9]\d{2}|[34]\d{4}|50\d{3}")
_DAY_ZERO = date(1899, 12, 30)


def read_date(name: str, *, day_numbers: bool = False) -> tuple[tuple[int, int], ...]:
    """Read a name that is a spreadsheet's date as what was typed: a month's name and a number.

    Parameters
    ----------
    name : str
        A name as a table has it.
    day_numbers : bool
        Whether five digits count as the day number under which a spreadsheet stores a date (from 1980 to 2039;
        the calendar that starts in 1900). Identifiers may be such numbers too.

    Returns
    -------
    tuple of (month, number)
        ``2-Sep`` gives ``((9, 2),)``; ``1/3/2006`` both readings of the order; empty when it is no date.
    """
    if match := _DAY_FIRST.fullmatch(name) or _MONTH_FIRST.fullmatch(name):
        found = [(MONTHS.index(match["month"][:3].lower()) + 1, int(match["number"]))]
    elif match := _ISO.fullmatch(name):
        found = [(int(match["month"]), int(match["number"]))]
    elif match := _SLASHES.fullmatch(name):
        first, second = int(match[1]), int(match[2])
        found = sorted({(first, second), (second, first)})
    elif day_numbers and _SERIAL.fullmatch(name):
        day = _DAY_ZERO + timedelta(days=int(name))
        found = [(day.month, day.day)]
    else:
        return ()
    return tuple((month, number) for month, number in found if 1 <= month <= 12)
