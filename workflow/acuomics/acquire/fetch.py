"""Fetch many files at once: attempts, verification, names and receipts; every fault told, no wrong file named."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from acuomics.acquire.backoff import wait_before
from acuomics.acquire.content import gzip_fault, head_fault
from acuomics.acquire.crew import Crew
from acuomics.acquire.expected import RESOLVE_AGAIN, Expected, expected_of
from acuomics.acquire.faults import Final, Stopped, Transient
from acuomics.acquire.in_place import missing, taken_in_place
from acuomics.acquire.ledger import Ledger, changed_problem
from acuomics.acquire.part import Origin, Part
from acuomics.acquire.receipt import Receipt, write_receipt
from acuomics.acquire.settings import BLOCK, PROGRESS, Pace, Settings
from acuomics.acquire.table import Deposit
from acuomics.problems import Problem, Problems

if TYPE_CHECKING:
    from acuomics.acquire.client import Client

#: Seconds after which the receipts of finished files are written, while others are on their way.
RECEIPTS_EVERY = 5.0
KEPT = "what was retrieved and verified is kept"


class Progress(Protocol):
    """Who is told how a fetch gets on; called from several threads."""

    def advance(self, n_bytes: int) -> None:
        """Take note of bytes kept (negative: thrown away)."""

    def done(self, deposit: Deposit) -> None:
        """Take note of a file that is finished, or given up."""


class _Silent:
    def advance(self, n_bytes: int) -> None:
        pass

    def done(self, deposit: Deposit) -> None:
        pass


def fetch(
    files: Sequence[Deposit],
    folder: str | Path,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    pace: Pace | None = None,
) -> list[Receipt]:
    """Bring files into a folder, verified, each with its receipt.

    A file is written to ``<file>.part``, which a later fetch continues; it takes its name when its size and hash are
    the deposited ones (or those of its first retrieval, see `Ledger`).

    Parameters
    ----------
    files : sequence of Deposit
        What to bring (see `read_files_table`).
    folder : str or Path
        Where to; made when absent.
    settings : Settings
        Limits and times.
    ledger : Ledger
        Hashes of first retrievals.
    progress : Progress, optional
        Is told how it gets on.
    pace : Pace, optional
        The clock, for tests.

    Returns
    -------
    list of Receipt
        One a file, in the order of `files`.

    Raises
    ------
    InputError
        With a problem for every file that could not be had; the others are there.
    KeyboardInterrupt
        When the user interrupts; ``.part`` files stay.
    """
    folder, pace, progress = Path(folder), pace or Pace(), progress or _Silent()
    problems = Problems()
    if settings.offline:
        for deposit in missing(files, folder):
            fix = f"put the file at {folder / deposit.file}, or run with the network (offline: false)"
            problems.add(deposit.file, "not there, and the network is not to be used", fix, value=deposit.url)
        problems.raise_if_any(KEPT)
    folder.mkdir(parents=True, exist_ok=True)
    client: Client | None = None
    if any(not deposit.is_local for deposit in files):
        from acuomics.acquire.client import Client

        client = Client(settings)
    tasks = [_Task(deposit, folder, settings, ledger, progress, pace, client) for deposit in files]
    receipts, crew = _Receipts(), Crew([task.run for task in tasks], settings.connections)
    try:
        crew.start()
        while not crew.wait(RECEIPTS_EVERY):
            receipts.write(tasks, crew.outcomes())
    except BaseException:
        pace.stop.set()
        if client is not None:
            client.close()  # wakes those who wait for a byte
        raise
    finally:
        crew.dismiss()
        if client is not None:
            client.close()
        outcomes = list(crew.outcomes().values())
        receipts.write(tasks, crew.outcomes())
    problems.found.extend(outcome for outcome in outcomes if isinstance(outcome, Problem))
    problems.found.extend(receipts.problems)
    problems.raise_if_any(KEPT)
    return [outcome for outcome in outcomes if isinstance(outcome, Receipt)]


class _Receipts:
    """Receipts of finished files, written together: one by one, amid the transfers, they cost a quarter of the time.

    A file that a killed fetch left without its receipt is hashed by the next one, which writes it.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._written: set[int] = set()

    def write(self, tasks: Sequence[_Task], outcomes: Mapping[int, Receipt | Problem]) -> None:
        """Write the receipts that are new among the outcomes of `tasks`."""
        for number, receipt in outcomes.items():
            if number in self._written or not isinstance(receipt, Receipt):
                continue
            final = tasks[number].final
            try:
                write_receipt(receipt, final)
                self._written.add(number)
            except OSError as error:
                message = f"its receipt cannot be written ({error.strerror or error})"
                fix = "make room, or mend the permissions of the folder, and run again: the file itself is there"
                self.problems.append(Problem(receipt.file, message, fix, value=str(final)))
                self._written.add(number)


