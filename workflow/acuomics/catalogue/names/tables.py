"""All reference tables of names at once, and many names through them."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from acuomics.catalogue.names.gene import resolve_gene
from acuomics.catalogue.names.gene_table import GeneNames, read_gene_names
from acuomics.catalogue.names.mirna import resolve_mirna
from acuomics.catalogue.names.mirna_table import MirnaNames, read_mirna_names
from acuomics.catalogue.names.resolution import STATUSES, Resolution
from acuomics.problems import Problems

KINDS = ("mirna", "gene")


@dataclass(frozen=True)
class NameTables:
    """miRNA names of all species (or None), and gene names by NCBI taxon."""

    mirna: MirnaNames | None = None
    genes: Mapping[int, GeneNames] = field(default_factory=dict)


def read_name_tables(
    problems: Problems,
    *,
    mirbase_names: str | Path = "",
    mirbase_mature: str | Path = "",
    gene_synonyms: Mapping[int, str] | None = None,
    gene_tables: Mapping[int, str] | None = None,
    resources: str | Path = "",
) -> NameTables:
    """Read what is there; an empty path is a table that is not given.

    Parameters
    ----------
    problems : Problems
        Takes every fault found. With faults the answer is not to be used.
    mirbase_names, mirbase_mature : path
        See `acuomics.catalogue.names.mirna_table.read_mirna_names`.
    gene_synonyms, gene_tables : mapping of int to path
        By taxon; see `acuomics.catalogue.names.gene_table.read_gene_names`.
    resources : path
        The folder ``resources/names``: `clades.tsv` for the wording of reasons, `words.tsv` of what is no gene.
    """
    with _collector_paused():
        return _read(
            problems,
            [mirbase_names] if mirbase_names else [],
            mirbase_mature,
            gene_synonyms or {},
            gene_tables or {},
            Path(resources) if resources else None,
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Spare the collector the millions of small objects of these tables, which halves the time: none is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(
    problems: Problems,
    mirbase_names: Sequence[str | Path],
    mirbase_mature: str | Path,
    gene_synonyms: Mapping[int, str],
    gene_tables: Mapping[int, str],
    folder: Path | None,
) -> NameTables:
    mirna = None
    if mirbase_names or mirbase_mature:
        groups = folder / "clades.tsv" if folder else None
        mirna = read_mirna_names(mirbase_names, problems, mature=mirbase_mature or None, groups=groups)
    genes = {}
    for taxon, path in sorted(gene_synonyms.items()):
        words = folder / "words.tsv" if folder else None
        table = gene_tables.get(taxon)
        found = read_gene_names(taxon, path, problems, gene_table=table, words=words)
        if found is not None:
            genes[taxon] = found
    return NameTables(mirna, genes)


def resolve_all(
    names: Sequence[str], kind: str, taxon: int, tables: NameTables, *, suggest: bool = True
) -> list[Resolution]:
    """Resolve many names of one kind and species.

    Parameters
    ----------
    names : sequence of str, length n
        As printed; repeats cost nothing.
    kind : str
        ``mirna`` or ``gene``.
    taxon : int
        NCBI taxon of the species.
    tables : NameTables
        The reference tables.
    suggest : bool
        Whether to look for slips.

    Returns
    -------
    list of Resolution, length n
        In the order of `names`.

    Raises
    ------
    ValueError
        When `kind` is another word.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    known: dict[str, Resolution] = {}
    for name in names:
        if name in known:
            continue
        if kind == "gene":
            known[name] = resolve_gene(name, taxon, tables.genes, suggest=suggest)
        elif tables.mirna is not None:
            known[name] = resolve_mirna(name, taxon, tables.mirna, suggest=suggest)
        else:
            known[name] = Resolution(name, "unresolved", reason="no table of miRNA names was given")
    return [known[name] for name in names]


def count_statuses(found: Sequence[Resolution]) -> dict[str, int]:
    """Count the answers by status, every status named."""
    counts = Counter(resolution.status for resolution in found)
    return {status: counts.get(status, 0) for status in STATUSES}
