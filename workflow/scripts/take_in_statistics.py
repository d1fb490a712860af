"""Adapter of the rule take_in_statistics."""

from acuomics.files import read_json, write_json, write_tsv
from acuomics.intake.statistics import take_in_statistics
from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    taken = take_in_statistics(
        read_json(snakemake.input.record),
        snakemake.input.table[0],
        name_files={key: snakemake.input.get(key) for key in snakemake.params.name_files},
    )
    write_tsv(taken.table, snakemake.output.statistics)
    write_tsv(taken.recount, snakemake.output.recount)
    write_json(taken.facts, snakemake.output.facts)
