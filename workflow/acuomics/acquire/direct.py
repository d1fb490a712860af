"""HTTP/1.1 for large files: kept-alive connections, bodies read from the socket into one buffer a thread.

httpx reads bodies through a parser in Python, at more processor time than the rest of a fetch on a fast network (the
benchmark ``acquire`` shows it); the standard library reads them straight from the socket. What needs more than
a GET with redirects (a proxy) goes through httpx, see `acuomics.acquire.client`.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urldefrag, urljoin, urlsplit

from acuomics.acquire.faults import Hopeless, Transient
from acuomics.acquire.settings import BLOCK, Settings

_Key = tuple[str, str, int | None]
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_buffers = threading.local()
#: Seconds after which no more is added to a block although it is not full.
PATIENCE = 0.25
#: Bytes asked for at a time of a body that does not say its length.
PIECE = 256 * 1024


class Reply:
    """An answer; its body is read by `blocks`, then `close` gives the connection back.

    Parameters
    ----------
    answer : http.client.HTTPResponse
        The answer, its body not read.
    url : str
        Where redirects led.
    """

    def __init__(self, answer: http.client.HTTPResponse, url: str, made: http.client.HTTPConnection, key: _Key) -> None:
        self._answer, self.url, self.made, self.key = answer, url, made, key
        self.status, self.reason = answer.status, answer.reason
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in answer.getheaders()}
        self.left = answer.length
        self.whole = self.left == 0

    def blocks(self) -> Iterator[memoryview]:
        """Give the body in blocks of one buffer, each valid until the next; `Transient` when it is cut or stalls."""
        if not hasattr(_buffers, "block"):
            _buffers.block = memoryview(bytearray(BLOCK))
        while not self.whole:
            n, fault = self._fill(_buffers.block)
            if n:
                yield _buffers.block[:n]
            if fault is not None:
                raise fault

    def _fill(self, buffer: memoryview) -> tuple[int, Transient | None]:
        """Fill the buffer, as far as bytes come without delay; give how many they are, and what went wrong after them.

        Every block is written and hashed by itself, and other threads wait meanwhile: few large ones cost less.
        """
        n, answer, until = 0, self._answer, time.monotonic() + PATIENCE
        while not self.whole and n < len(buffer) and (n == 0 or time.monotonic() < until):
            try:
                if self.left is None:
                    more = answer.read1(min(PIECE, len(buffer) - n))
                    got = len(more)
                    buffer[n : n + got] = more
                else:
                    # The reader beneath gives what has come, where the answer's own method waits for a full buffer.
                    got = answer.fp.readinto1(buffer[n : n + self.left])
                    self.left -= got
            except TimeoutError:
                return n, Transient("the connection stalled")
            except (OSError, http.client.HTTPException, ValueError) as error:
                return n, Transient(f"the connection broke ({_words(error)})")
            n += got
            if not got and self.left:
                return n, Transient(f"the connection ended {self.left} bytes early")
            self.whole = self.left == 0 or got == 0
        return n, None

    @property
    def reusable(self) -> bool:
        """Whether the connection can take another request."""
        return self.whole and not self._answer.will_close

    def close(self) -> None:
        """Let go of the answer."""
        self._answer.close()


class DirectClient:
    """GET over a pool of kept-alive connections; any number of threads may use it.

    Parameters
    ----------
    settings : Settings
        Timeout and the number of redirects.
    """

    def __init__(self, settings: Settings) -> None:
        self._timeout, self._redirects = settings.timeout, settings.redirects
        self._idle: dict[_Key, list[http.client.HTTPConnection]] = {}
        self._busy: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()
        self._tls: ssl.SSLContext | None = None

    def get(self, url: str, headers: Mapping[str, str]) -> Reply:
        """Ask for `url`, through redirects; `Transient` without an answer, `Hopeless` when no attempt will get one."""
        sent = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "acuomics", **headers}
        asked = url
        for _ in range(self._redirects + 1):
            reply = self._ask(asked, sent)
            target = reply.headers.get("location") if reply.status in _REDIRECTS else None
            if target is None:
                return reply
            self.release(reply)
            asked = urljoin(asked, target)
        raise Hopeless("the redirects do not end", "open the URL in a browser and give the address it ends at")

    def release(self, reply: Reply) -> None:
        """Give the connection of an answer back, or close it when the answer was not read to its end."""
        reply.close()
        with self._lock:
            self._busy.discard(reply.made)
            if reply.reusable:
                self._idle.setdefault(reply.key, []).append(reply.made)
                return
        reply.made.close()

    def close(self) -> None:
        """Close the idle connections, and wake the threads that wait on others."""
        with self._lock:
            for made in [made for idle in self._idle.values() for made in idle]:
                made.close()
            self._idle = {}
            for made in self._busy:
                with suppress(OSError):
                    if made.sock is not None:
                        made.sock.shutdown(socket.SHUT_RDWR)

    def _ask(self, url: str, headers: Mapping[str, str]) -> Reply:
        url = urldefrag(url).url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Hopeless(f"led to {url}, which is no http or https address", "open the URL in a browser and mend it")
        key = (parts.scheme, parts.hostname, parts.port)
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        with self._lock:
            idle = self._idle.get(key)
            made = idle.pop() if idle else None
        if made is not None:
            try:
                return self._exchange(made, key, target, url, headers)
            except Transient:
                pass  # the server closed it while it was idle; a fresh one tells the truth
        return self._exchange(self._connect(key), key, target, url, headers)

    def _connect(self, key: _Key) -> http.client.HTTPConnection:
        scheme, host, port = key
        try:
            if scheme == "https":
                with self._lock:
                    self._tls = self._tls or ssl.create_default_context()
                made: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, port, timeout=self._timeout, context=self._tls
                )
            else:
                made = http.client.HTTPConnection(host, port, timeout=self._timeout)
            made.connect()
        except ssl.SSLCertVerificationError as error:
            raise Hopeless(
                f"the server's certificate is not trusted ({error.verify_message})",
                "check the date and the certificates of this machine (SSL_CERT_FILE)",
            ) from None
        except OSError as error:
            raise Transient(f"no connection ({_words(error)})") from None
        return made

    def _exchange(
        self, made: http.client.HTTPConnection, key: _Key, target: str, url: str, headers: Mapping[str, str]
    ) -> Reply:
        with self._lock:
            self._busy.add(made)
        try:
            made.request("GET", target, headers=dict(headers))
            return Reply(made.getresponse(), url, made, key)
        except (OSError, http.client.HTTPException, ValueError) as error:
            with self._lock:
                self._busy.discard(made)
            made.close()
            if isinstance(error, http.client.InvalidURL | UnicodeEncodeError):
                raise Hopeless(f"not a URL ({error})", "write spaces and signs of other alphabets as %..") from None
            what = "the connection stalled" if isinstance(error, TimeoutError) else f"no answer ({_words(error)})"
            raise Transient(what) from None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
