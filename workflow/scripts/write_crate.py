"""Describe the run as a Workflow Run RO-Crate."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.provenance.products import Plan
    from acuomics.provenance.run import write_crate

    write_crate(
        snakemake.input.read,
        snakemake.params.config,
        Plan(snakemake.params.patterns, snakemake.params.pairs),
        snakemake.input.mechanism_set,
        dict(snakemake.output.items()),
    )
