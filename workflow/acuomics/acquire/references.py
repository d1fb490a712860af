"""The reference tables as files to fetch: rows of ``resources/references/references.tsv`` that have an address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from acuomics.acquire.table import Deposit
from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

COLUMNS = ("reference", "url", "bytes", "sha256", "how", "retrieved_on")


def reference_deposits(path: str | Path, wanted: Sequence[str], problems: Problems) -> list[Deposit]:
    """Give the references to fetch.

    Parameters
    ----------
    path : path
        ``references.tsv``.
    wanted : sequence of str
        Names of references; none: all that have an address.
    problems : Problems
        Takes names that the table does not have, and references that nobody can fetch, with what to do.

    Returns
    -------
    list of Deposit
        Named by reference and the suffixes of its address (``mirbase_mature.fa``). Size and hash are those of the
        table; where it has none they are recorded on first retrieval.
    """
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return []
    rows = {cells[0]: cells for cells in zip(*map(table.column, COLUMNS), strict=True)}
    for name in wanted:
        if name not in rows:
            fix = f"{did_you_mean(name, rows)} the references are {some(sorted(rows), 40)}".strip()
            problems.add(path, "there is no such reference", fix, column="reference", value=name)
        elif not rows[name][1]:
            problems.add(path, f"{name} cannot be fetched", f"place the file yourself: {rows[name][4]}", value=name)
    return [
        Deposit(
            file=name + "".join(PurePosixPath(urlsplit(url).path).suffixes),
            sample="",
            run="",
            mate="",
            url=url,
            bytes=int(size) if size else None,
            md5="",
            sha256=digest,
            source="url",
            resolved_on=day,
        )
        for name, url, size, digest, _, day in rows.values()
        if url and (name in wanted or not wanted)
    ]
