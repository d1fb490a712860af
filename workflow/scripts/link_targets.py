"""Link a miRNA study to its mRNA study through validated targets (stage `mechanisms`)."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.mechanisms.run_targets import link_study

    source = snakemake.input
    link_study(
        mirna={"record": source.record, "features": source.features, "tables": source.tables},
        mrna={"record": source.mrna_record, "features": source.mrna_features, "tables": source.mrna_tables},
        table=source.targets,
        names=source.names,
        methods=source.methods,
        pins=source.pins,
        curated=source.curated,
        **snakemake.params,
        **snakemake.output,
    )
