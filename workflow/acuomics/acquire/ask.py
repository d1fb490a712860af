"""Ask an archive: one small answer over HTTP, with the same patience as a fetch; the whole answer or a problem."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from acuomics.acquire.backoff import TRANSIENT, retry_after, wait_before
from acuomics.acquire.client import httpx_client
from acuomics.acquire.faults import Final
from acuomics.acquire.settings import Pace, Settings
from acuomics.problems import Problem


@dataclass(frozen=True)
class Answer:
    """An answer of an archive: HTTP status, body, and the address that redirects led to."""

    status: int
    body: bytes
    url: str

    @property
    def text(self) -> str:
        """The body as text (UTF-8; what is not, is replaced)."""
        return self.body.decode("utf-8", errors="replace")


class Archive:
    """The connection that a resolution asks its questions over; a context manager.

    Parameters
    ----------
    settings : Settings
        Limits and times.
    pace : Pace, optional
        The clock, for tests.
    """

    def __init__(self, settings: Settings, pace: Pace | None = None) -> None:
        self.settings, self.pace = settings, pace or Pace()
        self._client = httpx_client(settings)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, url: str, parameters: dict[str, str] | None = None) -> Answer:
        """Ask for `url`.

        Returns
        -------
        Answer
            Any answer but those that say to come back later, so also 404.

        Raises
        ------
        Final
            When there is no answer after all attempts.
        """
        reason = ""
        for attempt in range(1, self.settings.retries + 2):
            wait = None
            try:
                answer = self._client.get(url, params=parameters)
                if answer.status_code not in TRANSIENT:
                    return Answer(answer.status_code, answer.content, str(answer.url))
                reason = f"the archive answered {answer.status_code} {answer.reason_phrase}"
                wait = retry_after(answer.headers.get("retry-after"), self.pace.now())
            except (httpx.TransportError, httpx.TooManyRedirects, httpx.DecodingError) as error:
                reason = f"no answer from the archive ({error})"
            if attempt <= self.settings.retries:
                own = wait_before(attempt, self.settings, self.pace)
                self.pace.wait(min(max(own, wait or 0.0), self.settings.longest_wait))
        raise Final(Problem(url, f"{reason}; given up after {self.settings.retries + 1} attempts", "try again later"))

    def size(self, url: str) -> int | None:
        """Give the size that the server says a file has; None when it does not."""
        try:
            answer = self._client.head(url)
        except httpx.HTTPError:
            return None
        length = answer.headers.get("content-length", "")
        known = answer.status_code == 200 and length.isascii() and length.isdigit()
        return (int(length) or None) if known else None
