"""Facts about real miRNAs that simulated reads need: sequences, hairpins, and those of another species."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from acuomics.problems import Problems

FACTS = ("sequence", "precursors", "following")
CONTAMINANT_COLUMNS = ("feature", "symbol", "species", "sequence")
_RNA = re.compile("[ACGU]{16,28}")
_FOLLOWING = re.compile("[ACGU]{1,5}")


@dataclass(frozen=True)
class RealMirna:
    """A real mature miRNA.

    Parameters
    ----------
    accession, name, species : str
        MIMAT accession, miRBase's name, scientific name.
    sequence : str
        The mature, RNA.
    precursors : tuple of (str, str)
        Names and accessions of its hairpins; empty for a miRNA of another species.
    following : str
        Bases that follow the mature in its hairpin, where that matters; else empty.
    """

    accession: str
    name: str
    species: str
    sequence: str
    precursors: tuple[tuple[str, str], ...] = ()
    following: str = ""


def read_listed(features: pd.DataFrame, species: str, *, file: str = "features.tsv") -> list[RealMirna]:
    """Take the facts about the listed miRNAs from the table of features.

    Parameters
    ----------
    features : pandas.DataFrame
        ``feature, symbol`` and `FACTS`: the mature (RNA); its hairpins as ``name:accession``, several separated by
        ``|``; the bases after it in the hairpin, or NA to have them drawn.
    species : str
        The scientific name.
    file : str
        How messages call the table.

    Raises
    ------
    InputError
        With every fault: a missing column, letters that are no RNA, no hairpin, a hairpin named twice (only one mature
        of a hairpin can be simulated).
    """
    problems = Problems()
    for name in FACTS:
        if name not in features.columns:
            fix = f"reads need the columns {', '.join(FACTS)}"
            problems.add(file, "the column is missing", fix, row="header", column=name)
    problems.raise_if_any()
    found: list[RealMirna] = []
    seen: set[str] = set()
    for row, cells in enumerate(features.to_dict("records"), start=1):
        sequence, following = _text(cells["sequence"]), _text(cells["following"])
        _check_sequence(sequence, problems, file, row)
        if following and not _FOLLOWING.fullmatch(following):
            fix = "write one to five of A, C, G, U, or NA"
            problems.add(file, "no RNA", fix, row=row, column="following", value=following)
        precursors = []
        for part in _text(cells["precursors"]).split("|"):
            name, _, accession = part.partition(":")
            if not name or not accession:
                fix = "write name:accession, such as rno-mir-206:MI0000948; several separated by |"
                problems.add(file, "no hairpin", fix, row=row, column="precursors", value=part)
            elif name in seen:
                fix = "list one mature of a hairpin"
                problems.add(file, "the hairpin is named twice", fix, row=row, column="precursors", value=name)
            seen.add(name)
            precursors.append((name, accession))
        name, accession = str(cells["symbol"]), str(cells["feature"])
        found.append(RealMirna(accession, name, species, sequence, tuple(precursors), following))
    problems.raise_if_any()
    return found


def read_contaminants(table: pd.DataFrame, prefix: str, *, file: str = "contaminants.tsv") -> list[RealMirna]:
    """Take the facts about miRNAs of other species.

    Parameters
    ----------
    table : pandas.DataFrame
        `CONTAMINANT_COLUMNS`.
    prefix : str
        miRBase's prefix of the study's own species, which no contaminant may have.
    file : str
        How messages call the table.

    Raises
    ------
    InputError
        With every fault: a missing column, letters that are no RNA, a miRNA of the own species.
    """
    problems = Problems()
    for name in CONTAMINANT_COLUMNS:
        if name not in table.columns:
            fix = f"the columns are {', '.join(CONTAMINANT_COLUMNS)}"
            problems.add(file, "the column is missing", fix, row="header", column=name)
    problems.raise_if_any()
    found: list[RealMirna] = []
    for row, cells in enumerate(table.to_dict("records"), start=1):
        accession, name, species, sequence = (_text(cells[column]) for column in CONTAMINANT_COLUMNS)
        _check_sequence(sequence, problems, file, row)
        if name.lower().startswith(f"{prefix.lower()}-"):
            fix = "list it in features.tsv, or remove it"
            problems.add(file, "a miRNA of the study's own species", fix, row=row, column="symbol", value=name)
        found.append(RealMirna(accession, name, species, sequence))
    problems.raise_if_any()
    return found


def _check_sequence(sequence: str, problems: Problems, file: str, row: int) -> None:
    if not _RNA.fullmatch(sequence):
        fix = "write 16 to 28 of A, C, G, U"
        problems.add(file, "no mature miRNA", fix, row=row, column="sequence", value=sequence)


def _text(value: Any) -> str:
    """Give a cell as text, empty for a missing one."""
    return "" if pd.isna(value) else str(value).strip()
