"""A table for spreadsheets (XLSX) from a TSV file: names stay text, so that none becomes a date or a formula.

XlsxWriter makes the workbook; the rows, of which there are tens of thousands, are put into its sheet as text: cell by
cell it would need seven times as long. Times in the file are fixed: the same table gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from acuomics.files import atomic_path

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# Letters that XML 1.0 has no place for.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Identifiers that look like numbers are names.
NAMES = frozenset(
    ("feature", "symbol", "label", "identifier", "mimat", "ncbi_gene", "ensembl_gene", "sample", "subject", "claim")
)
ROWS_OF_A_SHEET = 1_048_576
LETTERS_OF_A_CELL = 32_767
MADE = datetime(2000, 1, 1, tzinfo=UTC)


def write_xlsx(table: str | Path, workbook: str | Path, sheet: str = "table") -> None:
    """Write a TSV file as XLSX.

    Parameters
    ----------
    table : path
        Tab separated, UTF-8, with a header; ``NA`` is an empty cell of the sheet.
    workbook : path
        The file to write. A column of which every value is a number is one of numbers, unless it is named like an
        identifier (`NAMES`); all others are text. Rows beyond what a sheet can hold are left out, and the last says so.
    sheet : str
        Name of the sheet, at most 31 letters.
    """
    lines = Path(table).read_text(encoding="utf-8").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    head = lines[0].split("\t") if lines else []
    rows = [line.split("\t") for line in lines[1:ROWS_OF_A_SHEET]]
    if len(lines) > ROWS_OF_A_SHEET:
        rows[-1] = [f"{len(lines) - ROWS_OF_A_SHEET + 1:,} rows have no room here; see the TSV file"]
    width = len(head)
    # A row that is too short or too long cannot be put into columns; what there is of it is kept.
    rows = [row if len(row) == width else (row + ["NA"] * width)[:width] for row in rows]
    content = sheet_data(head, [list(column) for column in zip(*rows, strict=True)] or [[] for _ in head])
    _write_parts(_empty_workbook(sheet, len(head), len(rows)), content, Path(workbook))


def sheet_data(head: list[str], columns: list[list[str]]) -> str:
    """The rows of a sheet as XML; `columns` holds the text of every cell, in the order of `head`."""
    letters = [_letters(at) for at in range(len(head))]
    title = "".join(f'<c r="{letter}1" s="1"{_text(name)}</c>' for letter, name in zip(letters, head, strict=True))
    cells = []
    for letter, name, values in zip(letters, head, columns, strict=True):
        # Most words of a column stand in many of its rows: each is written out once.
        different = dict.fromkeys(values)
        different.pop("NA", None)
        different.pop("", None)
        number = name not in NAMES and all(map(NUMBER.fullmatch, different))
        content = {value: f"><v>{value}</v></c>" if number else f"{_text(value)}</c>" for value in different}
        start = f'<c r="{letter}'
        cells.append(
            [f'{start}{at}"{content[value]}' if value in content else "" for at, value in enumerate(values, 2)]
        )
    body = "".join(f'<row r="{at}">{"".join(row)}</row>' for at, row in enumerate(zip(*cells, strict=True), 2))
    return f'<sheetData><row r="1">{title}</row>{body}</sheetData>'


def _text(text: str) -> str:
    """The rest of a cell of text, behind its address."""
    if "&" in text or "<" in text or ">" in text or not text.isprintable() or len(text) > LETTERS_OF_A_CELL:
        text = escape(FORBIDDEN.sub("\ufffd", text[:LETTERS_OF_A_CELL]))
    space = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
    return f' t="inlineStr"><is><t{space}>{text}</t></is>'


def _letters(at: int) -> str:
    name, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def _empty_workbook(sheet: str, width: int, length: int) -> bytes:
    """A workbook with one sheet without rows, its head fixed and ready to filter."""
    import xlsxwriter  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        book.set_properties({"created": MADE})
        bold = book.add_format({"bold": True})
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", "_", sheet)[:31] or "table")
        page.freeze_panes(1, 1)
        page.set_column(0, max(width - 1, 0), 14)
        if width:
            page.write_string(0, 0, "", bold)
            page.autofilter(0, 0, length, width - 1)
    return buffer.getvalue()


def _write_parts(empty: bytes, content: str, path: Path) -> None:
    with (
        zipfile.ZipFile(io.BytesIO(empty)) as parts,
        atomic_path(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=2) as written,
    ):
        for name in sorted(parts.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            text = parts.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text = re.sub(r"<dimension [^>]*/>", "", text)
                # A function as replacement: the text is taken as it is.
                text = re.sub(r"<sheetData\s*/>|<sheetData>.*?</sheetData>", lambda _: content, text, flags=re.DOTALL)
            part = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(part, text, compresslevel=2)
