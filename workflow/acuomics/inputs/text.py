"""From a file to its text: gzip undone, UTF-8 checked, every fault a clear message."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from pathlib import Path

from acuomics.problems import Problems

GZIP_MAGIC = b"\x1f\x8b"
# First bytes of what is often saved under the name of a table: zip (xlsx), OLE (xls), HDF5.
_BINARY = {
    b"PK\x03\x04": ("a spreadsheet (xlsx) or another zip archive", "export the sheet as tab separated text (UTF-8)"),
    b"\xd0\xcf\x11\xe0": ("a spreadsheet (xls)", "export the sheet as tab separated text (UTF-8)"),
    b"\x89HDF\r\n": ("an HDF5 file", "write counts: format: h5ad in study.yaml if it is AnnData, or export text"),
}
#: What a small file may unpack to in memory, and what a larger one may by its size.
UNPACKED, RATIO = 256 << 20, 200
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


class TooLarge(ValueError):
    """A gzip file that unpacks to far more than text would (a bomb)."""


def gunzip(packed: bytes) -> bytes:
    """Unpack gzip (any number of members), up to `UNPACKED` bytes or `RATIO` times its size, whichever is more.

    Raises
    ------
    TooLarge
        Beyond that: tables pack three to fifty times.
    EOFError, zlib.error, gzip.BadGzipFile
        Cut short or damaged.
    """
    most = max(UNPACKED, RATIO * len(packed))
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise TooLarge(f"the gzip file of {len(packed)} bytes unpacks to more than {most}: no table packs so well")
    return raw


def is_web_page(head: bytes) -> bool:
    """Say whether a file that begins with these bytes is a web page (HTML)."""
    return _HTML.match(head) is not None


def read_text(
    path: str | Path, problems: Problems, *, fix_missing: str = "mend the path or put the file there"
) -> str | None:
    """Read a UTF-8 text file, gzipped or not (told by its first bytes, not by its name).

    Parameters
    ----------
    path : str or Path
        The file.
    problems : Problems
        Takes the fault, when there is one: missing, not a file, unreadable, empty, gzip cut short or
        damaged, a spreadsheet or a web page, a NUL byte, not UTF-8 (with the byte offset in the decompressed text).
    fix_missing : str
        What the reader can do when the file is not there.

    Returns
    -------
    str or None
        The text with line ends as ``\\n`` and without a byte order mark; None when a fault was found.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        problems.add(path, "the file does not exist", fix_missing)
        return None
    except IsADirectoryError:
        problems.add(path, "this is a folder, not a file", fix_missing)
        return None
    except OSError as error:
        problems.add(path, f"the file cannot be read ({error.strerror})", "mend its permissions")
        return None
    if raw.startswith(GZIP_MAGIC):
        try:
            raw = gunzip(raw)
        except TooLarge as error:
            problems.add(path, str(error), "give a file that you trust; unpack it yourself if it is meant to be so")
            return None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            problems.add(
                path,
                f"the gzip file is cut short or damaged ({error})",
                "fetch the file again and compare its size and checksum with the source",
            )
            return None
    if not raw.strip():
        problems.add(path, "the file is empty", "fetch the file again, or write its content")
        return None
    for magic, (what, fix) in _BINARY.items():
        if raw.startswith(magic):
            problems.add(path, f"this is {what}, not text", fix)
            return None
    if is_web_page(raw):
        problems.add(
            path, "this is a web page (HTML), not data", "fetch the file again: the server answered with a page"
        )
        return None
    if raw.startswith(_UTF16):
        problems.add(path, "not UTF-8 text: UTF-16", "save the file as UTF-8 (for instance: iconv -f utf-16 -t utf-8)")
        return None
    if (at := raw.find(b"\0")) >= 0:
        line = raw.count(b"\n", 0, at) + 1
        problems.add(path, f"not text: a NUL byte at offset {at} (line {line})", "fetch the file again: it is damaged")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add(
            path,
            f"not UTF-8 text: the byte 0x{raw[error.start]:02x} at offset {error.start} (line {line})",
            "save the file as UTF-8 (for instance: iconv -f latin1 -t utf-8)",
        )
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")
