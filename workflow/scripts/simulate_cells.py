"""Simulate an embedded study's single cells and write down what is true of them."""

from pathlib import Path

from acuomics.files import read_json, write_tsv
from acuomics.job import logged_job

source, target = snakemake.input, snakemake.output

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.simulate.cells import simulate_cell_record, write_cells

    simulated, composition = simulate_cell_record(
        read_json(source.record), Path(source.study).parent, Path(source.markers).parent, snakemake.params.seed
    )
    write_cells(simulated, target.cells)
    write_tsv(simulated.truth, target.truth)
    write_tsv(simulated.cells, target.types)
    write_tsv(composition, target.composition)
