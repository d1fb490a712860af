"""Test the super-families of genes in one study (stage `mechanisms`)."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.mechanisms.run import run_set_tests

    run_set_tests(
        record=snakemake.input.record,
        counts=snakemake.input.counts,
        features=snakemake.input.features,
        fit=snakemake.input.fit,
        curated=snakemake.input.curated,
        families=snakemake.input.families,
        sensitivity=snakemake.params.sensitivity,
        lengths=snakemake.input.get("lengths") or None,
        settests=snakemake.output.settests,
    )
