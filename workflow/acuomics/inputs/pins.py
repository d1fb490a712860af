"""Whether a reference file is the pinned one: its SHA-256 against `resources/references/references.tsv`."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any


def pinned(path: str | Path, reference: str, pins: str | Path) -> dict[str, Any]:
    """Say which file was read and whether it is the pinned one.

    Parameters
    ----------
    path : path
        The file that is read.
    reference : str
        Its name in the table of pins.
    pins : path
        ``references.tsv``.

    Returns
    -------
    dict
        ``reference, sha256, pinned`` (whether size and hash are those of the table; never where the table has none,
        as for live files), ``release``.

    Raises
    ------
    KeyError
        When the table has no such reference.
    """
    with Path(pins).open(encoding="utf-8", newline="") as handle:
        rows = {row["reference"]: row for row in csv.DictReader(handle, delimiter="\t")}
    pin = rows[reference]
    content = Path(path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    same = (digest, str(len(content))) == (pin["sha256"], pin["bytes"])
    return {"reference": reference, "sha256": digest, "pinned": same, "release": pin["release"] if same else None}
