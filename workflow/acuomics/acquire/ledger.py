"""`acquired.tsv`: hashes of files whose archive gives none, recorded on first retrieval and binding from then on."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import IO

from acuomics.acquire.faults import Final
from acuomics.problems import Problem


@dataclass(frozen=True)
class Entry:
    """What was retrieved first: a row of the ledger (`md5` may be empty, `bytes` is a number)."""

    study: str
    file: str
    url: str
    bytes: str
    md5: str
    sha256: str
    first_retrieved_on: str


COLUMNS = tuple(field.name for field in fields(Entry))
_HEADER = ("\t".join(COLUMNS) + "\n").encode()


def changed_problem(entry: Entry, ledger: str, new_bytes: int, new_sha256: str, url: str) -> Problem:
    """Say that a deposit is not what it was on its first retrieval."""
    moved = f" (recorded from {entry.url})" if entry.url != url else ""
    return Problem(
        entry.file,
        f"the deposit changed: on {entry.first_retrieved_on} it had SHA-256 {entry.sha256} ({entry.bytes} bytes), "
        f"now it has {new_sha256} ({new_bytes} bytes){moved}; the new bytes were not kept",
        "earlier results rest on the old bytes: ask the archive or the authors what changed; to go on with the new "
        f"bytes, remove the row of {entry.study}, {entry.file} from {ledger} and run again",
        value=url,
    )


class Ledger:
    """The ledger of one study; safe against other threads and processes that write to the same file.

    Parameters
    ----------
    path : str or Path
        The table; it comes into being with its first entry.
    study : str
        Whose files are looked up and recorded.
    """

    def __init__(self, path: str | Path, study: str) -> None:
        self.path, self.study = Path(path), study
        self._entries: dict[tuple[str, str], Entry] = {}
        self._read_to = 0
        self._identity: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def known(self, file: str) -> Entry | None:
        """Give what is recorded of a file, or None; `Final` when the table is broken."""
        with self._lock:
            try:
                handle = self.path.open("rb")
            except FileNotFoundError:
                return None
            with handle:
                fcntl.flock(handle, fcntl.LOCK_SH)
                self._refresh(handle)
            return self._entries.get((self.study, file))

    def record(self, file: str, url: str, n_bytes: int, md5: str, sha256: str, on: str) -> Entry:
        """Record a first retrieval; what another process recorded meanwhile stays, and is given back.

        Parameters
        ----------
        file, url : str
            The deposit.
        n_bytes : int
            Its size.
        md5, sha256 : str
            Its hashes; `md5` may be empty.
        on : str
            Date.

        Returns
        -------
        Entry
            The entry that binds from now on.
        """
        entry = Entry(self.study, file, url, str(n_bytes), md5, sha256, on)
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b", buffering=0) as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                end = self._refresh(handle)
                if (self.study, file) in self._entries:
                    return self._entries[self.study, file]
                # A writer that was killed may have left half a line; it recorded nothing.
                os.ftruncate(handle.fileno(), end)
                line = ("\t".join(astuple(entry)) + "\n").encode()
                handle.write((b"" if end else _HEADER) + line)
                os.fsync(handle.fileno())
                self._refresh(handle)
        return entry

    def _refresh(self, handle: IO[bytes]) -> int:
        """Read what was added since the last look; give the end of the last whole line."""
        status = os.fstat(handle.fileno())
        if (status.st_dev, status.st_ino) != self._identity or status.st_size < self._read_to:
            self._entries, self._read_to = {}, 0
            self._identity = (status.st_dev, status.st_ino)
        handle.seek(self._read_to)
        content = handle.read()
        whole = content[: content.rfind(b"\n") + 1]
        for number, line in enumerate(whole.decode("utf-8", errors="replace").splitlines()):
            if self._read_to == 0 and number == 0:
                if line.encode() + b"\n" != _HEADER:
                    raise Final(Problem(str(self.path), *_HEADER_FAULT, row="header", value=line))
                continue
            cells = line.split("\t")
            if len(cells) != len(COLUMNS) or not re.fullmatch(r"[0-9a-f]{64}", cells[5]):
                raise Final(Problem(str(self.path), *_ROW_FAULT, row=number, value=line))
            entry = Entry(*cells)
            before = self._entries.setdefault((entry.study, entry.file), entry)
            if before.sha256 != entry.sha256:
                raise Final(Problem(str(self.path), *_TWICE, row=number, value=f"{entry.study}, {entry.file}"))
        self._read_to += len(whole)
        return self._read_to


_RESTORE = "restore the table from version control, or remove it to record every file anew"
_HEADER_FAULT = (f"not the header of a ledger, {', '.join(COLUMNS)} (tab separated)", _RESTORE)
_ROW_FAULT = (f"not a row of {len(COLUMNS)} cells with a SHA-256", _RESTORE)
_TWICE = ("a file is recorded twice, with two hashes", "keep the row of the bytes that your results rest on")
