"""A progress bar on a terminal; elsewhere nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from acuomics.acquire.fetch import Progress
from acuomics.acquire.table import Deposit


class _Bar:
    """tqdm's bar over bytes (all sizes known) or else over files."""

    def __init__(self, files: Sequence[Deposit]) -> None:
        from tqdm import tqdm  # type: ignore[import-untyped]

        sizes = [deposit.bytes for deposit in files]
        self._bytes = all(sizes)
        total = sum(size or 0 for size in sizes) if self._bytes else len(files)
        unit = {"unit": "B", "unit_scale": True, "unit_divisor": 1024} if self._bytes else {"unit": " files"}
        self.bar = tqdm(total=total, desc=f"{len(files)} files", file=sys.stderr, **unit)
        self._lock = threading.Lock()

    def advance(self, n_bytes: int) -> None:
        if self._bytes:
            with self._lock:
                self.bar.update(n_bytes)

    def done(self, deposit: Deposit) -> None:
        if not self._bytes:
            with self._lock:
                self.bar.update(1)


@contextmanager
def terminal_progress(files: Sequence[Deposit]) -> Iterator[Progress | None]:
    """Give a progress bar while files are fetched; None where standard error is no terminal."""
    if not files or not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(files)
    try:
        yield bar
    finally:
        bar.bar.close()
