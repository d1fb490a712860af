"""Gather what the report says of a study of single cells, its charts among it."""

from acuomics.job import logged_job

source, target = snakemake.input, snakemake.output

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.report.cells import write_cells_report

    write_cells_report(
        source.record,
        source.cells,
        list(source.types),
        source.verdicts,
        snakemake.params.settings,
        target.description,
        target.charts,
    )
