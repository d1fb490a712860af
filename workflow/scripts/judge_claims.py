"""Judge the curated claims by one study (stage `mechanisms`)."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.mechanisms.run import judge_study

    judge_study(
        record=snakemake.input.record,
        features=snakemake.input.features,
        tables=snakemake.input.tables,
        curated=snakemake.input.curated,
        settings=snakemake.params.settings,
        verdicts=snakemake.output.verdicts,
    )
