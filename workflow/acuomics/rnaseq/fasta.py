"""FASTA files of bases: their lines, and what they hold, whole or not at all."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from acuomics.inputs.text import GZIP_MAGIC
from acuomics.inputs.words import some
from acuomics.problems import Problems

#: Length of the words that kallisto and salmon look up: no read can be found on a shorter sequence.
WORD = 31
#: Fewer letters than this share that are bases: proteins, or no sequence at all.
_LEAST_BASES = 0.9
_NOT_BASE = re.compile(r"[^ACGTUNacgtun]")


@dataclass
class FastaRecord:
    """One entry: the words of its header without ``>``, how many letters follow, and how many of them are bases."""

    name: str
    header: str
    line: int
    length: int = 0
    bases: int = 0


def fasta_files(fasta: str | Path | Sequence[str | Path]) -> list[Path]:
    """Give the files of a reference, which is one file or several."""
    return [Path(fasta)] if isinstance(fasta, str | Path) else [Path(path) for path in fasta]


def fasta_lines(path: str | Path) -> Iterator[str]:
    """Give the lines of a FASTA file, gzipped or not, one at a time (a transcriptome does not fit in small memory)."""
    path = Path(path)
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
    with gzip.open(path, "rt", encoding="ascii") if packed else path.open(encoding="ascii") as lines:
        yield from lines


def fasta_sequences(fasta: str | Path | Sequence[str | Path]) -> Iterator[tuple[str, str]]:
    """Give name and sequence (upper case, T for U) of every entry of files that were found whole (`read_records`)."""
    name, parts = "", list[str]()
    for line in (line for path in fasta_files(fasta) for line in fasta_lines(path)):
        if line.startswith(">"):
            if name:
                yield name, "".join(parts).upper().replace("U", "T")
            name, parts = line[1:].split(None, 1)[0], []
        else:
            parts.append(line.strip())
    if name:
        yield name, "".join(parts).upper().replace("U", "T")


def read_records(path: Path, problems: Problems, fix: str) -> list[FastaRecord]:
    """Read what a FASTA file of bases holds.

    Parameters
    ----------
    path : Path
    problems : Problems
        Takes the faults: no FASTA, cut short, empty, proteins, names twice, nothing of `WORD` bases.
    fix : str
        What to do about a file of another kind.
    """
    records = _records(path, problems, fix)
    _check(path, records, problems, fix)
    return records


def _records(path: Path, problems: Problems, fix: str) -> list[FastaRecord]:
    records: list[FastaRecord] = []
    again = "fetch the file again and compare its size and checksum with the source"
    try:
        for number, line in enumerate(fasta_lines(path), start=1):
            text = line.strip()
            if line.startswith(">"):
                header = text[1:].strip()
                records.append(FastaRecord(header.split(None, 1)[0] if header else "", header, number))
            elif records:
                records[-1].length += len(text)
                records[-1].bases += len(text) - len(_NOT_BASE.findall(text))
            elif text:
                what = "this is FASTQ" if text.startswith("@") else "the first line does not start with '>'"
                problems.add(path, f"this is no FASTA: {what}", fix, row=f"line {number}", value=text)
                return []
    except FileNotFoundError:
        problems.add(path, "the file does not exist", "mend the path or put the file there")
    except IsADirectoryError:
        problems.add(path, "this is a folder, not a file", fix)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problems.add(path, f"the gzip file is cut short or damaged ({error})", again)
    except UnicodeDecodeError:
        problems.add(path, "this is no text, or has letters that no sequence has", fix)
    except OSError as error:
        problems.add(path, f"the file cannot be read ({error.strerror})", "mend its permissions")
    else:
        if not records:
            problems.add(path, "the file has no sequences: it is empty", again)
        return records
    return []


def _check(path: Path, records: list[FastaRecord], problems: Problems, fix: str) -> None:
    seen: dict[str, int] = {}
    twice: list[FastaRecord] = []
    for record in records:
        if seen.setdefault(record.name, record.line) != record.line:
            twice.append(record)
    if twice:
        first = twice[0]
        problems.add(
            path,
            f"{len(twice)} names stand there more than once ({some([r.name for r in twice])}); the first of"
            f" them is also in line {seen[first.name]}",
            "keep one entry a name: the same file may have been put in twice",
            row=f"line {first.line}",
            value=first.name,
        )
    nameless = [record for record in records if not record.name]
    if nameless:
        problems.add(path, "a header without a name", "write the name after '>'", row=f"line {nameless[0].line}")
    letters = sum(record.length for record in records)
    bases = sum(record.bases for record in records)
    if records and not letters:
        problems.add(path, "headers without any sequence", "fetch the file again")
    elif empty := [record for record in records if not record.length]:
        message = f"{len(empty)} headers without a sequence ({some([record.name for record in empty])})"
        problems.add(path, message, "fetch the file again, or take these out", row=f"line {empty[0].line}")
    elif letters and bases < _LEAST_BASES * letters:
        message = f"only {bases / letters:.0%} of the letters are bases: proteins, or another kind of file"
        problems.add(path, message, fix)
    elif records and max(record.length for record in records) < WORD:
        message = f"the longest of {len(records)} sequences has {max(r.length for r in records)} bases, under {WORD}"
        problems.add(path, message, f"no read can be found on these; {fix}")
