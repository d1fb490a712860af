"""By what the bytes of a file are known to be right: the archive's size and hashes, or those of the first retrieval."""

from __future__ import annotations

from dataclasses import dataclass

from acuomics.acquire.ledger import Entry, Ledger, changed_problem
from acuomics.acquire.receipt import Known
from acuomics.acquire.table import Deposit
from acuomics.problems import Problem

RESOLVE_AGAIN = (
    "run again later; if it stays so, resolve the accession again (python -m acuomics.acquire resolve) and compare "
    "files.tsv with what the archive says"
)


@dataclass(frozen=True)
class Expected:
    """What is known of a file before it is fetched.

    Parameters
    ----------
    deposit : Deposit
        The row of ``files.tsv``.
    recorded : Entry or None
        What the ledger says; looked at only where the archive deposits no hash.
    ledger : str
        The ledger's path, for messages.
    """

    deposit: Deposit
    recorded: Entry | None
    ledger: str

    @property
    def hash_known(self) -> bool:
        """Whether a wrong file would be told by its hash."""
        return self.known != "first retrieval"

    @property
    def known(self) -> Known:
        """How the hash is known."""
        if self.deposit.sha256 or self.deposit.md5:
            return "deposited"
        return "recorded before" if self.recorded else "first retrieval"

    def fault(self, n_bytes: int, md5: str, sha256: str) -> Problem | None:
        """Say what is wrong with a whole file of this size and these hashes; None when it is the deposited one."""
        deposit = self.deposit
        if deposit.bytes is not None and n_bytes != deposit.bytes:
            return self.size_fault(n_bytes)
        for name, got, want in (("MD5", md5, deposit.md5), ("SHA-256", sha256, deposit.sha256)):
            if want and got != want:
                message = f"the {name} of what came is {got}, the deposited one {want}: not the deposited bytes"
                return Problem(deposit.file, message, RESOLVE_AGAIN, value=deposit.url)
        if self.known == "recorded before" and self.recorded and sha256 != self.recorded.sha256:
            return changed_problem(self.recorded, self.ledger, n_bytes, sha256, deposit.url)
        return None

    def size_fault(self, n_bytes: int) -> Problem:
        """Say that the size is not the deposited one."""
        deposit = self.deposit
        message = f"{n_bytes} bytes where {deposit.bytes} are deposited: not the deposited file"
        return Problem(deposit.file, message, RESOLVE_AGAIN, value=deposit.url)


def expected_of(deposit: Deposit, ledger: Ledger) -> Expected:
    """Look up what is known of a file (`Final` when the ledger cannot be read)."""
    recorded = None if deposit.sha256 or deposit.md5 else ledger.known(deposit.file)
    return Expected(deposit, recorded, str(ledger.path))
