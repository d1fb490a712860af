"""Bring the gene lengths of a study into the order of its counts."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.files import read_parquet, read_tsv, write_parquet
    from acuomics.intake.lengths import take_in_lengths

    source = snakemake.input.lengths
    lengths = take_in_lengths(read_parquet(snakemake.input.counts), read_tsv(source, dtype={"gene": str}), source)
    write_parquet(lengths, snakemake.output.lengths)
