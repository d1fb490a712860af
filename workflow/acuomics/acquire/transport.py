"""Connections for httpx that are kept alive and read straight from the socket.

httpx's own HTTP/1.1 parser runs in Python and costs more than the transfer on a fast network; the standard library's
reads the body from the socket. httpx stays in charge of everything else: addresses, redirects, headers, faults.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import httpx

from acuomics.acquire.settings import BLOCK, Settings

_Key = tuple[str, str, int | None]


class PooledTransport(httpx.BaseTransport):
    """HTTP/1.1 over a pool of kept-alive connections; any number of threads may use it.

    Parameters
    ----------
    timeout : float
        Seconds without a byte, also while connecting.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._idle: dict[_Key, list[http.client.HTTPConnection]] = {}
        self._busy: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()
        self._tls: ssl.SSLContext | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body; its answer is read as it is asked for."""
        url = request.url
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"the scheme {url.scheme!r} is not spoken here", request=request)
        key = (url.scheme, url.host, url.port)
        with self._lock:
            idle = self._idle.get(key)
            connection = idle.pop() if idle else None
        if connection is not None:
            try:
                return self._exchange(connection, key, request)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                pass  # the server closed it while it was idle; a fresh one tells the truth
        return self._exchange(self._connect(key, request), key, request)

    def _connect(self, key: _Key, request: httpx.Request) -> http.client.HTTPConnection:
        scheme, host, port = key
        try:
            if scheme == "https":
                with self._lock:
                    if self._tls is None:
                        self._tls = httpx.create_ssl_context()
                made: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, port, timeout=self._timeout, context=self._tls
                )
            else:
                made = http.client.HTTPConnection(host, port, timeout=self._timeout)
            made.connect()
        except TimeoutError as error:
            raise httpx.ConnectTimeout(_words(error), request=request) from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise httpx.ConnectError(_words(error), request=request) from error
        return made

    def _exchange(self, made: http.client.HTTPConnection, key: _Key, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self._busy.add(made)
        try:
            made.request(request.method, request.url.raw_path.decode("ascii"), headers=dict(request.headers))
            answer = made.getresponse()
        except TimeoutError as error:
            self.drop(made)
            raise httpx.ReadTimeout(_words(error), request=request) from error
        except OSError as error:
            self.drop(made)
            raise httpx.ReadError(_words(error), request=request) from error
        except (http.client.HTTPException, ValueError) as error:
            self.drop(made)
            raise httpx.RemoteProtocolError(_words(error), request=request) from error
        body = _Body(self, made, key, answer, request)
        return httpx.Response(answer.status, headers=answer.getheaders(), stream=body, request=request)

    def take_back(self, key: _Key, made: http.client.HTTPConnection) -> None:
        """Keep a connection whose answer was read to its end."""
        with self._lock:
            self._busy.discard(made)
            self._idle.setdefault(key, []).append(made)

    def drop(self, made: http.client.HTTPConnection) -> None:
        """Close a connection that is of no further use."""
        with self._lock:
            self._busy.discard(made)
        made.close()

    def close(self) -> None:
        """Close the idle connections, and end those that a thread still reads from."""
        with self._lock:
            for made in [made for idle in self._idle.values() for made in idle]:
                made.close()
            self._idle = {}
            for made in self._busy:
                with suppress(OSError):
                    if made.sock is not None:
                        made.sock.shutdown(socket.SHUT_RDWR)


class _Body(httpx.SyncByteStream):
    """The body of one answer; its connection goes back to the pool when it was read to its end."""

    def __init__(
        self,
        pool: PooledTransport,
        made: http.client.HTTPConnection,
        key: _Key,
        answer: http.client.HTTPResponse,
        request: httpx.Request,
    ) -> None:
        self._pool, self._made, self._key, self._answer, self._request = pool, made, key, answer, request
        self._whole = answer.length == 0
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        answer = self._answer
        while not self._whole:
            try:
                block = answer.read1(BLOCK)
            except TimeoutError as error:
                raise httpx.ReadTimeout(_words(error), request=self._request) from error
            except OSError as error:
                raise httpx.ReadError(_words(error), request=self._request) from error
            except (http.client.HTTPException, ValueError) as error:
                raise httpx.RemoteProtocolError(_words(error), request=self._request) from error
            if block:
                yield block
            if answer.length == 0 or (not block and answer.length is None):
                self._whole = True
            elif not block:
                message = f"the connection ended {answer.length} bytes early"
                raise httpx.RemoteProtocolError(message, request=self._request)

    def close(self) -> None:
        """Give the connection back if the answer was read to its end, else close it."""
        if self._closed:
            return
        self._closed = True
        self._answer.close()
        if self._whole and not self._answer.will_close:
            self._pool.take_back(self._key, self._made)
        else:
            self._pool.drop(self._made)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def make_client(settings: Settings) -> httpx.Client:
    """Give an HTTP client for a fetch: redirects followed up to a limit, bodies as stored (no decompression).

    Where the environment names a proxy (``HTTPS_PROXY`` and the like), httpx's own transport is used, which knows
    proxies; else `PooledTransport`.
    """
    proxies = {name for name in urllib.request.getproxies() if name in ("http", "https", "all")}
    limits = httpx.Limits(max_connections=settings.connections, max_keepalive_connections=settings.connections)
    return httpx.Client(
        headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "acuomics"},
        follow_redirects=True,
        max_redirects=settings.redirects,
        timeout=settings.timeout,
        limits=limits,
        transport=None if proxies else PooledTransport(settings.timeout),
    )
