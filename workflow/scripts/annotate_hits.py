"""Hold a study's fold changes against the curated mechanisms."""

from pathlib import Path

from acuomics.files import read_json, write_json, write_tsv
from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.mechanisms.annotate import annotate, read_contrast_tables, read_features
    from acuomics.mechanisms.curated import load_set

    annotations, summary = annotate(
        read_json(snakemake.input.record),
        read_features(snakemake.input.features),
        read_contrast_tables(snakemake.input.tables),
        load_set(Path(snakemake.input.curated[0]).parent),
        q=snakemake.params.q,
    )
    write_tsv(annotations, snakemake.output.annotations)
    write_json(summary, snakemake.output.summary)
