"""From single cells to counts an animal and cell type (stage `singlecell`)."""

from pathlib import Path

from acuomics.files import read_json
from acuomics.job import logged_job

source = snakemake.input

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.singlecell.analyse import run_cells

    run_cells(
        read_json(source.record),
        list(source.cells),
        Path(source.markers).parent,
        snakemake.output.cells,
        snakemake.params.settings,
        snakemake.params.seed,
    )
