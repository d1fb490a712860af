"""Test one reversal pair of a study (stage `reversal`)."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.reversal.run import run_pair

    run_pair(snakemake.wildcards.pair, **snakemake.input, **snakemake.output, **snakemake.params)
