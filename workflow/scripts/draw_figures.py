"""Draw the figures of a study and gather what the report says of it."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.report.charts.study import draw_study_charts
    from acuomics.report.read import read_study
    from acuomics.report.study import draw_and_describe

    results = read_study(dict(snakemake.input.items()))
    draw_and_describe(results, snakemake.output.figures, snakemake.output.description, snakemake.params.settings)
    draw_study_charts(results, snakemake.output.charts, snakemake.params.settings)
