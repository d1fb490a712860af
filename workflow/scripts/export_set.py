"""Write the curated set for other programs."""

from pathlib import Path

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.mechanisms.curated import load_set
    from acuomics.mechanisms.exports import export_set

    curated = load_set(Path(snakemake.input.curated[0]).parent)
    export_set(curated, Path(snakemake.output.summary).parent)
