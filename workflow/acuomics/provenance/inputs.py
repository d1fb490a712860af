"""What the run read: files that people wrote or deposited, known by hash and never by where they lay."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from acuomics.acquire.receipt import read_receipt
from acuomics.provenance.hashes import Fingerprint, fingerprint


@dataclass(frozen=True)
class Input:
    """A file that the run read.

    Parameters
    ----------
    name : str
        Its path below the workflow or the data folder; elsewhere its name alone, so that no path of a machine shows.
    print : Fingerprint
        Size and hash.
    path : str
        Its path below the results folder when it lies there (fetched files), else empty.
    url : str
        Where it was fetched from; empty when from a disk.
    """

    name: str
    print: Fingerprint
    path: str = ""
    url: str = ""

    @property
    def identifier(self) -> str:
        """The identifier in the crate: the path inside it, else a name by hash (RFC 6920)."""
        if self.path:
            return quote(self.path)
        digest = base64.urlsafe_b64encode(bytes.fromhex(self.print.sha256)).decode().rstrip("=")
        return f"ni:///sha-256;{digest}?file={quote(self.name, safe='')}"


def shown_name(path: str | Path, roots: Sequence[str | Path]) -> str:
    """Name a file without saying where on a machine it lies.

    Parameters
    ----------
    path : str or Path
        The file.
    roots : sequence of str or Path
        Folders that may be left out of the name, the first that fits.

    Returns
    -------
    str
        The path below a root, else the last component.
    """
    whole = Path(path).resolve()
    for root in roots:
        base = Path(root).resolve()
        # The root of the file system leaves nothing out.
        if base != Path(base.anchor) and whole.is_relative_to(base):
            return whole.relative_to(base).as_posix()
    return whole.name


def read_inputs(paths: Sequence[str | Path], roots: Sequence[str | Path], results: str | Path) -> list[Input]:
    """Describe the files that the run read.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, or folders of files (hidden ones are left out).
    roots : sequence of str or Path
        Folders that may be left out of names.
    results : str or Path
        The results folder: a fetched file lies in it, and its receipt gives the hash it was verified by.

    Returns
    -------
    list of Input
        Sorted by name, each identifier once.
    """
    top = Path(results).resolve()
    found: dict[str, Input] = {}
    for path in _files(paths):
        receipt = read_receipt(path)
        if path.resolve().is_relative_to(top):
            below = path.resolve().relative_to(top).as_posix()
            # Fetched files can be large; their hash was verified when they came.
            known = receipt is not None and receipt.bytes == path.stat().st_size
            print_ = Fingerprint(receipt.bytes, receipt.sha256) if receipt and known else fingerprint(path)
            url = receipt.url if receipt is not None and receipt.url.startswith(("http://", "https://")) else ""
            item = Input(f"results/{below}", print_, below, url)
        else:
            item = Input(shown_name(path, roots), fingerprint(path))
        found[item.identifier] = item
    return sorted(found.values(), key=lambda item: (item.name, item.identifier))


def _files(paths: Sequence[str | Path]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        files += [file for file in inside if file.is_file() and not file.name.startswith(".")]
    return files
