"""Whether a retrieved file is what its name says: no web page, no empty file, a gzip file that is whole."""

from __future__ import annotations

import zlib
from pathlib import Path

from acuomics.acquire.settings import BLOCK
from acuomics.inputs.text import GZIP_MAGIC, is_web_page

_PAGES = (".html", ".htm", ".xhtml")
_GZIP = (".gz", ".tgz")


def is_page_type(content_type: str, file: str) -> bool:
    """Whether an answer of this ``Content-Type`` is a web page where the file is none."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") and not file.lower().endswith(_PAGES)


def head_fault(head: bytes, file: str) -> str | None:
    """Say what the first bytes of a file give away; None when nothing."""
    name = file.lower()
    if not head:
        return "the file is empty"
    if is_web_page(head) and not name.endswith(_PAGES):
        return "the server answered with a web page (HTML) and not with the file"
    if name.endswith(_GZIP) and not head.startswith(GZIP_MAGIC):
        return "not a gzip file, though its name says so"
    return None


def gzip_fault(path: Path, file: str) -> str | None:
    """Say why a file named as gzip cannot be decompressed to its end; None when it can, or is named otherwise.

    For first retrievals: where no hash is known, the check sums inside the file (RFC 1952) are all there is.
    """
    if not file.lower().endswith(_GZIP):
        return None
    with path.open("rb") as handle:
        member = zlib.decompressobj(wbits=31)
        fed = False
        while block := handle.read(BLOCK):
            while block:
                # Padding of zeros after a member is allowed; anything else begins another member.
                if not fed and not block.strip(b"\0"):
                    break
                try:
                    pending = block
                    while pending:
                        member.decompress(pending, 1 << 20)
                        pending = member.unconsumed_tail
                except zlib.error as error:
                    return f"the gzip file is damaged ({error})"
                fed = True
                block = member.unused_data if member.eof else b""
                if member.eof:
                    member, fed = zlib.decompressobj(wbits=31), False
        return "the gzip file is cut short" if fed else None
