"""Which files a run may fetch: `files.tsv` of its studies, read and checked before anything runs; no network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuomics.acquire.in_place import missing
from acuomics.acquire.ledger import Ledger
from acuomics.acquire.receipt import read_receipt
from acuomics.acquire.table import Deposit, check_against_sheet, read_files_table
from acuomics.catalogue.load import Catalogue
from acuomics.problems import Problems

TABLE = "files.tsv"


def plan_acquisition(catalogue: Catalogue, config: Mapping[str, Any]) -> dict[str, dict[str, Deposit]]:
    """Read the tables of deposited files of the studies that have one.

    Parameters
    ----------
    catalogue : Catalogue
        The studies of the run.
    config : mapping
        The checked configuration; with ``acquire: offline`` every file that only the network could bring must be there.

    Returns
    -------
    dict
        Study to file name to deposit, in the order of the tables.

    Raises
    ------
    InputError
        With the faults of all tables: cells, pairs, samples that differ from the sheet's, files missing offline.
    """
    problems = Problems()
    plan: dict[str, dict[str, Deposit]] = {}
    for name, study in catalogue.studies.items():
        table = Path(study.folder) / TABLE
        if not table.is_file():
            continue
        before = len(problems.found)
        deposits = read_files_table(table, problems)
        # A study without counts has no sheet to agree with.
        if len(problems.found) == before and study.counted:
            samples = [row["sample"] for row in study.record["samples"]]
            samples += study.record["counts"]["excluded_samples"]
            check_against_sheet(deposits, samples, str(table), study.record_files[-1], problems)
        plan[name] = {deposit.file: deposit for deposit in deposits}
        if config["acquire"]["offline"]:
            folder = Path("results") / name / "acquire"
            for deposit in missing(deposits, folder):
                fix = f"put it at {folder / deposit.file}, or set acquire: offline: false"
                problems.add(str(table), "the file is not there, and the run is offline", fix, value=deposit.file)
    problems.raise_if_any("nothing was run")
    return plan


def binding_sha256(deposit: Deposit, path: str | Path, ledger: Ledger) -> str:
    """Give the SHA-256 that a fetched file must have.

    Parameters
    ----------
    deposit : Deposit
        Its row of ``files.tsv``.
    path : str or Path
        The file, with its receipt beside it.
    ledger : Ledger
        Hashes of first retrievals.

    Returns
    -------
    str
        The deposited hash; else, for a deposited MD5, the one that the receipt names (verified by that MD5); else the
        recorded one. Empty, which no file has, when there is none.
    """
    if deposit.sha256:
        return deposit.sha256
    if deposit.md5:
        receipt = read_receipt(Path(path))
        return receipt.sha256 if receipt is not None and receipt.md5 == deposit.md5 else ""
    entry = ledger.known(deposit.file)
    return entry.sha256 if entry is not None else ""
