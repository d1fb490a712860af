"""Gene tables that map Ensembl ids to NCBI Gene ids and symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from acuomics.inputs.identifiers import without_version
from acuomics.inputs.table import read_table
from acuomics.problems import Problems

COLUMNS = ("ensgene", "entrez", "symbol")
# Fewer features found than this share: the table is of another species, or the ids are of another kind.
LEAST_OVERLAP = 0.1


@dataclass(frozen=True)
class GeneTable:
    """For every Ensembl id its NCBI Gene ids and symbols (sorted, no repeats; missing ones left out)."""

    file: str
    ncbi_genes: dict[str, tuple[str, ...]]
    symbols: dict[str, tuple[str, ...]]


def read_gene_table(path: str, problems: Problems) -> GeneTable | None:
    """Read a TSV (gzipped or not) with the columns ensgene, entrez, symbol; others are ignored."""
    table = read_table(path, "\t", problems)
    if table is None:
        return None
    absent = [name for name in COLUMNS if name not in table.columns]
    if absent:
        problems.add(
            path,
            f"the gene table lacks the column {', '.join(absent)}",
            f"give the table the columns {', '.join(COLUMNS)}",
            row="header",
        )
        return None
    genes: dict[str, set[str]] = {}
    symbols: dict[str, set[str]] = {}
    for ensembl, gene, symbol in zip(*(table.column(name) for name in COLUMNS), strict=True):
        if ensembl in ("", "NA"):
            continue
        genes.setdefault(ensembl, set()).update({gene} - {"", "NA"})
        # A symbol may be called NA; only an empty one is missing.
        symbols.setdefault(ensembl, set()).update({symbol} - {""})
    return GeneTable(
        path,
        {name: tuple(sorted(ids, key=lambda i: (len(i), i))) for name, ids in genes.items()},
        {name: tuple(sorted(ids)) for name, ids in symbols.items()},
    )


def check_overlap(features: Sequence[str], table: GeneTable, file: str, problems: Problems) -> None:
    """Complain when hardly any feature is in the gene table."""
    found = sum(without_version(name) in table.ncbi_genes for name in features)
    if features and found < LEAST_OVERLAP * len(features):
        problems.add(
            file,
            f"only {found} of {len(features)} features are in the gene table {table.file}",
            "mend taxon in study.yaml or gene_tables in the config: is it the right species?",
            value=features[0],
        )
