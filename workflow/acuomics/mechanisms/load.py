"""The curated tables of analgesia mechanisms: read, checked and hashed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd

from acuomics.mechanisms.signs import SIGN_COLUMNS, read_sign
from acuomics.problems import Problems

# NCBI taxon to the columns of genes.tsv and the species code of miRBase.
SPECIES: Mapping[int, tuple[str, str]] = {
    9606: ("human", "hsa"),
    10090: ("mouse", "mmu"),
    10116: ("rat", "rno"),
}

DIRECTION_RULES = ("strong", "weak", "none")

# The columns that are used, a table each; the tables have more.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "genes": (
        "mechanism_id",
        "mechanism",
        "tier",
        "role",
        "direction_rule",
        "expected_transcript_sign",
        "member_evidence",
        *(f"ncbi_{species}" for species, _ in SPECIES.values()),
        *(f"{species}_symbol" for species, _ in SPECIES.values()),
        *(f"ncbi_{species}_status" for species, _ in SPECIES.values()),
    ),
    "mechanisms": ("mechanism_id", "mechanism", "tier", "conflict_groups", "sign_status", *SIGN_COLUMNS),
    "mirnas": (
        "entry_id",
        "tier",
        "seed_literal",
        "species",
        "mature_name_miRBase_v22",
        "mimat",
        "mechanism_id",
        "claim_direction",
        "claim_tissue",
        "evidence",
    ),
    "assertions": (
        "assertion_id",
        "mechanism_id",
        "level",
        "site_ontology_ids",
        "ref_resolved",
        "external_refs",
        "conflict_group",
    ),
    "conflicts": ("conflict_group", "assertion_ids"),
    "levels": ("level", "ontology_ids"),
}


@dataclass(frozen=True)
class MechanismSet:
    """The curated tables, every cell a string and empty cells empty strings.

    Parameters
    ----------
    genes, mechanisms, mirnas, assertions, conflicts, levels : pandas.DataFrame
        The tables; `resources/mechanisms/README.md` says what each is.
    hashes : mapping of str to str
        File name to the SHA-256 of its bytes.
    """

    genes: pd.DataFrame
    mechanisms: pd.DataFrame
    mirnas: pd.DataFrame
    assertions: pd.DataFrame
    conflicts: pd.DataFrame
    levels: pd.DataFrame
    hashes: Mapping[str, str]

    @property
    def set_hash(self) -> str:
        """SHA-256 over the sorted lines ``<hash of the file>  <name of the file>``."""
        lines = "".join(f"{self.hashes[name]}  {name}\n" for name in sorted(self.hashes))
        return hashlib.sha256(lines.encode()).hexdigest()


def load_mechanisms(files: Iterable[str | Path]) -> MechanismSet:
    """Read and check the curated tables.

    Parameters
    ----------
    files : iterable of path
        ``genes.tsv, mechanisms.tsv, mirnas.tsv, assertions.tsv, conflicts.tsv, levels.tsv``, in any order.

    Returns
    -------
    MechanismSet
        The tables with their hashes.

    Raises
    ------
    InputError
        With every fault found: missing files and columns, repeated keys, ids of the wrong shape, a symbol
        with two ids, mechanisms and conflict groups that no table defines, direction rules and signs
        outside their vocabulary.
    """
    problems = Problems()
    tables: dict[str, pd.DataFrame] = {}
    hashes: dict[str, str] = {}
    paths = {Path(file).stem: Path(file) for file in files}
    for name in COLUMNS:
        if name not in paths:
            problems.add(f"{name}.tsv", "the table is missing from the curated set", "restore the file")
            continue
        table = _read(paths[name], COLUMNS[name], problems)
        if table is not None:
            tables[name] = table
            hashes[paths[name].name] = hashlib.sha256(paths[name].read_bytes()).hexdigest()
    problems.raise_if_any()
    curated = MechanismSet(**tables, hashes=hashes)
    check_mechanisms(curated).raise_if_any()
    return curated


def check_mechanisms(curated: MechanismSet) -> Problems:
    """Collect the contradictions within and between the tables (see `load_mechanisms`)."""
    problems = Problems()
    known = set(curated.mechanisms["mechanism_id"])
    _unique(curated.mechanisms, "mechanisms.tsv", ["mechanism_id"], problems)
    _unique(curated.assertions, "assertions.tsv", ["assertion_id"], problems)
    _unique(curated.conflicts, "conflicts.tsv", ["conflict_group"], problems)
    _unique(curated.levels, "levels.tsv", ["level"], problems)
    _unique(curated.mirnas, "mirnas.tsv", ["mimat", "mechanism_id"], problems)
    for name, table in (
        ("genes", curated.genes),
        ("mirnas", curated.mirnas),
        ("assertions", curated.assertions),
    ):
        for row, cell in enumerate(table["mechanism_id"], start=1):
            for mechanism in filter(None, cell.split("|")):
                if mechanism not in known:
                    problems.add(
                        f"{name}.tsv",
                        "mechanisms.tsv does not define this mechanism",
                        row=row,
                        column="mechanism_id",
                        value=mechanism,
                    )
    groups = set(curated.conflicts["conflict_group"])
    for row, cell in enumerate(curated.mechanisms["conflict_groups"], start=1):
        for group in filter(None, cell.split("|")):
            if group not in groups:
                problems.add(
                    "mechanisms.tsv",
                    "conflicts.tsv does not define this group",
                    row=row,
                    column="conflict_groups",
                    value=group,
                )
    _check_genes(curated.genes, problems)
    _shape(curated.mirnas, "mirnas.tsv", "mimat", r"MIMAT\d{7}", problems)
    for row, mechanism in enumerate(curated.mechanisms.to_dict("records"), start=1):
        for column in SIGN_COLUMNS:
            if read_sign(mechanism[column], mechanism["sign_status"]) is None:
                problems.add(
                    "mechanisms.tsv",
                    "a sign that nobody can read",
                    "see resources/mechanisms/README.md for what may stand here",
                    row=row,
                    column=column,
                    value=mechanism[column],
                )
    return problems


def _check_genes(genes: pd.DataFrame, problems: Problems) -> None:
    file = "genes.tsv"
    for column, allowed in (
        ("direction_rule", DIRECTION_RULES),
        ("expected_transcript_sign", ("-1", "0", "1")),
    ):
        for row, value in enumerate(genes[column], start=1):
            if value not in allowed:
                fix = f"use one of {', '.join(allowed)}"
                problems.add(file, "a value outside the vocabulary", fix, row=row, column=column, value=value)
    for species, _ in SPECIES.values():
        column = f"ncbi_{species}"
        _unique(genes[genes[column] != ""], file, ["mechanism_id", column], problems)
        _shape(genes, file, column, r"[1-9]\d*|", problems)
        ids = genes[genes[column] != ""].groupby(f"{species}_symbol")[column].nunique()
        for symbol in ids.index[ids > 1]:
            problems.add(file, "one symbol has two NCBI Gene ids", column=column, value=symbol)


def _read(path: Path, columns: tuple[str, ...], problems: Problems) -> pd.DataFrame | None:
    """Read one table, or say what is wrong with the file."""
    try:
        text = path.read_bytes().decode("utf-8")
        table = pd.read_csv(StringIO(text), sep="\t", dtype=str, keep_default_na=False)
    except FileNotFoundError:
        problems.add(path.name, "there is no such file", "restore the curated table")
        return None
    except UnicodeDecodeError as error:
        problems.add(path.name, f"no UTF-8 at byte {error.start}", "save the table as UTF-8")
        return None
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        problems.add(path.name, f"no table: {error}", "the tables are tab separated with one header line")
        return None
    missing = [column for column in columns if column not in table.columns]
    for column in missing:
        problems.add(path.name, "the column is missing", column=column)
    if table.empty:
        problems.add(path.name, "the table has no rows")
        return None
    return None if missing else table


def _unique(table: pd.DataFrame, file: str, keys: list[str], problems: Problems) -> None:
    repeated = table[table.duplicated(keys)]
    for index, row in repeated.iterrows():
        problems.add(
            file,
            "this key stands there twice",
            row=int(str(index)) + 1,
            column=", ".join(keys),
            value=", ".join(row[key] for key in keys),
        )


def _shape(table: pd.DataFrame, file: str, column: str, pattern: str, problems: Problems) -> None:
    for row, value in enumerate(table[column], start=1):
        if not re.fullmatch(pattern, value):
            problems.add(file, "an identifier of the wrong shape", row=row, column=column, value=value)
