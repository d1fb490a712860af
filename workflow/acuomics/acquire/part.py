"""The `.part` file of a transfer: what is there of a file, its running hashes, and by what it may be continued."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Any

from acuomics.acquire.faults import Final
from acuomics.acquire.settings import BLOCK
from acuomics.files import read_json
from acuomics.problems import Problem
from acuomics.seals import forget

#: Bytes that show whether a file is a web page.
HEAD = 1024
#: Bytes from which on a part is worth continuing by another process.
WORTHWHILE = 1024 * 1024


def as_json(content: Mapping[str, Any]) -> bytes:
    """Give a mapping as JSON, a pair a line; the indenting encoder is written in Python and slow."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",\n ", ": "))
    return f"{{\n {text[1:-1]}\n}}\n".encode()


@cache
def _boot() -> str:
    """Give a name of this start of the machine: bytes written before a crash may be missing though counted."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True)
class Origin:
    """Which version of which resource a `.part` file began with.

    Parameters
    ----------
    url : str
        The address asked (before redirects).
    etag, last_modified : str
        Validators of the answer; empty where it gave none.
    total : int or None
        Size of the whole resource, as the answer says.
    boot : str
        The start of the machine that wrote it.
    """

    url: str
    etag: str
    last_modified: str
    total: int | None
    boot: str

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str], total: int | None) -> Origin:
        """Take the validators of an answer."""
        return cls(url, headers.get("etag", ""), headers.get("last-modified", ""), total, _boot())

    @property
    def validator(self) -> str:
        """What ``If-Range`` may send: a strong ETag, else the date of the last change (RFC 9110, 13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified

    def is_of(self, other: Origin) -> bool:
        """Whether both are the same version, as far as they say."""
        pairs = ((self.etag, other.etag), (self.last_modified, other.last_modified), (self.total, other.total))
        return all(a == b for a, b in pairs if a and b)


class Part:
    """An open `.part` file; locked, so that two fetches do not write to one file.

    Parameters
    ----------
    final : Path
        The name that the file takes when it is verified.
    want_md5 : bool
        Whether its MD5 is asked for besides SHA-256.
    """

    def __init__(self, final: Path, want_md5: bool) -> None:
        self.final, self._want_md5 = final, want_md5
        self.path = Path(f"{final}.part")
        self.origin_path = Path(f"{final}.part.json")
        self._hashed = 0
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        self._handle, self.size = self._open()
        self._head = b""
        if not self.size:
            self.origin_path.unlink(missing_ok=True)
        self.origin = self._read_origin() if self.size else None
        self._noted = self.origin is not None

    def _open(self) -> tuple[FileIO, int]:
        while True:
            handle = self.path.open("a+b", buffering=0)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.close()
                raise Final(
                    Problem(
                        self.final.name, "another process is fetching this file", "wait until it ends, and run again"
                    )
                ) from None
            # Between opening and locking another process may have given the file its final name.
            with suppress(FileNotFoundError):
                found = os.fstat(handle.fileno())
                if os.path.samestat(self.path.stat(), found):
                    return handle, found.st_size
            handle.close()

    def _read_origin(self) -> Origin | None:
        try:
            return Origin(**read_json(self.origin_path))
        except (OSError, ValueError, TypeError):
            return None

    def begin(self, origin: Origin) -> None:
        """Empty the file, for the version `origin` of the resource."""
        self.discard()
        self.origin = origin

    def discard(self) -> None:
        """Empty the file and forget what it was."""
        if self.size:
            os.ftruncate(self._handle.fileno(), 0)
            self.size = self._hashed = 0
            self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
            self._head = b""
        self.origin = None
        if self._noted:
            self.origin_path.unlink(missing_ok=True)
        self._noted = False

    def may_continue(self, url: str, hash_known: bool) -> bool:
        """Whether what is there can be continued: by a validator, or because a known hash would tell a wrong glue.

        Without a known hash, what a start of the machine before this one wrote is not trusted.
        """
        if not self.size or self.origin is None or self.origin.url != url:
            return False
        return hash_known or (bool(self.origin.validator) and self.origin.boot == _boot())

    def write(self, block: bytes | memoryview) -> None:
        """Append a block and hash it; what was there before is hashed first.

        A mebibyte is worth continuing after a kill: from there on the origin stands beside the part.
        """
        if not self._noted and self.origin is not None and self.size + len(block) >= WORTHWHILE:
            self._note(self.origin)
        if self._hashed < self.size:
            self._hash_rest()
        view = memoryview(block)
        if not self.size:
            self._head = bytes(view[:HEAD])
        while view:
            # A full disk may take a part of a block before it complains.
            done = self._handle.write(view)
            self._hash(view[:done])
            self.size += done
            self._hashed += done
            view = view[done:]

    def _note(self, origin: Origin) -> None:
        """Write the origin beside the part, atomically (`acuomics.files` sets the umask, which all threads share)."""
        temporary = Path(f"{self.origin_path}.part")
        try:
            temporary.write_bytes(as_json(vars(origin)))
            temporary.replace(self.origin_path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        self._noted = True

    def _hash(self, view: memoryview | bytes) -> None:
        self._sha256.update(view)
        if self._want_md5:
            self._md5.update(view)

    def _hash_rest(self) -> None:
        self._handle.seek(self._hashed)
        while self._hashed < self.size and (block := self._handle.read(BLOCK)):
            self._hash(block)
            self._hashed += len(block)

    def hashes(self) -> tuple[str, str]:
        """Give MD5 (empty when not wanted) and SHA-256 of what is there."""
        self._hash_rest()
        return self._md5.hexdigest() if self._want_md5 else "", self._sha256.hexdigest()

    def head(self) -> bytes:
        """Give the first bytes, `HEAD` at most."""
        if len(self._head) < min(HEAD, self.size):
            self._handle.seek(0)
            self._head = self._handle.read(HEAD) or b""
        return self._head

    def sync(self) -> None:
        """Bring the bytes to the disk, so that no name is given to what a crash could take."""
        os.fsync(self._handle.fileno())

    def finish(self) -> None:
        """Give the file its final name."""
        forget([self.final])
        self.path.replace(self.final)
        if self._noted:
            self.origin_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file; one without a byte is removed."""
        if self.size == 0 and not self._handle.closed:
            self.path.unlink(missing_ok=True)
            self.origin_path.unlink(missing_ok=True)
        self._handle.close()
