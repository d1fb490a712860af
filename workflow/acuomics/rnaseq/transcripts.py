"""The transcripts of a FASTA file, each with its gene: from a table, or from Ensembl's and GENCODE's headers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from acuomics.inputs.identifiers import without_version
from acuomics.inputs.table import has_columns, read_table, separator_of
from acuomics.inputs.words import some
from acuomics.problems import Problems
from acuomics.rnaseq.fasta import FastaRecord, fasta_files, read_records

if TYPE_CHECKING:
    import pandas as pd

#: What `read_transcripts` gives and `transcripts.tsv` holds.
COLUMNS = ("transcript", "gene", "symbol", "biotype", "length")
_FIX = "name the transcriptome as FASTA (Ensembl: cdna.all.fa.gz)"


def _from_header(record: FastaRecord) -> tuple[str, str, str] | None:
    """Give gene, symbol and biotype; None when the header names no gene."""
    parts = record.name.split("|")
    if len(parts) >= 8:  # GENCODE: transcript|gene|-|-|name|symbol|length|biotype|
        return parts[1], parts[5], parts[7]
    # Descriptions hold colons, too, but they come last.
    words = dict(
        word.split(":", 1) for word in reversed(record.header.split(" description:")[0].split()) if ":" in word
    )
    if not words.get("gene"):
        return None
    return words["gene"], words.get("gene_symbol", ""), words.get("gene_biotype", words.get("transcript_biotype", ""))


def _from_table(path: str | Path, problems: Problems) -> dict[str, tuple[str, str, str]]:
    table = read_table(path, separator_of(path), problems)
    if table is None or not has_columns(table, ("transcript", "gene"), problems):
        return {}
    empty = [""] * len(table.rows)
    symbols = table.column("symbol") if "symbol" in table.columns else empty
    biotypes = table.column("biotype") if "biotype" in table.columns else empty
    genes: dict[str, tuple[str, str, str]] = {}
    rows = zip(table.column("transcript"), table.column("gene"), symbols, biotypes, strict=True)
    for number, (transcript, *rest) in enumerate(rows, start=1):
        given = (rest[0], rest[1], rest[2])
        if not rest[0]:
            fix = "write the gene, or remove the row"
            problems.add(path, "a transcript without a gene", fix, row=number, column="gene", value=transcript)
        elif genes.setdefault(transcript, given)[0] != rest[0]:
            fix = "give every transcript one gene"
            message = f"this transcript has two genes, {genes[transcript][0]} and {rest[0]}"
            problems.add(path, message, fix, row=number, column="transcript", value=transcript)
    return genes


def read_transcripts(
    fasta: str | Path | Sequence[str | Path], table: str | Path | None, problems: Problems
) -> pd.DataFrame:
    """Read which transcripts there are, how long they are and which genes they are of.

    Parameters
    ----------
    fasta : path or sequence of path
        Transcripts (cDNA, and other RNA beside it), gzipped or not. Ensembl's headers (``gene:``, ``gene_symbol:``,
        ``gene_biotype:``) and GENCODE's (fields between ``|``) name the genes where there is no table.
    table : path or None
        TSV or CSV with the columns ``transcript, gene`` and, if known, ``symbol, biotype``. Ids match as they are, or
        without Ensembl's version on either side.
    problems : Problems
        Takes the faults: no FASTA, cut short, empty, proteins, ids twice, no transcript of 31 bases, a transcript
        without a gene or with two.

    Returns
    -------
    DataFrame
        ``transcript, gene, symbol, biotype, length`` in the order of the file; Ensembl genes without their version.
        What is not known is an empty text. Not to be used when `problems` took something.
    """
    import pandas as pd

    genes = {} if table is None else _from_table(table, problems)
    plain = {without_version(name): gene for name, gene in genes.items()}
    rows: list[tuple[str, str, str, str, int]] = []
    owner: dict[str, Path] = {}
    for path in fasta_files(fasta):
        records = read_records(path, problems, _FIX)
        twice = [record for record in records if owner.setdefault(record.name, path) != path]
        if twice:
            message = f"{len(twice)} transcripts are also in {owner[twice[0].name].name}"
            fix = "give every transcript once: files of one release, and none that holds another"
            problems.add(path, message, fix, row=f"line {twice[0].line}", value=twice[0].name)
        rows += _with_genes(path, records, genes, plain, table, problems)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _with_genes(
    path: Path,
    records: list[FastaRecord],
    genes: dict[str, tuple[str, str, str]],
    plain: dict[str, tuple[str, str, str]],
    table: str | Path | None,
    problems: Problems,
) -> list[tuple[str, str, str, str, int]]:
    """Give ``transcript, gene, symbol, biotype, length`` of the records of a file; `plain` is by id without version."""
    rows, lost = [], []
    for record in records:
        if table is None:
            gene = _from_header(record)
        else:
            short = record.name.split("|", 1)[0]
            found = (genes.get(name) for name in (record.name, short))
            gene = next((g for g in found if g is not None), plain.get(without_version(short)))
        if gene is None:
            lost.append(record)
        else:
            rows.append((record.name, without_version(gene[0]), gene[1], gene[2], record.length))
    if lost and not (table is not None and not genes):
        where = f"the table {table}" if table is not None else "the header"
        problems.add(
            path,
            f"{len(lost)} of {len(records)} transcripts have no gene in {where}: {some([r.name for r in lost])}",
            "give a table with the columns transcript and gene that has them all, made from the same release",
            row=f"line {lost[0].line}",
            value=lost[0].name,
        )
    return rows
