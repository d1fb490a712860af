"""Take every cell type of a study from its pseudobulk to its verdicts: a study a type."""

from pathlib import Path

from acuomics.job import logged_job

source, params = snakemake.input, snakemake.params

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.chain import Options, run_types

    run_types(
        source.record,
        source.cells,
        next(iter(source.truth), None),
        Path(source.record).parents[2],
        Options.from_rule(params.settings, source, params.name_files),
    )
