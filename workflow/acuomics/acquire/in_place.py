"""Files that are there already: taken as they are when their hash is the right one, and named when they are missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from acuomics.acquire.expected import Expected
from acuomics.acquire.faults import Final
from acuomics.acquire.ledger import Ledger
from acuomics.acquire.receipt import Receipt, read_receipt
from acuomics.acquire.settings import BLOCK, Pace
from acuomics.acquire.table import Deposit
from acuomics.problems import Problem


def missing(files: Iterable[Deposit], folder: str | Path) -> list[Deposit]:
    """Give the files that only the network could bring: not in `folder`, and not local ones.

    Parameters
    ----------
    files : iterable of Deposit
        The files of a study.
    folder : str or Path
        Where they are to be.
    """
    return [deposit for deposit in files if not deposit.is_local and not (Path(folder) / deposit.file).is_file()]


def taken_in_place(
    expected: Expected, final: Path, ledger: Ledger, pace: Pace, offline: bool = False
) -> Receipt | None:
    """Take a file that has its final name already, if its bytes are the right ones.

    Parameters
    ----------
    expected : Expected
        What is known of it.
    final : Path
        The file.
    ledger : Ledger
        Takes the hash of a file whose receipt is all that is known.
    pace : Pace
        The clock, for the date.
    offline : bool
        Whether a wrong file is a problem rather than one to fetch again.

    Returns
    -------
    Receipt or None
        None when there is no file, when it is another one, or when nothing is known to hold it against.

    Raises
    ------
    Final
        Offline, when the file is not the right one or cannot be told to be.
    """
    if not final.is_file():
        return None
    deposit, before = expected.deposit, read_receipt(final)
    md5, sha256 = file_hashes(final, want_md5=bool(deposit.md5))
    n_bytes = final.stat().st_size
    vouched = expected.hash_known or (before is not None and before.sha256 == sha256 and before.url == deposit.url)
    fault = expected.fault(n_bytes, md5, sha256)
    if fault is None and vouched:
        if before is not None and before.sha256 == sha256 and before.url == deposit.url:
            if not expected.hash_known:
                ledger.record(deposit.file, deposit.url, n_bytes, md5, sha256, before.retrieved_on)
            return before
        return Receipt(deposit.file, deposit.url, "", n_bytes, md5, sha256, pace.today(), expected.known)
    if offline:
        why = fault.message if fault else "there is a file, but no hash that says whether it is the deposited one"
        fix = "put the right file there with its hash in files.tsv, or run with the network"
        raise Final(Problem(deposit.file, why, fix, value=str(final)))
    return None


def file_hashes(path: Path, want_md5: bool) -> tuple[str, str]:
    """Give MD5 (empty when not wanted) and SHA-256 of a file."""
    digest, second = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            digest.update(block)
            if want_md5:
                second.update(block)
    return second.hexdigest() if want_md5 else "", digest.hexdigest()
