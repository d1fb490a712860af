"""Fit one study and write the tables of its contrasts (stage `de`)."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.de.study import analyse_study
    from acuomics.de.write import write_study
    from acuomics.files import read_json, read_parquet, read_tsv

    lengths = snakemake.input.get("lengths")
    result = analyse_study(
        read_json(snakemake.input.record),
        read_parquet(snakemake.input.counts),
        read_tsv(snakemake.input.features, dtype=str)["symbol"],
        n_cpus=snakemake.threads,
        lengths=read_parquet(lengths) if lengths else None,
        **snakemake.params,
    )
    write_study(result, **snakemake.output)
