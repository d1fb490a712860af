"""Library kits: what stands around an insert in a read, from ``resources/adapters/kits.tsv``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

COLUMNS = ("kit", "adapter3", "umi_position", "umi_length", "random5", "random3", "head5", "tail", "source")
UMI_POSITIONS = ("none", "after_adapter")
#: Two bits a base in the tag of an insert (`trim`).
LONGEST_UMI = 12
_SHORTEST_ADAPTER = 8


@dataclass(frozen=True)
class Kit:
    """What a read holds: head5, random5, insert, random3, adapter3, UMI (5' to 3').

    Parameters
    ----------
    kit : str
        Its name.
    adapter3 : str
        3' adapter as it stands in the read; empty when the reads are already trimmed. For a tail, its bases.
    umi_length : int
        Bases of the unique molecular identifier right after the adapter; 0 for none.
    random5, random3 : int
        Random bases between insert and adapter, at the 5' and the 3' end.
    head5 : int
        Fixed bases before all that (template switching, in-line barcode).
    tail : str
        The base of a homopolymer tail that is the adapter; the insert loses its own last bases of that kind.
    source : str
        Who says so.
    """

    kit: str
    adapter3: str
    umi_length: int = 0
    random5: int = 0
    random3: int = 0
    head5: int = 0
    tail: str = ""
    source: str = ""


#: Reads that hold the insert and nothing else.
TRIMMED = Kit("trimmed", "", source="the reads")


@dataclass(frozen=True)
class Trimming:
    """How reads are trimmed.

    Parameters
    ----------
    min_length : int
        Shortest insert that is counted, nt.
    dimer_length : int
        Shorter inserts are adapter dimers, nt.
    min_overlap : int
        Fewest adapter bases that a read must end with, nt.
    error_rate : float
        Substitutions forgiven a base of overlap (at most 3 in all).
    """

    min_length: int = 16
    dimer_length: int = 5
    min_overlap: int = 8
    error_rate: float = 0.1


def read_kits(path: str | Path, problems: Problems) -> list[Kit]:
    """Read the table of kits; rows with a fault become problems and are left out."""
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return []
    kits: list[Kit] = []
    for number, cells in enumerate(table.rows, start=1):
        row = dict(zip(table.columns, cells, strict=True))
        before = len(problems.found)

        def fault(column: str, message: str, fix: str, number: int = number, row: dict[str, str] = row) -> None:
            problems.add(table.file, message, fix, row=number, column=column, value=row[column])

        if not row["kit"] or row["kit"] in {kit.kit for kit in kits}:
            fault("kit", "the name is empty or used before", "give every kit a name of its own")
        if not re.fullmatch(f"[ACGT]{{{_SHORTEST_ADAPTER},}}", row["adapter3"]):
            fault("adapter3", "not an adapter", f"write at least {_SHORTEST_ADAPTER} of the letters A, C, G, T")
        if row["umi_position"] not in UMI_POSITIONS:
            fault("umi_position", f"none of {some(UMI_POSITIONS)}", did_you_mean(row["umi_position"], UMI_POSITIONS))
        if row["tail"] not in ("", "A", "C", "G", "T") or (row["tail"] and set(row["adapter3"]) != {row["tail"]}):
            fault("tail", "not the one base that adapter3 consists of", "leave it empty, or write that base")
        for column in ("umi_length", "random5", "random3", "head5"):
            if not re.fullmatch("[0-9]{1,2}", row[column]):
                fault(column, "not a number of bases", "write a whole number from 0 to 99")
        if len(problems.found) > before:
            continue
        umi = int(row["umi_length"])
        if (umi > 0) != (row["umi_position"] == "after_adapter") or umi > LONGEST_UMI:
            fault("umi_length", "does not go with umi_position", f"0 without a UMI, else 1 to {LONGEST_UMI}")
            continue
        kits.append(
            Kit(
                row["kit"],
                row["adapter3"],
                umi,
                int(row["random5"]),
                int(row["random3"]),
                int(row["head5"]),
                row["tail"],
                row["source"],
            )
        )
    return kits
