"""Gather what the report says of a study without counts."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.report.published import describe_published

    describe_published(
        snakemake.input.record, next(iter(snakemake.input.recount), None), snakemake.output.description
    )
