"""Size and SHA-256 of files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fingerprint:
    """What tells two files apart.

    Parameters
    ----------
    bytes : int
        Size.
    sha256 : str
        Hash in small hexadecimal digits.
    """

    bytes: int
    sha256: str


def fingerprint(path: str | Path) -> Fingerprint:
    """Read a file and give its size and hash (`OSError` where it cannot be read)."""
    with Path(path).open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256")
        return Fingerprint(handle.tell(), digest.hexdigest())
