"""Adapter of the rule fetch_file."""

from pathlib import Path

from acuomics.acquire.fetch import fetch
from acuomics.acquire.ledger import Ledger
from acuomics.acquire.settings import Settings
from acuomics.acquire.table import Deposit
from acuomics.job import logged_job

params = snakemake.params

with logged_job(snakemake.log[0], snakemake.input, snakemake.output) as logger:
    receipts = fetch(
        [Deposit.from_row(params.deposit)],
        Path(snakemake.output.file).parent,
        Settings.from_config(params.settings, params.data_root),
        Ledger(params.settings["ledger"], snakemake.wildcards.study),
    )
    logger.info("%s", receipts[0])
