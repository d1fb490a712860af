"""Small delimited tables (sheets, contrasts) as lists of strings; without pandas, so that a start is quick."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from acuomics.inputs.text import read_text
from acuomics.inputs.words import some
from acuomics.problems import Problems

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}


@dataclass(frozen=True)
class Table:
    """A table of text: `columns` in the order of the file, and `rows` of as many stripped cells each."""

    file: str
    columns: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> list[str]:
        """Give the cells of one column, in row order."""
        at = self.columns.index(name)
        return [row[at] for row in self.rows]


def separator_of(path: str | Path, name: str | None = None) -> str:
    """Give the separator called `name`, or the one that the file's suffix says (.csv comma, else tab)."""
    if name is not None:
        return SEPARATORS[name]
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    return "," if ".csv" in suffixes else "\t"


def split_rows(lines: Iterable[str], separator: str, file: str, problems: Problems) -> list[list[str]] | None:
    """Split lines into stripped cells, quotes undone; None, and a problem, when a quote is left open."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        problems.add(
            file,
            f"the quotes of a cell do not match ({error})",
            "close the quote, or double a quote that belongs to the text",
            row=f"line {reader.line_num}",
        )
        return None


def check_header(
    columns: list[str], line: str, separator: str, file: str, where: str | None, problems: Problems
) -> None:
    """Complain about a header of one column (a comment, or the wrong separator) and about repeated names.

    `where` is the key that declares the separator, for the mend; None when there is none to declare.
    """
    if len(columns) == 1 and line.startswith("#"):
        problems.add(
            file,
            "the first line is a comment, where the header must stand",
            "remove the lines above the header",
            row="header",
            value=line,
        )
    elif len(columns) == 1:
        found = {name: line.count(sign) for name, sign in SEPARATORS.items() if sign != separator}
        best = max(found, key=lambda name: found[name])
        used = next((name for name, sign in SEPARATORS.items() if sign == separator), repr(separator))
        if found[best]:
            message = f"only one column with the separator {used}; {best} seems right ({found[best]} in the header)"
            fix = f"set {where} to {best}" if where else f"separate the cells by {used}"
        else:
            message, fix = "the table has only one column", "put the other columns there, or mend the separator"
        problems.add(file, message, fix, row="header", value=line)
    twice = [name for name, n in Counter(columns).items() if n > 1]
    if twice:
        problems.add(
            file,
            f"column name used more than once: {some([repr(name) for name in twice])}",
            "give every column a name of its own",
            row="header",
            column=twice[0],
        )


def read_table(path: str | Path, separator: str, problems: Problems, *, where: str | None = None) -> Table | None:
    """Read a small table with a header; a header one cell short (R's row names) gets an unnamed first column.

    Returns None when a fault was found: whatever `read_text` finds, one column only, repeated column names,
    no rows, rows of another length.
    """
    file = str(path)
    text = read_text(path, problems)
    if text is None:
        return None
    before = len(problems.found)
    records = split_rows(io.StringIO(text), separator, file, problems)
    if records is None:
        return None
    while records and not any(records[-1]):
        records.pop()
    if not records:
        problems.add(file, "the file has no cell with text", "fetch the file again, or write its content")
        return None
    columns, rows = records[0], records[1:]
    if rows and len(columns) > 1 and all(len(row) == len(columns) + 1 for row in rows):
        columns = ["", *columns]
    check_header(columns, text.split("\n", 1)[0], separator, file, where, problems)
    if len(problems.found) > before:
        return None
    if not rows:
        problems.add(file, "the table has a header and no rows", "add a row for each entry")
    ragged = [(number, len(row)) for number, row in enumerate(rows, start=1) if len(row) != len(columns)]
    if ragged:
        more = [f"row {row} ({width})" for row, width in ragged[1:3]]
        problems.add(
            file,
            f"{ragged[0][1]} cells where the header has {len(columns)}"
            + (f" ({len(ragged)} such rows; also {', '.join(more)})" if more else ""),
            "add or remove separators so that every row has one cell a column",
            row=ragged[0][0],
        )
    return None if len(problems.found) > before else Table(file, columns, rows)


def has_columns(table: Table, columns: Sequence[str], problems: Problems) -> bool:
    """Whether a table has all these columns (others are no matter); each that is missing is a problem."""
    absent = [name for name in columns if name not in table.columns]
    for name in absent:
        fix = f"the columns are {', '.join(columns)}"
        problems.add(table.file, "the column is missing", fix, row="header", column=name)
    return not absent
