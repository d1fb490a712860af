"""Score what was found of a simulated study's planted truth."""

from acuomics.files import write_json, write_tsv
from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.recovery.read import read_results
    from acuomics.recovery.score import score

    results = read_results(
        snakemake.input.truth, snakemake.input.tables, snakemake.input.contrasts, snakemake.input.pairs
    )
    recovery = score(*results, q_de=snakemake.params.q_de, q_reversal=snakemake.params.q_reversal)
    write_tsv(recovery.table, snakemake.output.table)
    write_json(recovery.summary, snakemake.output.summary)
