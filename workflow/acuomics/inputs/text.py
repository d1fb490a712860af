"""From a file to its text: gzip undone, UTF-8 checked, every fault a clear message."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from acuomics.problems import Problems

GZIP_MAGIC = b"\x1f\x8b"


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
        damaged, not UTF-8 (with the byte offset in the decompressed text).
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
            raw = gzip.decompress(raw)
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