class _Task:
    """One file of a fetch."""

    def __init__(
        self,
        deposit: Deposit,
        folder: Path,
        settings: Settings,
        ledger: Ledger,
        progress: Progress,
        pace: Pace,
        client: Client | None,
    ) -> None:
        self.deposit, self.folder, self.final = deposit, folder, folder / deposit.file
        self.settings, self.ledger, self.progress, self.pace, self.client = settings, ledger, progress, pace, client

    def run(self) -> Receipt | Problem:
        """Bring the file; give its receipt, or the problem that nothing mends."""
        try:
            expected = expected_of(self.deposit, self.ledger)
            there = taken_in_place(expected, self.final, self.ledger, self.pace, self.settings.offline)
            if there is not None:
                self.progress.advance(there.bytes)
                return there
            part = Part(self.final, want_md5=bool(self.deposit.md5))
            try:
                bring = self._copy if self.deposit.is_local else self._download
                final_url = bring(expected, part)
                return self._accept(expected, part, final_url)
            finally:
                part.close()
        except Final as fault:
            return fault.problem
        except Stopped:
            return Problem(self.deposit.file, "interrupted", "run again: it goes on from where it stood")
        except OSError as error:
            return self._disk_problem(error)
        finally:
            self.progress.done(self.deposit)

    def _download(self, expected: Expected, part: Part) -> str:
        """Attempt until the whole file is there and right, or no attempt is left."""
        from acuomics.acquire.attempt import Transfer

        assert self.client is not None
        transfer = Transfer(expected, part, self.client, self.pace, self.progress.advance)
        failures, furthest, wrong = 0, part.size, set[str]()
        self.progress.advance(part.size)
        while True:
            try:
                self._check_room(part)
                final_url = transfer.run()
                self._verify(expected, part, wrong)
                return final_url
            except Transient as fault:
                if self.pace.stop.is_set():
                    raise Stopped from None
                if part.size >= furthest + PROGRESS:
                    failures, furthest = 0, part.size
                failures += 1
                if failures > self.settings.retries:
                    raise Final(self._given_up(fault, failures, part)) from None
                self._wait(fault, failures)

    def _wait(self, fault: Transient, failures: int) -> None:
        wait = wait_before(failures, self.settings, self.pace)
        if fault.wait is not None:
            if fault.wait > self.settings.longest_wait:
                message = f"{fault.reason} and asks to come back in {fault.wait:.0f} seconds"
                raise Final(Problem(self.deposit.file, message, "run again then", value=self.deposit.url))
            wait = max(wait, fault.wait)
        self.pace.wait(wait)

    def _given_up(self, fault: Transient, failures: int, part: Part) -> Problem:
        kept = f"; {part.size} bytes are kept in {part.path.name}" if part.size else ""
        message = f"{fault.reason}; given up after {failures} attempts{kept}"
        return Problem(self.deposit.file, message, "run again later: it goes on from there", value=self.deposit.url)

    def _verify(self, expected: Expected, part: Part, wrong: set[str]) -> None:
        """Check the whole file; wrong bytes get one more chance from the start, the same wrong bytes do not."""
        md5, sha256 = part.hashes()
        page = head_fault(part.head(), self.deposit.file)
        fault = expected.fault(part.size, md5, sha256)
        if fault is None and page is not None and not expected.hash_known:
            fault = Problem(self.deposit.file, page, RESOLVE_AGAIN, value=self.deposit.url)
        if fault is None and not expected.hash_known:
            damage = gzip_fault(part.path, self.deposit.file)
            if damage:
                fault = Problem(self.deposit.file, damage, RESOLVE_AGAIN, value=self.deposit.url)
        if fault is None:
            return
        self.progress.advance(-part.size)
        part.discard()
        if page is not None:
            raise Transient(page)
        if sha256 in wrong:
            raise Final(fault)
        wrong.add(sha256)
        raise Transient(fault.message)

    def _accept(self, expected: Expected, part: Part, final_url: str) -> Receipt:
        """Record a first retrieval, give the file its name and write the receipt."""
        md5, sha256 = part.hashes()
        part.sync()
        today = self.pace.today()
        if expected.known == "first retrieval":
            entry = self.ledger.record(self.deposit.file, self.deposit.url, part.size, md5, sha256, today)
            if entry.sha256 != sha256:
                problem = changed_problem(entry, str(self.ledger.path), part.size, sha256, self.deposit.url)
                part.discard()
                raise Final(problem)
        part.finish()
        receipt = Receipt(
            file=self.deposit.file,
            url=self.deposit.url,
            final_url=final_url or ("" if self.deposit.is_local else self.deposit.url),
            bytes=part.size,
            md5=md5,
            sha256=sha256,
            retrieved_on=today,
            hash_known=expected.known,
        )
        return receipt

    def _copy(self, expected: Expected, part: Part) -> str:
        """Copy a local file; what was there of it is thrown away."""
        source = local_path(self.deposit.url, self.settings.data_root)
        try:
            handle = source.open("rb")
        except OSError as error:
            message = f"the local file cannot be read ({error.strerror})"
            fix = "mend its path in files.tsv (relative paths are relative to data_root) or its permissions"
            raise Final(Problem(self.deposit.file, message, fix, value=str(source))) from None
        with handle:
            part.begin(Origin(self.deposit.url, "", "", None, ""))
            while block := handle.read(BLOCK):
                if self.pace.stop.is_set():
                    raise Stopped
                part.write(block)
                self.progress.advance(len(block))
        try:
            self._verify(expected, part, {part.hashes()[1]})
        except Transient as fault:
            raise Final(
                Problem(self.deposit.file, fault.reason, "put the right file there", value=str(source))
            ) from None
        return ""

    def _check_room(self, part: Part) -> None:
        """Do not begin what cannot be kept."""
        total = self.deposit.bytes or (part.origin.total if part.origin else None)
        if total is None:
            return
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize < total - part.size:
            raise OSError(errno.ENOSPC, "no space left")

    def _disk_problem(self, error: OSError) -> Problem:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            size = f" of {self.deposit.bytes} bytes" if self.deposit.bytes else ""
            message = f"the disk of {self.final.parent} has no room for the file{size}"
            return Problem(self.deposit.file, message, "make room and run again: it goes on from where it stood")
        fix = "mend the permissions or the path of the folder"
        return Problem(self.deposit.file, f"cannot be written ({error.strerror or error})", fix, value=str(self.final))


def local_path(url: str, data_root: str) -> Path:
    """Give the path that a file URL or a local path names; relative ones are relative to `data_root`."""
    if url.lower().startswith("file://"):
        return Path(unquote(urlsplit(url).path))
    return Path(data_root) / url
