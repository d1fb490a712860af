"""Draw the figures of a study and gather what the report says of it."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0]):
    from acuomics.report.read import read_study
    from acuomics.report.study import draw_and_describe

    draw_and_describe(
        read_study(dict(snakemake.input.items())),
        snakemake.output.figures,
        snakemake.output.description,
        snakemake.params.settings,
    )
