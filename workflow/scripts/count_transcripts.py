"""Count the reads of one sample by transcript."""

from acuomics.job import logged_job

source = snakemake.input

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.files import read_json
    from acuomics.rnaseq.qc import QcLimits
    from acuomics.rnaseq.run import count_sample
    from acuomics.rnaseq.settings import CountSettings

    section = snakemake.params.settings
    count_sample(
        snakemake.wildcards.sample,
        list(source.reads),
        f"{source.index}/index.json",
        list(source.fasta),
        source.adapters,
        snakemake.output.counts,
        snakemake.output.facts,
        settings=CountSettings.of(section, read_json(source.record)["reads"]),
        limits=QcLimits(**section["limits"]),
        threads=snakemake.threads,
    )
