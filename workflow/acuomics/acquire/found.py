"""What resolution finds: files with all names of their sample, then matched with the sample sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from acuomics.acquire.table import Deposit

# One of a pair: ENA and SRA (_1, _2), Illumina (_R1_001, _R2), GSA (_f1, _r2).
_MATE = re.compile(r"(?:_R?([12])(?:_001)?|_f(1)|_r(2))$")
_READS = re.compile(r"\.(?:fastq|fq)(?:\.gz|\.bz2)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A file that an archive lists.

    Parameters
    ----------
    file, url, md5, source, run, mate : str
        As in `Deposit`.
    bytes : int or None
        Deposited size.
    aliases : tuple of str
        Every name of its sample, the most particular first (run, experiment, sample, title ...); empty for a file of
        the whole series.
    paired : bool or None
        Whether the archive calls the run paired; None when it does not say.
    """

    file: str
    url: str
    source: str
    run: str = ""
    mate: str = ""
    bytes: int | None = None
    md5: str = ""
    aliases: tuple[str, ...] = field(default=())
    paired: bool | None = None


def reads_name(file: str) -> tuple[str, str] | None:
    """Give run and mate of a FASTQ file by its name; None for files of another kind.

    Examples
    --------
    >>> reads_name("SRR1039508_2.fastq.gz"), reads_name("CRR123_f1.fq.gz"), reads_name("counts.tsv.gz")
    (('SRR1039508', '2'), ('CRR123', '1'), None)
    """
    stem = _READS.sub("", file)
    if stem == file:
        return None
    match = _MATE.search(stem)
    if match is None:
        return stem, ""
    return stem[: match.start()], next(group for group in match.groups() if group)


def drop_lone_mates(found: Sequence[Found]) -> list[Found]:
    """Treat a mate without its other as what it is where the archive says single-end: a run without mates.

    By name alone ``liver_1.fastq.gz`` is sample 1 as well as mate 1; a pair is told by both being there.
    """
    mates: dict[str, set[str]] = {}
    for entry in found:
        mates.setdefault(entry.run, set()).add(entry.mate)
    return [
        replace(entry, mate="") if entry.mate and entry.paired is False and len(mates[entry.run]) == 1 else entry
        for entry in found
    ]


def deposits_of(found: Iterable[Found], sheet: Sequence[Mapping[str, str]], today: str) -> list[Deposit]:
    """Give rows of ``files.tsv``, each with the name that the sample sheet has for its sample.

    Parameters
    ----------
    found : iterable of Found
        The files.
    sheet : sequence of mapping
        Rows of the sample sheet with a cell ``sample``; empty when there is no sheet yet.
    today : str
        Date of the resolution.

    Returns
    -------
    list of Deposit
        A file whose aliases stand in a row of the sheet, in any column, gets that row's sample; else it keeps the
        archive's own name of the sample, which the check against the sheet then reports. Spaces in file names become
        underscores.
    """
    owners: dict[str, str | None] = {}
    for row in sheet:
        for cell in {value for value in row.values() if value}:
            # A cell that several samples have (an arm, a batch) names none of them.
            owners[cell] = row["sample"] if owners.get(cell, row["sample"]) == row["sample"] else None
    rows = []
    for entry in found:
        matched = next((owner for alias in entry.aliases if (owner := owners.get(alias))), None)
        sample = matched or (entry.aliases[-1] if entry.aliases else "")
        rows.append(
            Deposit(
                file=re.sub(r"[\s\\]+", "_", entry.file).lstrip(".-"),
                sample=sample,
                run=entry.run,
                mate=entry.mate,
                url=entry.url,
                bytes=entry.bytes,
                md5=entry.md5,
                sha256="",
                source=entry.source,
                resolved_on=today,
            )
        )
    return rows
