"""Make one family of the claims of all studies (stage `mechanisms`)."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.mechanisms.run import conclude_run

    conclude_run(
        list(snakemake.input.studies),
        list(snakemake.params.simulated),
        curated=snakemake.input.curated,
        settings=snakemake.params.settings,
        verdicts=snakemake.output.verdicts,
        mechanisms=snakemake.output.mechanisms,
    )
