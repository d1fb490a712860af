"""``python -m acuomics.catalogue``: check all published studies, print them, and write their tables."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from acuomics.catalogue.overview import REPORTING_COLUMNS, SHOWN, as_text, shown_rows, totals, write_tables
from acuomics.catalogue.published import read_published
from acuomics.problems import InputError, Problems

STUDIES = Path(__file__).resolve().parents[3] / "resources" / "studies"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status (1: a fault of a study, told on standard error, nothing written)."""
    parser = argparse.ArgumentParser(prog="python -m acuomics.catalogue", description=__doc__)
    parser.add_argument("--studies", type=Path, default=STUDIES, help="the folder of the studies")
    parser.add_argument("--results", type=Path, default=Path("results"), help="where catalogue/ is written")
    options = parser.parse_args(arguments)
    problems = Problems()
    published = read_published(options.studies, problems)
    try:
        problems.raise_if_any("nothing was written")
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    folder = options.results / "catalogue"
    studies, reporting = write_tables(published, folder)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(as_text(shown_rows(studies), SHOWN, width))
    print("\n" + as_text(reporting, REPORTING_COLUMNS[:4], width))
    print("\n" + "\n".join(totals(published)))
    if published.without_facts:
        print(f"not listed, having no facts of a publication: {', '.join(published.without_facts)}")
    print(f"written: {folder}/studies.tsv, claims.tsv, reporting.tsv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
