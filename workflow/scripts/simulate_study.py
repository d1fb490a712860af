"""Simulate an embedded study's counts and write down what is true of them."""

from acuomics.files import read_json, write_tsv
from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.simulate.counts import simulate_record, write_counts

    counts, truth = simulate_record(
        read_json(snakemake.input.record),
        snakemake.input.study,
        snakemake.input.features,
        snakemake.params.seed,
    )
    write_counts(counts, snakemake.output.counts)
    write_tsv(truth, snakemake.output.truth)
