"""``python -m acuomics.catalogue.names --taxon 10116 NAME ...``: a table of what the names mean."""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from acuomics.catalogue.names.resolution import COLUMNS
from acuomics.catalogue.names.tables import KINDS, read_name_tables, resolve_all
from acuomics.inputs.table import has_columns, read_table
from acuomics.problems import InputError, Problems

RESOURCES = Path(__file__).resolve().parents[4] / "resources" / "names"
_MIRNA = re.compile(r"(?:[a-z0-9]{3,6}-)?(?:mir|let|lin)-?\d\S*|MIMAT\d{7}", re.IGNORECASE)


def _by_taxon(given: Sequence[str], option: str, problems: Problems) -> dict[int, str]:
    found = {}
    for text in given:
        taxon, _, path = text.partition("=")
        if not taxon.isdigit() or not path:
            problems.add(
                "command line", "not TAXON=FILE", "write for instance 10116=rat.tsv", column=option, value=text
            )
            continue
        found[int(taxon)] = path
    return found


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="acuomics.catalogue.names", description="What names of miRNAs and genes mean."
    )
    parser.add_argument("name", nargs="*", help="names as printed")
    parser.add_argument("--taxon", type=int, required=True, help="NCBI taxon of the species, as 10116")
    parser.add_argument("--kind", choices=KINDS, help="what the names are of (default: told by their form)")
    parser.add_argument("--table", help="take the names from a column of this TSV file")
    parser.add_argument("--column", help="the column of --table")
    parser.add_argument("--mirbase-names", default="", help="name history or aliases.txt of miRBase")
    parser.add_argument("--mirbase-mature", default="", help="mature.fa of miRBase")
    parser.add_argument("--synonyms", action="append", default=[], metavar="TAXON=FILE", help="gene_info or pairs")
    parser.add_argument(
        "--gene-table", action="append", default=[], metavar="TAXON=FILE", help="ensgene, entrez, symbol"
    )
    given = parser.parse_args(words)
    if bool(given.table) != bool(given.column) or not (given.name or given.table):
        parser.error("give names, or --table with --column")
    return given


def main(words: Sequence[str] | None = None) -> int:
    """Resolve the names of the command line; 0 when all were resolved, 1 when some were not, 2 for a fault."""
    given = _arguments(words)
    problems = Problems()
    try:
        names = list(given.name)
        if given.table:
            table = read_table(given.table, "\t", problems)
            if table is not None and has_columns(table, [given.column], problems):
                names += table.column(given.column)
        tables = read_name_tables(
            problems,
            mirbase_names=given.mirbase_names,
            mirbase_mature=given.mirbase_mature,
            gene_synonyms=_by_taxon(given.synonyms, "--synonyms", problems),
            gene_tables=_by_taxon(given.gene_table, "--gene-table", problems),
            resources=RESOURCES if RESOURCES.is_dir() else "",
        )
        problems.raise_if_any()
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    kinds = [given.kind or ("mirna" if _MIRNA.fullmatch(name.strip()) else "gene") for name in names]
    found = [resolve_all([name], kind, given.taxon, tables)[0] for name, kind in zip(names, kinds, strict=True)]
    writer = csv.DictWriter(sys.stdout, COLUMNS, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(resolution.row() for resolution in found)
    return 0 if all(resolution.resolved for resolution in found) else 1


if __name__ == "__main__":
    sys.exit(main())
