"""One attempt to bring a file over HTTP: continue what is there, or begin; every answer judged before it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from acuomics.acquire.backoff import TRANSIENT, retry_after
from acuomics.acquire.client import Answer, Client
from acuomics.acquire.content import is_page_type
from acuomics.acquire.expected import Expected
from acuomics.acquire.faults import Final, Hopeless, Stopped, Transient
from acuomics.acquire.part import Origin, Part
from acuomics.acquire.settings import Pace
from acuomics.problems import Problem

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_GONE = {
    401: (
        "the server asks for a login (401)",
        "get the file by the archive's own way and give its local path",
    ),
    403: ("the server refuses the file (403)", "controlled access or a wrong address: open the URL in a browser"),
    404: ("there is no such file (404)", "mend the URL in files.tsv, or resolve the accession again"),
    410: ("the file was withdrawn (410)", "ask the archive why; resolve the accession again"),
}


@dataclass
class Transfer:
    """What an attempt needs.

    Parameters
    ----------
    expected : Expected
        The file.
    part : Part
        Its open ``.part`` file.
    client : Client
        Who speaks HTTP.
    pace : Pace
        The clock and the brake.
    advance : callable
        Told the number of bytes kept (negative when what was there is thrown away).
    """

    expected: Expected
    part: Part
    client: Client
    pace: Pace
    advance: Callable[[int], None]

    def run(self) -> str:
        """Bring the part to its full size.

        Returns
        -------
        str
            The final URL; empty when everything was there already.

        Raises
        ------
        Transient
            Another attempt may do: no connection, a cut, a stall, a busy server, an error page.
        Final
            None will: no such file, a redirect loop, another size than the deposited one, a full disk.
        Stopped
            The user interrupted.
        """
        deposit, part = self.expected.deposit, self.part
        if part.size and not part.may_continue(deposit.url, self.expected.hash_known):
            self._throw_away()
        total = deposit.bytes or (part.origin.total if part.origin else None)
        if part.size and total is not None and part.size >= total:
            if part.size == total:
                return ""
            self._throw_away()
        headers = {}
        if part.size and part.origin:
            headers["Range"] = f"bytes={part.size}-"
            if part.origin.validator:
                headers["If-Range"] = part.origin.validator
        try:
            answer = self.client.get(deposit.url, headers)
        except Hopeless as fault:
            raise Final(Problem(deposit.file, fault.message, fault.fix, value=deposit.url)) from None
        try:
            total = self._judge(answer)
            for block in answer.blocks():
                part.write(block)
                self.advance(len(block))
                if self.pace.stop.is_set():
                    raise Stopped
        finally:
            self.client.release(answer)
        if total is not None and part.size != total:
            if part.size > total:
                self._throw_away()
            raise Transient(f"the transfer ended at {part.size} of {total} bytes")
        return answer.url

    def _judge(self, answer: Answer) -> int | None:
        """Refuse what is not the file, begin anew where it is not the rest; give the size of the whole, if known."""
        deposit, part, status = self.expected.deposit, self.part, answer.status
        if status in TRANSIENT:
            wait = retry_after(answer.headers.get("retry-after"), self.pace.now())
            raise Transient(f"the server answered {status} {answer.reason}", wait)
        if status == 416:
            self._throw_away()
            raise Transient("the server has no such part of the file (416)")
        if status in _GONE:
            raise Final(Problem(deposit.file, *_GONE[status], value=deposit.url))
        if status not in (200, 206):
            message = f"the server answered {status} {answer.reason}"
            raise Final(Problem(deposit.file, message, "open the URL in a browser and mend it", value=deposit.url))
        length = answer.headers.get("content-length", "")
        size = int(length) if length.isdigit() else None
        if is_page_type(answer.headers.get("content-type", ""), deposit.file) and (
            deposit.bytes is None or size != deposit.bytes - (part.size if status == 206 else 0)
        ):
            raise Transient("the server answered with a web page (HTML) and not with the file")
        total = self._of_part(answer) if status == 206 else size
        if deposit.bytes is not None and total is not None and total != deposit.bytes:
            self._throw_away()
            raise Final(self.expected.size_fault(total))
        if status == 200:
            self._check_length(answer, total)
            self._throw_away()
            part.begin(Origin.of(deposit.url, answer.headers, deposit.bytes or total))
        return deposit.bytes or total

    def _of_part(self, answer: Answer) -> int | None:
        """Check that a partial answer goes on where the part ends, in the same version; give the size of the whole."""
        match = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        total = int(match[3]) if match and match[3] != "*" else None
        origin = Origin.of(self.expected.deposit.url, answer.headers, total)
        same = self.part.origin is not None and self.part.origin.is_of(origin)
        if match is None or int(match[1]) != self.part.size or not same:
            self._throw_away()
            raise Transient("the server sent another part of the file, or of another version of it")
        return total

    def _check_length(self, answer: Answer, total: int | None) -> None:
        chunked = "chunked" in answer.headers.get("transfer-encoding", "").lower()
        gzip = self.expected.deposit.file.lower().endswith(".gz")
        if total is None and not (chunked or gzip or self.expected.hash_known or self.expected.deposit.bytes):
            raise Final(
                Problem(
                    self.expected.deposit.file,
                    "the server does not say how long the file is, and neither size nor hash is known: "
                    "a cut could not be told",
                    "write bytes, md5 or sha256 into files.tsv",
                    value=self.expected.deposit.url,
                )
            )

    def _throw_away(self) -> None:
        if self.part.size:
            self.advance(-self.part.size)
            self.part.discard()
