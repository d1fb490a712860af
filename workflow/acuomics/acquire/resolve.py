"""From accessions and lists to `files.tsv`: found, matched with the sample sheet, checked, written once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from acuomics.acquire.accessions import check_accession
from acuomics.acquire.ask import Archive
from acuomics.acquire.ena import PORTAL, resolve_ena
from acuomics.acquire.faults import Final
from acuomics.acquire.found import Found, deposits_of
from acuomics.acquire.geo import GEO, resolve_geo, resolve_geo_reads
from acuomics.acquire.plain import resolve_list
from acuomics.acquire.settings import Pace, Settings
from acuomics.acquire.table import (
    Deposit,
    check_against_sheet,
    check_cells,
    check_deposits,
    files_table,
    read_files_table,
    sheet_rows,
    write_files_table,
)
from acuomics.problems import Problems


@dataclass(frozen=True)
class Places:
    """Addresses of the archives; mirrors may stand in."""

    portal: str = PORTAL
    geo: str = GEO


def resolve(
    accessions: Sequence[str],
    urls: str | Path | None,
    sheet: str | Path | None,
    *,
    reads: bool = False,
    table: str = "files.tsv",
    settings: Settings | None = None,
    places: Places | None = None,
    pace: Pace | None = None,
) -> list[Deposit]:
    """Find the deposited files of a study.

    Parameters
    ----------
    accessions : sequence of str
        ENA, SRA, DDBJ or GEO accessions; one of GSA needs `urls`.
    urls : str, Path or None
        A list of URLs and local paths (see `resolve_list`).
    sheet : str, Path or None
        The sample sheet; None or absent: there is none yet.
    reads : bool
        Whether a GEO series stands for the reads of its samples rather than for its supplementary files.
    table : str
        Name of the table to come, for the problems.
    settings, places, pace : optional
        Patience, addresses and clock.

    Returns
    -------
    list of Deposit
        The rows of ``files.tsv``.

    Raises
    ------
    InputError
        With every fault: unknown grammar, no files, one mate of a pair, runs or names twice, a file without MD5 where
        the archive deposits them, samples of the sheet without a file and files without a sample.
    """
    places, pace, problems = places or Places(), pace or Pace(), Problems()
    kinds = [(name, check_accession(name, problems, by_list=urls is not None)) for name in accessions]
    if not accessions and urls is None:
        problems.add("accession", "nothing to resolve", "give --accession or --urls")
    rows = sheet_rows(sheet, problems)
    problems.raise_if_any("nothing was written")
    found: list[Found] = []
    if urls is not None:
        gsa = any(kind is not None and kind.archive == "gsa" for _, kind in kinds)
        found += resolve_list(urls, "gsa" if gsa else None, {cell for row in rows for cell in row.values()}, problems)
    with Archive(settings or Settings(), pace) as archive:
        for name, kind in kinds:
            try:
                if kind is not None and kind.archive == "ena":
                    found += resolve_ena(name, archive, problems, places.portal)
                elif kind is not None and kind.archive == "geo":
                    if reads and name.startswith("GSE"):
                        found += resolve_geo_reads(name, archive, problems, places.geo, places.portal)
                    else:
                        found += resolve_geo(name, archive, problems, places.geo)
            except Final as fault:
                problems.found.append(fault.problem)
    deposits = deposits_of(found, rows, pace.today())
    if not problems.found:
        for number, deposit in enumerate(deposits, start=1):
            check_cells(deposit.row(), table, number, problems)
        check_deposits([deposit.row() for deposit in deposits], table, problems)
        if rows:
            check_against_sheet(deposits, [row["sample"] for row in rows], table, str(sheet), problems)
    problems.raise_if_any("nothing was written")
    return deposits


def write_resolved(deposits: Sequence[Deposit], path: str | Path, *, force: bool = False) -> bool:
    """Write ``files.tsv`` unless what stands there says something else.

    Parameters
    ----------
    deposits : sequence of Deposit
        The rows.
    path : str or Path
        The table.
    force : bool
        Write also over other content.

    Returns
    -------
    bool
        Whether it was written; a table that differs in nothing but the date of resolution stays as it is.

    Raises
    ------
    InputError
        When another table stands there and `force` is not given, with what differs, file by file.
    """
    path = Path(path)
    if path.exists():
        faults = Problems()
        old = read_files_table(path, faults)
        if not faults.found and _undated(old) == _undated(deposits):
            return False
        if not force:
            problems = Problems()
            for message, name in _differences(old, deposits) or [("it has faults", "")]:
                fix = "look at the archive's page for the reason; --force writes the new table over the old one"
                problems.add(path, message, fix, value=name or None)
            problems.raise_if_any("nothing was written")
    write_files_table(deposits, path)
    return True


def _undated(deposits: Sequence[Deposit]) -> str:
    return files_table([replace(deposit, resolved_on="") for deposit in deposits])


def _differences(old: Sequence[Deposit], new: Sequence[Deposit]) -> list[tuple[str, str]]:
    """Say, file by file, how two tables differ."""
    before, after = ({deposit.file: deposit.row() for deposit in table} for table in (old, new))
    said = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            said.append(("the file stands in the table and is no longer found", name))
        elif name not in before:
            said.append(("the file was found and does not stand in the table", name))
        else:
            changed = [c for c in before[name] if c != "resolved_on" and before[name][c] != after[name][c]]
            if changed:
                cells = "; ".join(f"{c} {before[name][c] or 'empty'} -> {after[name][c] or 'empty'}" for c in changed)
                said.append((f"the table says otherwise: {cells}", name))
    return said
