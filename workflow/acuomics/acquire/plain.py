"""Files that a list names: plain URLs, addresses at the Genome Sequence Archive (China), local paths."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from acuomics.acquire.found import Found, reads_name
from acuomics.acquire.table import url_fault
from acuomics.inputs.text import read_text
from acuomics.problems import Problems

_MD5 = re.compile(r"[0-9a-fA-F]{32}")


def resolve_list(path: str | Path, source: str | None, cells: Collection[str], problems: Problems) -> list[Found]:
    """Read a list of files: a URL or local path a line, after a space its MD5; ``#`` begins a comment.

    Parameters
    ----------
    path : str or Path
        The list.
    source : str or None
        ``gsa`` when it belongs to an accession of that archive; None: ``url`` or ``local``, as the address says.
    cells : collection of str
        All cells of the sample sheet: a file whose whole stem is one of them is no mate, whatever its name ends in.
    problems : Problems
        Takes the faults, by line.

    Returns
    -------
    list of Found
        In the order of the list. Runs and mates by the names: ``_1``, ``_R1``, ``_R1_001``, ``_f1`` and their others.
    """
    text = read_text(path, problems)
    if text is None:
        return []
    found: list[Found] = []
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split("#", 1)[0].split() if line.lstrip().startswith("#") else line.split()
        if not words:
            continue
        url, md5 = words[0], words[1] if len(words) > 1 else ""
        message = url_fault(url)
        if message is None and len(words) > 2:
            message = "more than an address and an MD5"
        if message is None and md5 and not _MD5.fullmatch(md5):
            message = "the second word is not an MD5"
        parts = urlsplit(url if message is None else "")
        file = unquote((parts.path if parts.scheme else url).rsplit("/", 1)[-1])
        if message is None and not file:
            message = "the address ends in no file name"
        if message is not None:
            problems.add(
                path, message, "write a URL or a path, and after a space its MD5", row=f"line {number}", value=line
            )
            continue
        local = parts.scheme not in ("http", "https")
        found.append(Found(file=file, url=url, source=source or ("local" if local else "url"), md5=md5.lower()))
    if not found and not problems.found:
        problems.add(path, "the list names no file", "write a URL or a path a line")
    return _with_runs(found, cells)


def _with_runs(found: list[Found], cells: Collection[str]) -> list[Found]:
    """Give FASTQ files their run and mate by name; numbers that go on to 3 are samples and not mates."""
    stems = {reads[0] + "_" + reads[1] if reads[1] else reads[0] for f in found if (reads := reads_name(f.file))}
    named = []
    for entry in found:
        reads = reads_name(entry.file)
        if reads is None:
            named.append(entry)
            continue
        run, mate = reads
        whole = re.sub(r"\.(?:fastq|fq)(?:\.\w+)?$", "", entry.file, flags=re.IGNORECASE)
        if mate and (whole in cells or (whole == f"{run}_{mate}" and f"{run}_3" in stems)):
            run, mate = whole, ""
        aliases = tuple(dict.fromkeys([whole, re.sub(r"_S\d+(?:_L\d+)?$", "", run), run]))
        named.append(replace(entry, run=run, mate=mate, aliases=aliases))
    return named
