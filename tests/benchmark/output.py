"""What every benchmark prints: aligned tables, and one line of JSON at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.realdata import real_folder


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; floats with four significant digits."""
    cells = [list(header), *[[f"{c:.4g}" if isinstance(c, float) else str(c) for c in row] for row in rows]]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    print(f"\n{title}")
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    sys.stdout.flush()


def finish(figures: Mapping[str, float | None]) -> None:
    """Print the last line; a figure that could not be measured is null."""
    print(json.dumps({key: None if value is None else round(float(value), 12) for key, value in figures.items()}))


def need_real_data() -> Path:
    """The folder of real data, or an end with a message that says how to get on."""
    folder = real_folder()
    if folder is None:
        sys.exit("this benchmark needs the real data; set ACUOMICS_REAL_DATA to the folder that holds MANIFEST.tsv")
    return folder
