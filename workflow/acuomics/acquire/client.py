"""Who speaks HTTP for a fetch: the direct client, or httpx where a proxy stands between."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from acuomics.acquire.direct import DirectClient, Reply
from acuomics.acquire.faults import Hopeless, Transient
from acuomics.acquire.settings import Settings

if TYPE_CHECKING:
    import httpx


_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class Answer(Protocol):
    """An HTTP answer: status, reason, headers (names in small letters), final address, and the body in blocks."""

    status: int
    reason: str
    headers: Mapping[str, str]
    url: str

    def blocks(self) -> Iterator[memoryview]:
        """Give the body; a block is valid until the next."""


class Client:
    """GET for files, over a pool of connections; any number of threads may use it.

    Parameters
    ----------
    settings : Settings
        Timeout, connections and redirects.
    """

    def __init__(self, settings: Settings) -> None:
        proxied = any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES)
        self._direct = None if proxied else DirectClient(settings)
        self._httpx = httpx_client(settings) if proxied else None

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask for `url`; `Transient` without an answer, `Hopeless` when no attempt will get one."""
        if self._direct is not None:
            return self._direct.get(url, headers)
        assert self._httpx is not None
        return _Proxied(self._httpx, url, headers)

    def release(self, answer: Answer) -> None:
        """Let go of an answer; its connection is used again if it was read to its end."""
        if isinstance(answer, Reply):
            assert self._direct is not None
            self._direct.release(answer)
        elif isinstance(answer, _Proxied):
            answer.close()

    def close(self) -> None:
        """Close all connections."""
        for client in (self._direct, self._httpx):
            if client is not None:
                client.close()


def httpx_client(settings: Settings) -> httpx.Client:
    """Give an httpx client: redirects followed up to the limit, proxies and certificates as the environment says."""
    import httpx

    return httpx.Client(
        headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "acuomics"},
        follow_redirects=True,
        max_redirects=settings.redirects,
        timeout=settings.timeout,
        limits=httpx.Limits(max_connections=settings.connections),
    )


class _Proxied:
    """An answer that httpx brings."""

    def __init__(self, client: httpx.Client, url: str, headers: Mapping[str, str]) -> None:
        import httpx

        try:
            self._answer = client.send(client.build_request("GET", url, headers=dict(headers)), stream=True)
        except httpx.TooManyRedirects:
            raise Hopeless("the redirects do not end", "give the address they should end at") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Hopeless(f"not a URL ({error})", "give an https, http or file URL") from None
        except httpx.HTTPError as error:
            raise Transient(f"no answer ({error})") from None
        self.status, self.reason = self._answer.status_code, self._answer.reason_phrase
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in self._answer.headers.items()}
        self.url = str(self._answer.url)

    def blocks(self) -> Iterator[memoryview]:
        import httpx

        try:
            for block in self._answer.iter_raw():
                yield memoryview(block)
        except httpx.HTTPError as error:
            raise Transient(f"the connection broke ({error})") from None

    def close(self) -> None:
        self._answer.close()
