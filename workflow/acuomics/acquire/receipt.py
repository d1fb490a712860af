"""The receipt beside each file: where its bytes came from, and by what they were known to be the right ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from acuomics.acquire.part import as_json
from acuomics.files import read_json

Known = Literal["deposited", "recorded before", "first retrieval"]


@dataclass(frozen=True)
class Receipt:
    """What was retrieved.

    Parameters
    ----------
    file, url, final_url : str
        The file, its address in ``files.tsv``, and where redirects led (empty: taken from the disk).
    bytes : int
        Its size.
    md5, sha256 : str
        Its hashes; `md5` is empty unless the archive deposits one.
    retrieved_on : str
        Date.
    hash_known : str
        ``deposited`` (the archive's hash), ``recorded before`` (ours, of the first retrieval) or ``first retrieval``.
    """

    file: str
    url: str
    final_url: str
    bytes: int
    md5: str
    sha256: str
    retrieved_on: str
    hash_known: Known


def receipt_path(final: Path) -> Path:
    """Give the name of the receipt of a file."""
    return Path(f"{final}.receipt.json")


def write_receipt(receipt: Receipt, final: Path) -> None:
    """Write the receipt beside the file.

    A first one not by way of another name: cut short it reads as none (`read_receipt`), and a file without is hashed
    again. One that is there is good until the next takes its place.
    """
    path = receipt_path(final)
    if path.exists():
        if read_receipt(final) == receipt:
            return
        written = Path(f"{path}.part")
    else:
        written = path
    try:
        written.write_bytes(as_json(vars(receipt)))
        if written != path:
            written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise


def read_receipt(final: Path) -> Receipt | None:
    """Read the receipt of a file; None when there is none that can be read."""
    try:
        return Receipt(**read_json(receipt_path(final)))
    except (OSError, ValueError, TypeError):
        return None
