"""A misbehaving server, and a way to fetch one file from it that needs no waiting."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from acuomics.acquire.fetch import fetch
from acuomics.acquire.ledger import Ledger
from acuomics.acquire.receipt import Receipt
from acuomics.acquire.settings import Pace, Settings
from acuomics.acquire.table import Deposit
from acuomics.problems import InputError
from tests.misbehaving import Misbehaving, Resource, deposit_of, running

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with running() as made:
        yield made


def some_bytes(n: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(n)


class Fetcher:
    """Fetches one resource into a folder; `waits` are the seconds it would have waited."""

    def __init__(self, server: Misbehaving, root: Path) -> None:
        self.server, self.folder, self.ledger = server, root / "into", root / "acquired.tsv"
        self.waits: list[float] = []

    def __call__(
        self,
        resource: Resource,
        content: bytes | None = None,
        *,
        path: str = "/f",
        file: str = "reads.bin",
        known: str = "bytes md5 sha256",
        **settings: Any,
    ) -> Receipt:
        self.server.resources[path] = resource
        deposit = deposit_of(self.server.url + path, resource.content if content is None else content, file, known)
        return self.rows([deposit], **settings)[0]

    def rows(self, deposits: list[Deposit], **settings: Any) -> list[Receipt]:
        pace = Pace(now=lambda: NOW, jitter=lambda: 0.0, sleep=self.waits.append)
        chosen = Settings(**{"timeout": 0.4, "ledger": str(self.ledger)} | settings)
        return fetch(deposits, self.folder, chosen, Ledger(self.ledger, "study"), pace=pace)

    def fault(self, *arguments: Any, **options: Any) -> str:
        """Fetch what must fail with one problem; give it as the user reads it."""
        with pytest.raises(InputError) as caught:
            self(*arguments, **options)
        assert len(caught.value.problems) == 1, str(caught.value)
        return str(caught.value.problems[0])

    def read(self, file: str = "reads.bin") -> bytes:
        return (self.folder / file).read_bytes()

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def bring(server: Misbehaving, tmp_path: Path) -> Callable[..., Receipt]:
    return Fetcher(server, tmp_path)
