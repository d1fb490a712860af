"""Simulate an embedded study's reads, and write the reference they were drawn from."""

from acuomics.files import read_json
from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.simulate.reads import simulate_reads

    simulate_reads(
        read_json(snakemake.input.record),
        snakemake.input.study,
        snakemake.input.features,
        snakemake.input.get("contaminants") or None,
        snakemake.input.counts,
        snakemake.params.seed,
        snakemake.output.reads,
        snakemake.output.reference,
        threads=snakemake.threads,
    )
