"""Gene symbols and synonyms of one species, from NCBI's gene_info or from a table of pairs beside a gene table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from pathlib import Path

from acuomics.catalogue.names.resolution import Candidate
from acuomics.catalogue.names.slips import fold
from acuomics.catalogue.names.species import BY_TAXON
from acuomics.inputs.gene_table import read_gene_table
from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.text import read_text
from acuomics.problems import Problems

PAIRS = ("symbol", "synonyms", "species")
GENE_INFO = ("#tax_id", "GeneID", "Symbol", "Synonyms")
WORDS = ("word", "kind", "note")
#: NCBI names genes that have no symbol LOC and their Gene id (NCBI Gene Help, "LOC" symbols).
PLACE_HOLDER = re.compile(r"LOC(\d+)")
# NCBI's rows of genes that have no symbol yet.
_NO_SYMBOL = "NEWENTRY"


@dataclass(frozen=True)
class GeneNames:
    """What the symbols of one species mean.

    Attributes
    ----------
    taxon : int
        NCBI taxon.
    files : tuple of str
        Where it was read.
    approved : mapping
        Symbol to the genes that have it (one, but for faults of the source); a gene may lack its NCBI Gene id.
    synonyms : mapping
        Synonym to the genes that it stands for, sorted.
    unlisted : mapping
        Symbols that only the gene table has (older symbols, above all), to their NCBI Gene ids.
    words : mapping
        Words of papers that name no one gene (a small molecule, a family, a form of a protein), to kind and note.
    """

    taxon: int
    files: tuple[str, ...]
    approved: Mapping[str, tuple[Candidate, ...]]
    synonyms: Mapping[str, tuple[Candidate, ...]]
    unlisted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[str, str]:
        """NCBI Gene id to symbol."""
        return {gene.id: name for name, genes in self.approved.items() for gene in genes if gene.id}

    @cached_property
    def folded(self) -> dict[str, list[str]]:
        """Approved symbols by their form without letter case."""
        return _folded(self.approved)

    @cached_property
    def folded_synonyms(self) -> dict[str, list[str]]:
        """Synonyms by their form without letter case."""
        return _folded(self.synonyms)

    @property
    def species(self) -> str:
        """The scientific name."""
        known = BY_TAXON.get(self.taxon)
        return known.scientific if known else f"taxon {self.taxon}"

    def bearing(self, name: str) -> set[Candidate]:
        """Genes that have the name as symbol or synonym, letter case aside."""
        form = fold(name)
        found = {gene for symbol in self.folded.get(form, ()) for gene in self.approved[symbol]}
        return found | {gene for other in self.folded_synonyms.get(form, ()) for gene in self.synonyms[other]}


def _folded(names: Mapping[str, object]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        found.setdefault(fold(name), []).append(name)
    return found


def read_gene_names(
    taxon: int,
    synonyms: str | Path,
    problems: Problems,
    *,
    gene_table: str | Path | None = None,
    words: str | Path | None = None,
) -> GeneNames | None:
    """Read the symbols and synonyms of one species.

    Parameters
    ----------
    taxon : int
        NCBI taxon; rows of other species are passed over.
    synonyms : path
        NCBI's gene_info (``#tax_id, GeneID, Symbol, ..., Synonyms, ...``), or a table of pairs ``symbol, synonyms,
        species`` (``Human``, ``Mouse``, ``Rat``; ``-`` is no synonym), which has no ids and needs `gene_table`.
    problems : Problems
        Takes every fault found.
    gene_table : path, optional
        Gene table (``ensgene, entrez, symbol``); not read beside gene_info, which has the ids.
    words : path, optional
        Words that name no one gene (``word, kind, note``).

    Returns
    -------
    GeneNames or None
        None when a fault was found.
    """
    before = len(problems.found)
    text = read_text(synonyms, problems)
    said = _read_words(words, problems) if words else {}
    if text is None:
        return None
    if text.startswith("#tax_id\t"):
        found = _from_gene_info(taxon, str(synonyms), text, said, problems)
    else:
        found = _from_pairs(taxon, str(synonyms), text, gene_table, said, problems)
    return found if len(problems.found) == before else None


def _read_words(path: str | Path, problems: Problems) -> dict[str, tuple[str, str]]:
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, WORDS, problems):
        return {}
    return {word: (kind, note) for word, kind, note in zip(*map(table.column, WORDS), strict=True)}


def _split(
    file: str, text: str, columns: Sequence[str], fix: str, problems: Problems
) -> Iterator[tuple[str, ...]] | None:
    """Give the cells of some columns, row by row; None when a column is missing or a row has other cells.

    Descriptions of genes have quotes that close nowhere, so that the text is split at its tabs and nothing else.
    """
    lines = text.splitlines()
    head = lines[0].split("\t")
    absent = [name for name in columns if name not in head]
    for name in absent:
        problems.add(file, "the column is missing", fix, row="header", column=name)
    tabs = len(head) - 1
    ragged = next((at for at, line in enumerate(lines[1:], start=1) if line.count("\t") != tabs), None)
    if ragged is not None and not absent:
        message = f"{lines[ragged].count(chr(9)) + 1} cells where the header has {len(head)}"
        problems.add(file, message, "fetch the file again: it is damaged", row=ragged, value=lines[ragged])
    if absent or ragged is not None:
        return None
    pick = itemgetter(*map(head.index, columns))
    return (pick(line.split("\t")) for line in lines[1:])


def _from_gene_info(
    taxon: int, file: str, text: str, words: Mapping[str, tuple[str, str]], problems: Problems
) -> GeneNames | None:
    rows = _split(file, text, GENE_INFO, "give NCBI's gene_info file", problems)
    if rows is None:
        return None
    row_taxon = ""
    approved: dict[str, set[Candidate]] = {}
    synonyms: dict[str, set[Candidate]] = {}
    for row, (row_taxon, number, symbol, others) in enumerate(rows, start=1):
        if not number.isdigit():
            problems.add(file, "no NCBI Gene id", "fetch the file again: it is damaged", row=row, value=number)
            return None
        if row_taxon != str(taxon) or symbol == _NO_SYMBOL:
            continue
        gene = Candidate(symbol, number)
        approved.setdefault(gene.name, set()).add(gene)
        for synonym in others.split("|"):
            if synonym not in ("-", "", gene.name):
                synonyms.setdefault(synonym, set()).add(gene)
    if not approved:
        fix = "give the gene_info file of the species"
        problems.add(file, f"no gene is of taxon {taxon}", fix, column="#tax_id", value=row_taxon)
        return None
    return GeneNames(taxon, (file,), _sorted(approved), _sorted(synonyms), {}, words)


def _from_pairs(
    taxon: int,
    file: str,
    text: str,
    gene_table: str | Path | None,
    words: Mapping[str, tuple[str, str]],
    problems: Problems,
) -> GeneNames | None:
    rows = _split(file, text, PAIRS, "give the columns symbol, synonyms, species", problems)
    if rows is None:
        return None
    if gene_table is None:
        fix = f"name the gene table of taxon {taxon} (gene_tables), or give NCBI's gene_info file"
        problems.add(file, "a table of synonyms without NCBI Gene ids", fix)
        return None
    genes = read_gene_table(str(gene_table), problems)
    if genes is None:
        return None
    ids: dict[str, set[str]] = {}
    for ensembl, symbols in genes.symbols.items():
        for symbol in symbols:
            ids.setdefault(symbol, set()).update(genes.ncbi_genes[ensembl])
    common = BY_TAXON[taxon].common if taxon in BY_TAXON else ""
    symbols_of: dict[str, set[str]] = {}
    approved: dict[str, set[Candidate]] = {}
    for symbol, synonym, species in rows:
        if species != common:
            continue
        found = ids.get(symbol) or ({match[1]} if (match := PLACE_HOLDER.fullmatch(symbol)) else ())
        approved[symbol] = {Candidate(symbol, gene) for gene in found} or {Candidate(symbol)}
        if synonym not in ("-", "", symbol):
            symbols_of.setdefault(synonym, set()).add(symbol)
    if not approved:
        fix = "give a table of the species, or NCBI's gene_info file"
        problems.add(file, f"no symbol is of taxon {taxon} ({common or 'not a species here'})", fix, column="species")
        return None
    synonyms = {name: {gene for symbol in found for gene in approved[symbol]} for name, found in symbols_of.items()}
    unlisted = {symbol: tuple(sorted(found, key=int)) for symbol, found in ids.items() if found}
    unlisted = {symbol: found for symbol, found in unlisted.items() if symbol not in approved}
    return GeneNames(taxon, (file, str(gene_table)), _sorted(approved), _sorted(synonyms), unlisted, words)


def _sorted(found: Mapping[str, set[Candidate]]) -> dict[str, tuple[Candidate, ...]]:
    """Put candidates in order: by symbol, then by number."""
    return {
        name: tuple(genes) if len(genes) == 1 else tuple(sorted(genes, key=lambda g: (g.name, int(g.id or 0))))
        for name, genes in found.items()
    }
