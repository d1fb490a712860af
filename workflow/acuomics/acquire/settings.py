"""How files are fetched: limits, times, and the clock that waiting goes by."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Bytes asked from a connection at a time.
BLOCK = 1024 * 1024
#: New bytes after which a broken transfer counts as progress, and its attempts are counted anew.
PROGRESS = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """How to fetch (section ``acquire`` of the configuration, and what it need not say).

    Parameters
    ----------
    ledger : str
        The table of hashes recorded on first retrieval.
    connections : int
        Files at once.
    retries : int
        Attempts after the first one; counted anew whenever a transfer gets on by a mebibyte.
    timeout : float
        Seconds without a byte after which a connection is given up.
    offline : bool
        Fetch nothing from the network; what is missing is a problem.
    data_root : str
        What relative local paths are relative to.
    redirects : int
        Redirects that are followed for one file.
    first_wait, longest_wait : float
        Seconds: the wait after the first failure (doubled from there), and the most that is waited at all, also
        when a server's ``Retry-After`` asks for more.
    """

    ledger: str = "acquired.tsv"
    connections: int = 4
    retries: int = 5
    timeout: float = 60.0
    offline: bool = False
    data_root: str = "."
    redirects: int = 10
    first_wait: float = 1.0
    longest_wait: float = 300.0

    @classmethod
    def from_config(cls, section: Mapping[str, Any], data_root: str = ".") -> Settings:
        """Take the section ``acquire`` of a configuration that passed its schema."""
        return cls(**section, data_root=data_root)


@dataclass
class Pace:
    """The clock, the dice and the brake of a fetch; tests give their own.

    Parameters
    ----------
    now : callable
        Seconds since 1970 (for ``Retry-After`` dates and receipts).
    jitter : callable
        A number in [0, 1).
    sleep : callable, optional
        Waits that many seconds; by default until `stop` is set, at most.
    stop : threading.Event
        Set when the user interrupts: transfers end at their next block.
    """

    now: Callable[[], float] = time.time
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> None:
        """Wait `seconds`, or until the user interrupts."""
        if self.sleep is not None:
            self.sleep(seconds)
        else:
            self.stop.wait(seconds)

    def today(self) -> str:
        """Give the date (UTC) as YYYY-MM-DD."""
        return time.strftime("%Y-%m-%d", time.gmtime(self.now()))
