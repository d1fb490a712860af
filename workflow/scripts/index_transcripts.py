"""Build the index of a species' transcripts."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.rnaseq.index import write_index

    write_index(
        list(snakemake.input.fasta),
        snakemake.input.get("genes") or None,
        snakemake.output.index,
        engine=snakemake.params.engine,
        threads=snakemake.threads,
        decoys=list(snakemake.input.get("decoys", [])),
    )
