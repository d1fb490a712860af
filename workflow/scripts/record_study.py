"""Adapter of the rule record_study."""

from acuomics.files import write_json
from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    write_json(snakemake.params.record, snakemake.output.record)
