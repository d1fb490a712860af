"""`files.tsv`: the deposited files of a study, resolved once and committed; read, checked and written here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from acuomics.files import write_text
from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

SOURCES = ("ena", "geo", "gsa", "url", "local")
#: Ends of the names of files that the fetch itself puts beside a deposit.
OWN_SUFFIXES = (".part", ".part.json", ".receipt.json")
_HASHES = {"md5": re.compile(r"[0-9a-f]{32}"), "sha256": re.compile(r"[0-9a-f]{64}")}
_NAME = re.compile(r"[^\s./\\-][^\s/\\\x00-\x1f]*")


@dataclass(frozen=True)
class Deposit:
    """One deposited file: a row of ``files.tsv``.

    Parameters
    ----------
    file : str
        Its name below ``results/<study>/acquire/``.
    sample, run, mate : str
        The sample of the sheet (empty: a file of the whole series), the sequencing run, and 1 or 2 of a pair.
    url : str
        http, https or file URL, or a local path.
    bytes : int or None
        Deposited size.
    md5, sha256 : str
        Deposited hashes in small hexadecimal digits; empty where the archive gives none.
    source : str
        ``ena``, ``geo``, ``gsa``, ``url`` or ``local``.
    resolved_on : str
        Date (YYYY-MM-DD).
    """

    file: str
    sample: str
    run: str
    mate: str
    url: str
    bytes: int | None
    md5: str
    sha256: str
    source: str
    resolved_on: str

    def row(self) -> dict[str, str]:
        """Give the cells as text, as they stand in the table."""
        return {name: "" if value is None else str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_row(cls, cells: dict[str, str]) -> Deposit:
        """Make a deposit of the cells of a checked row."""
        return cls(**{**cells, "bytes": int(cells["bytes"]) if cells["bytes"] else None})  # type: ignore[arg-type]

    @property
    def is_local(self) -> bool:
        """Whether the file comes from a disk and not from the network."""
        return not self.url.lower().startswith(("http://", "https://"))


COLUMNS = tuple(field.name for field in fields(Deposit))


def read_files_table(path: str | Path, problems: Problems) -> list[Deposit]:
    """Read and check ``files.tsv``.

    Parameters
    ----------
    path : str or Path
        The table.
    problems : Problems
        Takes every fault: a missing column, a cell that cannot be, a name or a run given twice, one mate of a pair.

    Returns
    -------
    list of Deposit
        The rows without faults, in the order of the table.
    """
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return []
    rows = [{name: row[table.columns.index(name)] for name in COLUMNS} for row in table.rows]
    good: list[Deposit] = []
    for number, cells in enumerate(rows, start=1):
        before = len(problems.found)
        check_cells(cells, str(path), number, problems)
        if len(problems.found) == before:
            good.append(Deposit.from_row(cells))
    check_deposits([row for row in rows if row["file"]], str(path), problems)
    return good


def check_cells(cells: dict[str, str], file: str, number: int, problems: Problems) -> None:
    """Check each cell of a row by itself; `number` is the row, from 1."""

    def bad(column: str, message: str, fix: str) -> None:
        problems.add(file, message, fix, row=number, column=column, value=cells[column])

    name = cells["file"]
    if not _NAME.fullmatch(name):
        bad("file", "not a plain file name", "give a name without spaces and slashes that begins with no dot or dash")
    elif name.endswith(OWN_SUFFIXES):
        bad("file", f"names that end in {', '.join(OWN_SUFFIXES)} are the fetch's own", "choose another name")
    if cells["mate"] not in ("", "1", "2"):
        bad("mate", "a mate is 1, 2 or empty", "write 1 for the first reads of a pair, 2 for the second")
    if cells["mate"] and not cells["run"]:
        bad("run", "a mate belongs to a run", "name the run")
    if cells["bytes"] and not re.fullmatch(r"[1-9][0-9]*", cells["bytes"]):
        bad("bytes", "a size is a whole number above 0", "write the size in bytes, or leave the cell empty")
    for column, pattern in _HASHES.items():
        if cells[column] and not pattern.fullmatch(cells[column]):
            length = 32 if column == "md5" else 64
            bad(column, f"not {length} small hexadecimal digits", "copy the hash again, or leave the cell empty")
    if cells["source"] not in SOURCES:
        bad("source", f"not one of {', '.join(SOURCES)}", did_you_mean(cells["source"], SOURCES) or "write one of them")
    try:
        date.fromisoformat(cells["resolved_on"])
    except ValueError:
        bad("resolved_on", "not a date", "write YYYY-MM-DD")
    message = url_fault(cells["url"])
    if message:
        bad("url", message, "give a URL that begins with https://, http:// or file:///, or a local path")


def url_fault(url: str) -> str | None:
    """Say why a file cannot be fetched from `url`; None when it can be tried."""
    if not url:
        return "no URL"
    scheme, separator, _ = url.partition("://")
    if not separator:
        return _split_fault(url)
    if scheme.lower() not in ("http", "https", "file"):
        return f"the scheme {scheme} is not spoken here"
    if message := _split_fault(url):
        return message
    parts = urlsplit(url)
    if scheme.lower() == "file":
        return "a file URL names no host" if parts.netloc not in ("", "localhost") else None
    return None if parts.hostname else "the URL names no host"


def _split_fault(url: str) -> str | None:
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        return f"not a URL ({error})"
    return None


def check_deposits(rows: Sequence[dict[str, str]], file: str, problems: Problems) -> None:
    """Check the rows against each other: names, runs and addresses once, both mates of a pair."""
    for what, column in (("file name", "file"), ("URL", "url")):
        first: dict[str, int] = {}
        for number, row in enumerate(rows, start=1):
            if row[column] and first.setdefault(row[column], number) != number:
                problems.add(
                    file,
                    f"the {what} is given twice (first in row {first[row[column]]})",
                    "keep one of the two rows",
                    row=number,
                    column=column,
                    value=row[column],
                )
    runs: dict[str, dict[str, int]] = {}
    for number, row in enumerate(rows, start=1):
        if not row["run"]:
            continue
        mates = runs.setdefault(row["run"], {})
        if mates.setdefault(row["mate"], number) != number:
            which = f"mate {row['mate']} of the run" if row["mate"] else "the run"
            problems.add(
                file,
                f"{which} is given twice (first in row {mates[row['mate']]})",
                "remove the row that is not deposited; parts of a run need run names of their own",
                row=number,
                column="run",
                value=row["run"],
            )
    for run, mates in runs.items():
        if ("1" in mates) != ("2" in mates):
            there = "1" if "1" in mates else "2"
            problems.add(
                file,
                f"a paired run with mate {there} only",
                f"add the row of mate {'2' if there == '1' else '1'}, or empty the cell mate if the run is single-end",
                row=mates[there],
                column="mate",
                value=run,
            )
    owners: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        if row["run"] and owners.setdefault(row["run"], row["sample"]) != row["sample"]:
            problems.add(
                file,
                f"the run belongs to two samples, {owners[row['run']]!r} and {row['sample']!r}",
                "a run is of one sample: mend the column sample",
                row=number,
                column="sample",
                value=row["run"],
            )


def sheet_rows(sheet: str | Path | None, problems: Problems) -> list[dict[str, str]]:
    """Read the rows of a sample sheet with its column ``sample``; none when there is no sheet."""
    if sheet is None or not Path(sheet).is_file():
        return []
    table = read_table(sheet, "\t", problems)
    if table is None or not has_columns(table, ["sample"], problems):
        return []
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def check_against_sheet(
    deposits: Iterable[Deposit], samples: Iterable[str], file: str, sheet: str, problems: Problems
) -> None:
    """Check that the samples of the sheet and those of the deposited files are the same.

    Parameters
    ----------
    deposits : iterable of Deposit
        Files without a sample are passed over: they belong to the whole series.
    samples : iterable of str
        Names of the sheet, also of samples that the study leaves out.
    file, sheet : str
        The tables, for the problems.
    problems : Problems
        Takes the faults.
    """
    known = list(dict.fromkeys(samples))
    named = list(dict.fromkeys(deposit.sample for deposit in deposits if deposit.sample))
    if not named:
        return
    strangers = [name for name in named if name not in known]
    if strangers:
        hint = did_you_mean(strangers[0], known)
        problems.add(
            file,
            f"{len(strangers)} of {len(named)} samples are not in {sheet}: {some(strangers, 8)}",
            f"{hint} write the names of the sheet into the column sample, or add the samples to the sheet".strip(),
            column="sample",
            value=strangers[0],
        )
    without = [name for name in known if name not in named]
    if without:
        problems.add(
            sheet,
            f"{len(without)} of {len(known)} samples have no file in {file}: {some(without, 8)}",
            "name the files of the sample there, or remove it from the sheet and say why",
            column="sample",
            value=without[0],
        )


def files_table(deposits: Iterable[Deposit]) -> str:
    """Give the text of ``files.tsv``, rows sorted by sample, run, mate and file."""
    rows = [d.row() for d in sorted(deposits, key=lambda d: (d.sample, d.run, d.mate, d.file))]
    return "".join("\t".join(cells) + "\n" for cells in [COLUMNS, *[[row[name] for name in COLUMNS] for row in rows]])


def write_files_table(deposits: Iterable[Deposit], path: str | Path) -> None:
    """Write ``files.tsv`` atomically."""
    write_text(files_table(deposits), path)
