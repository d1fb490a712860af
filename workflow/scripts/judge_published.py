"""Hold the published claims of a study against its data (stage `claims`)."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.claims.run import run_claims

    run_claims(
        record=snakemake.input.record,
        tables=snakemake.input.get("tables") or None,
        features=snakemake.input.get("features") or None,
        summary=snakemake.input.get("summary") or None,
        reversals=list(snakemake.input.reversals),
        settings=snakemake.params.settings,
        verdicts=snakemake.output.verdicts,
        facts=snakemake.output.facts,
    )
