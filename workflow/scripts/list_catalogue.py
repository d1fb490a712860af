"""Adapter of the rule list_catalogue."""

from pathlib import Path

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.catalogue.overview import list_studies

    list_studies(Path(snakemake.input.other_papers).parent, Path(snakemake.output.studies).parent)
