"""Say what holds across the studies of the run (stage `synthesis`)."""

from pathlib import Path

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.synthesis.run import run_synthesis

    of_types = [f"{folder}/verdicts.tsv" for folder in snakemake.input.published_of_types]
    published = [*snakemake.input.published, *of_types]

    run_synthesis(
        records=list(snakemake.input.records),
        results="results",
        reversals=list(snakemake.input.reversals),
        verdicts=snakemake.input.verdicts,
        published=dict(zip(snakemake.params.studies, published, strict=True)),
        curated=list(snakemake.input.curated),
        catalogue=Path(snakemake.input.other_papers).parent,
        endpoints=snakemake.input.endpoints,
        roles=snakemake.input.roles,
        orthologues=snakemake.input.get("orthologues") or None,
        pins=snakemake.input.pins,
        settings=snakemake.params.settings,
        claim_settings=snakemake.params.claim_settings,
        into=Path(snakemake.output.facts).parent,
    )
