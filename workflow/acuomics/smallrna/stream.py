"""The bytes of a FASTQ file in a ring of buffers, decompressed in a thread of its own, in constant memory."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from acuomics.inputs.text import GZIP_MAGIC

Filled = Generator[tuple[NDArray[np.uint8], int], None, None]

#: Decompressed bytes a chunk; small enough for a core's cache.
CHUNK = 1 << 19
#: The part of a record that may be carried over to the next chunk, and with it the longest record.
CARRY = 1 << 19
_COMPRESSED = 1 << 17
_BUFFERS = 4
_AGAIN = "fetch the file again and compare its size and checksum with the source"
_OTHER = {
    b"BZh": ("bzip2", "decompress it, or compress it with gzip"),
    b"\xfd7zXZ": ("xz", "decompress it, or compress it with gzip"),
    b"\x28\xb5\x2f\xfd": ("zstd", "decompress it, or compress it with gzip"),
    b"PK\x03\x04": ("a zip archive", "unpack it, or compress it with gzip"),
    b"NCBI.sra": ("an SRA archive", "convert it with fasterq-dump"),
}


class StreamFault(Exception):
    """What is wrong with a file's bytes; everything before the fault has been given out."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message, self.fix = message, fix


def _gzip(file: BinaryIO) -> Iterator[bytes]:
    """Give the decompressed bytes of all members, and then complain about what is wrong after them."""
    from isal import isal_zlib

    members, raw = 0, file.read(_COMPRESSED)
    while raw:
        member = isal_zlib.decompressobj(wbits=31)
        try:
            while True:
                data = member.decompress(raw, CHUNK)
                if data:
                    yield data
                if member.eof:
                    break
                raw = member.unconsumed_tail
                if not raw and not (raw := file.read(_COMPRESSED)) and not data:
                    raise StreamFault("the gzip file is cut short: its last part has no end", _AGAIN)
        except isal_zlib.error as error:  # type: ignore[misc]  # declared as an instance
            raise StreamFault(f"the gzip file is damaged ({error})", _AGAIN) from None
        members += 1
        raw = member.unused_data or file.read(_COMPRESSED)
        # Archives on tape and some servers pad files with zeros; gzip itself takes them for no fault.
        while raw and not (raw := raw.lstrip(b"\0")):
            raw = file.read(_COMPRESSED)
        if raw and not GZIP_MAGIC.startswith(raw[:2]) and raw[:2] != GZIP_MAGIC:
            rest = len(raw) + sum(len(more) for more in iter(lambda: file.read(_COMPRESSED), b""))
            parts = "1 part" if members == 1 else f"{members} parts"
            raise StreamFault(
                f"{rest} bytes after the end of the gzip data ({parts}) are not gzip; nobody can say whether they were"
                " reads",
                _AGAIN + ", or cut the file after its gzip data",
            )


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while data := file.read(CHUNK):
        yield data


def _bytes_of(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            head = file.read(8)
            file.seek(0)
            for magic, (what, fix) in _OTHER.items():
                if head.startswith(magic):
                    raise StreamFault(f"compressed with {what}" if magic[0:1] != b"P" else f"this is {what}", fix)
            yield from _gzip(file) if head[:2] == GZIP_MAGIC else _plain(file)
    except FileNotFoundError:
        raise StreamFault("the file does not exist", "mend the path or put the file there") from None
    except IsADirectoryError:
        raise StreamFault("this is a folder, not a file", "name the FASTQ file") from None
    except OSError as error:
        raise StreamFault(f"the file cannot be read ({error.strerror})", "mend its permissions") from None


def _room(size: int) -> NDArray[np.uint8]:
    """Give a buffer that can be read eight bytes at a time."""
    return np.empty(size + -size % 8, dtype=np.uint8)


class Chunks:
    """The chunks of one file, each with room before it for what the last one left over.

    Iterate over it: each step gives ``(buffer, begin, end)`` and expects `keep` to have been told where the unused rest
    of that buffer begins. A line end is added to the last line when it has none.

    Parameters
    ----------
    path : path
        The file, gzipped (any number of members) or not.
    threaded : bool
        Whether to decompress in a thread of its own. The chunks are the same.

    Raises
    ------
    StreamFault
        While iterating, after the last good bytes; also for a record longer than the room for it.
    """

    def __init__(self, path: str | Path, *, threaded: bool = False) -> None:
        self._path = Path(path)
        self._threaded = threaded
        self._rest: NDArray[np.uint8] = np.empty(0, dtype=np.uint8)
        #: What no record took of the file, after its end.
        self.left_over = self._rest

    def keep(self, rest: NDArray[np.uint8]) -> None:
        """Carry these bytes over to the next chunk."""
        self._rest = rest

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint8], int, int]]:
        filled = self._in_thread() if self._threaded else self._in_turn()
        last = 10
        try:
            for buffer, size in filled:
                begin = CARRY - len(self._rest)
                if begin < 0:
                    raise StreamFault(
                        f"a record is longer than {CARRY} bytes",
                        "give reads of a small-RNA library, four lines each; one long line is another kind of file",
                    )
                buffer[begin:CARRY] = self._rest
                last = int(buffer[CARRY + size - 1])
                yield buffer, begin, CARRY + size
        finally:
            filled.close()
        if last != 10:
            end = len(self._rest) + 1
            buffer = _room(end)
            buffer[: end - 1], buffer[end - 1] = self._rest, 10
            yield buffer, 0, end
        self.left_over = self._rest

    def _fill(self, buffer: NDArray[np.uint8], data: bytes) -> tuple[NDArray[np.uint8], int]:
        buffer[CARRY : CARRY + len(data)] = np.frombuffer(data, dtype=np.uint8)
        return buffer, len(data)

    def _in_turn(self) -> Filled:
        # Two in turn: what was kept of the one is read while the other is filled.
        ring = [_room(CARRY + CHUNK) for _ in range(2)]
        for i, data in enumerate(_bytes_of(self._path)):
            yield self._fill(ring[i % 2], data)

    def _in_thread(self) -> Filled:
        free: queue.SimpleQueue[NDArray[np.uint8] | None] = queue.SimpleQueue()
        full: queue.SimpleQueue[tuple[NDArray[np.uint8], int] | BaseException | None] = queue.SimpleQueue()
        for _ in range(_BUFFERS):
            free.put(_room(CARRY + CHUNK))

        def read() -> None:
            try:
                for data in _bytes_of(self._path):
                    buffer = free.get()
                    if buffer is None:
                        return
                    full.put(self._fill(buffer, data))
                full.put(None)
            except BaseException as error:
                full.put(error)

        thread = threading.Thread(target=read, name="decompress", daemon=True)
        thread.start()
        used: NDArray[np.uint8] | None = None
        try:
            while (item := full.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
                # The buffer before this one: the rest of this one is still to be carried over.
                if used is not None:
                    free.put(used)
                used = item[0]
        finally:
            free.put(None)
            thread.join()
