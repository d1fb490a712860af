"""Reads a table of validated miRNA targets (miRTarBase's columns) into one row a miRNA and gene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.catalogue.names.mirna import resolve_mirna
from acuomics.catalogue.names.mirna_table import MirnaNames
from acuomics.catalogue.names.resolution import Resolution
from acuomics.catalogue.names.species import SPECIES
from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.words import some
from acuomics.mechanisms.targets.methods import Method, effect_level_of, methods_in, strength_of
from acuomics.problems import Problems

COLUMNS = (
    "mirtarbase_id",
    "mirna",
    "species_mirna",
    "target_gene",
    "target_entrez",
    "species_target",
    "experiments",
    "pmid",
)

#: Species of the source that are read. Rows of other species are counted and left out.
READ = {species.scientific: species for species in SPECIES if species.taxon in (9606, 10090, 10116)}

TARGET_COLUMNS = (
    "species",
    "mimat",
    "mirna",
    "target_ncbi",
    "symbol",
    "strength",
    "effect_level",
    "methods",
    "pmids",
    "n_records",
    "source_ids",
)

# More rows than this are not spelt out: the file is then of another kind, and the first ones say which.
MOST_PROBLEMS = 5


@dataclass(frozen=True)
class Targets:
    """Validated targets, same species on both sides.

    Attributes
    ----------
    table : DataFrame
        `TARGET_COLUMNS`; `species` is the NCBI taxon (int), lists are joined by ``|``; sorted.
    facts : dict
        ``n_in`` rows read, ``n_out`` pairs, ``merged`` rows that repeat a pair, ``dropped`` (reason to rows),
        ``unresolved_names`` (name to reason), ``pairs_by_species``, ``mirnas_by_species`` (taxon as text).
    """

    table: pd.DataFrame
    facts: dict[str, Any] = field(default_factory=dict)

    def of_species(self, taxon: int) -> pd.DataFrame:
        """Rows of one species."""
        return self.table[self.table["species"] == taxon].reset_index(drop=True)


def read_targets(path: str | Path, names: MirnaNames, methods: Sequence[Method], problems: Problems) -> Targets | None:
    """Read validated targets.

    Parameters
    ----------
    path : str or Path
        TSV, gzipped or not, with `COLUMNS` (others are ignored).
    names : MirnaNames
        miRNA names to accessions. A name that it does not know is no fault: the row is left out and counted.
    methods : sequence of Method
        How experiments are read.
    problems : Problems
        Takes the faults: missing columns, ids that are no numbers, a miRNA whose prefix is of another species
        than its row says, a name table of other species.

    Returns
    -------
    Targets or None
        None when a fault was found.
    """
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return None
    faults = _Faults(str(path))
    dropped: Counter[str] = Counter()
    unresolved: dict[str, str] = {}
    pairs: dict[tuple[int, str, str], list[tuple[str, str, str, str]]] = {}
    meant: dict[str, Resolution] = {}
    n_usable = 0
    for row, cells in enumerate(zip(*map(table.column, COLUMNS), strict=True), start=1):
        source_id, mirna, species, symbol, gene, species_target, experiments, pmid = cells
        if species not in READ or species_target != species:
            dropped["other_species" if species not in READ else "two_species"] += 1
            continue
        taxon, prefix = READ[species].taxon, READ[species].prefix
        faults.check(gene.isdigit(), "no NCBI Gene id", "give the number", row, "target_entrez", gene)
        faults.check(pmid.isdigit(), "no PubMed id", "give the number", row, "pmid", pmid)
        fix = f"a miRNA of {species} is named {prefix}-..."
        if not faults.check(mirna.startswith(f"{prefix}-"), "the name is of another species", fix, row, "mirna", mirna):
            continue
        n_usable += 1
        if mirna not in meant:
            meant[mirna] = resolve_mirna(mirna, taxon, names, suggest=False)
        accession = meant[mirna].id
        if accession is None:
            dropped["unresolved_name"] += 1
            unresolved[mirna] = meant[mirna].reason
            continue
        pairs.setdefault((taxon, accession, gene), []).append((source_id, symbol, experiments, pmid))
    if n_usable and dropped["unresolved_name"] > n_usable / 2:
        problems.add(
            path,
            f"{dropped['unresolved_name']} of {n_usable} rows have a miRNA that {names.file} does not know",
            "give the name history of these species",
            column="mirna",
            value=some(sorted(unresolved)),
        )
        return None
    if faults.report(problems):
        return None
    rows = [_merge(key, records, names, methods) for key, records in pairs.items()]
    rows.sort(key=lambda row: (row["species"], row["mimat"], int(row["target_ncbi"])))
    merged = pd.DataFrame(rows, columns=list(TARGET_COLUMNS))
    by_species = merged.groupby("species")
    facts = {
        "n_in": len(table.rows),
        "n_out": len(merged),
        "merged": len(table.rows) - sum(dropped.values()) - len(merged),
        "dropped": dict(sorted(dropped.items())),
        "unresolved_names": dict(sorted(unresolved.items())),
        "pairs_by_species": {str(taxon): len(group) for taxon, group in by_species},
        "mirnas_by_species": {str(taxon): group["mimat"].nunique() for taxon, group in by_species},
    }
    return Targets(merged, facts)


def _merge(
    key: tuple[int, str, str],
    records: Iterable[tuple[str, str, str, str]],
    names: MirnaNames,
    methods: Sequence[Method],
) -> dict[str, Any]:
    """Make one row of all records of a pair; nothing of what they cite is lost."""
    taxon, mimat, gene = key
    ids, symbols, experiments, pmids = (sorted(set(column)) for column in zip(*records, strict=True))
    found = methods_in("//".join(experiments), methods)
    return {
        "species": taxon,
        "mimat": mimat,
        "mirna": names.name_of[mimat],
        "target_ncbi": gene,
        "symbol": symbols[0],
        "strength": strength_of(found),
        "effect_level": effect_level_of(found),
        "methods": "|".join(method.keyword for method in found),
        "pmids": "|".join(sorted(pmids, key=int)),
        "n_records": len(list(records)),
        "source_ids": "|".join(ids),
    }


class _Faults:
    """Faults of rows, a few of each kind spelt out and the others counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.kinds: dict[tuple[str, str, str], list[tuple[int, str]]] = {}

    def check(self, fine: bool, message: str, fix: str, row: int, column: str, value: str) -> bool:
        if not fine:
            self.kinds.setdefault((message, fix, column), []).append((row, value))
        return fine

    def report(self, problems: Problems) -> bool:
        """Hand the faults over; say whether there were any."""
        for (message, fix, column), rows in self.kinds.items():
            for row, value in rows[:MOST_PROBLEMS]:
                problems.add(self.file, message, fix, row=row, column=column, value=value)
            if len(rows) > MOST_PROBLEMS:
                more = f"{message}, in {len(rows) - MOST_PROBLEMS} more rows"
                problems.add(self.file, more, fix, row=f"after {rows[MOST_PROBLEMS - 1][0]}", column=column)
        return bool(self.kinds)
