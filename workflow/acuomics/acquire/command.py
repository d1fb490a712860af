"""The command ``python -m acuomics.acquire``: resolve accessions into files.tsv, fetch what it names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from acuomics.acquire.fetch import fetch
from acuomics.acquire.ledger import Ledger
from acuomics.acquire.settings import Settings
from acuomics.acquire.table import Deposit, check_against_sheet, read_files_table, sheet_rows
from acuomics.problems import InputError, Problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status: 0, 1 for faults of the input, 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        return {"resolve": _resolve, "fetch": _fetch, "references": _fetch_references}[options.command](options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from where it stood", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser(prog="python -m acuomics.acquire", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    resolving = commands.add_parser("resolve", help="write files.tsv of a study from accessions or a list")
    resolving.add_argument("--study-folder", type=Path, required=True, help="the folder with study.yaml")
    resolving.add_argument("--accession", action="append", default=[], help="may be given more than once")
    resolving.add_argument("--urls", type=Path, help="a text file: a URL or path a line, after a space its MD5")
    resolving.add_argument("--reads", action="store_true", help="of a GEO series: its reads, not its tables")
    resolving.add_argument("--force", action="store_true", help="write over a table that says something else")
    resolving.add_argument("--ena-url", help="address of ENA's portal, for a mirror")
    resolving.add_argument("--geo-url", help="address of GEO's files, for a mirror")
    fetching = commands.add_parser("fetch", help="bring the files that files.tsv names")
    fetching.add_argument("--study-folder", type=Path, required=True, help="the folder with files.tsv")
    fetching.add_argument("--into", type=Path, required=True, help="usually results/<study>/acquire")
    references = commands.add_parser("references", help="bring reference tables that have an address")
    references.add_argument("--table", type=Path, required=True, help="references.tsv")
    references.add_argument("--into", type=Path, required=True, help="the folder that the configuration names")
    references.add_argument("--name", action="append", default=[], help="a reference; may be given more than once")
    for command in (fetching, references):
        _add_settings(command, usual)
    return parser


def _add_settings(parser: argparse.ArgumentParser, usual: Settings) -> None:
    """Add what fetching anything can be told."""
    parser.add_argument("--offline", action="store_true", help="name what is missing instead of fetching it")
    parser.add_argument("--ledger", default=usual.ledger, help="hashes of first retrievals (%(default)s)")
    parser.add_argument("--data-root", default=usual.data_root, help="what local paths are relative to")
    parser.add_argument("--connections", type=_positive, default=usual.connections, help="files at once (%(default)s)")
    parser.add_argument("--retries", type=int, default=usual.retries, help="(%(default)s)")
    parser.add_argument("--timeout", type=float, default=usual.timeout, help="seconds without a byte (%(default)s)")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _resolve(options: argparse.Namespace) -> int:
    from acuomics.acquire.resolve import Places, resolve, write_resolved

    folder: Path = options.study_folder
    given = {"portal": options.ena_url, "geo": options.geo_url}
    places = replace(Places(), **{name: url.rstrip("/") for name, url in given.items() if url})
    table = folder / "files.tsv"
    deposits = resolve(
        options.accession, options.urls, folder / "samples.tsv", reads=options.reads, table=str(table), places=places
    )
    written = write_resolved(deposits, table, force=options.force)
    size = sum(deposit.bytes or 0 for deposit in deposits)
    unsized = sum(deposit.bytes is None for deposit in deposits)
    print(
        f"{table}: {len(deposits)} files, {size} bytes{f' and {unsized} of unknown size' if unsized else ''}"
        f"{'' if written else ', as it stood'}"
    )
    return 0


def _fetch(options: argparse.Namespace) -> int:
    problems = Problems()
    table, sheet = options.study_folder / "files.tsv", options.study_folder / "samples.tsv"
    deposits = read_files_table(table, problems)
    if sheet.is_file() and not problems.found:
        samples = [row["sample"] for row in sheet_rows(sheet, problems)]
        check_against_sheet(deposits, samples, str(table), str(sheet), problems)
    problems.raise_if_any("nothing was fetched")
    return _bring(deposits, options.study_folder.resolve().name, options)


def _fetch_references(options: argparse.Namespace) -> int:
    from acuomics.acquire.references import reference_deposits

    problems = Problems()
    deposits = reference_deposits(options.table, options.name, problems)
    problems.raise_if_any("nothing was fetched")
    return _bring(deposits, "references", options)


def _bring(deposits: list[Deposit], owner: str, options: argparse.Namespace) -> int:
    """Fetch files into a folder; `owner` is their study in the ledger."""
    from acuomics.acquire.progress import terminal_progress

    settings = Settings(
        ledger=options.ledger,
        connections=options.connections,
        retries=options.retries,
        timeout=options.timeout,
        offline=options.offline,
        data_root=options.data_root,
    )
    ledger = Ledger(settings.ledger, owner)
    with terminal_progress(deposits) as progress:
        receipts = fetch(deposits, options.into, settings, ledger, progress)
    first = sum(receipt.hash_known == "first retrieval" for receipt in receipts)
    told = f"; {first} hashes are known from this retrieval, see {settings.ledger}" if first else ""
    print(f"{options.into}: {len(receipts)} files, {sum(r.bytes for r in receipts)} bytes, verified{told}")
    return 0
