"""Adapter of the rule take_in_counts."""

from acuomics.files import read_json, write_json, write_parquet, write_tsv
from acuomics.intake.quality import check_quality
from acuomics.intake.take_in import take_in
from acuomics.job import logged_job

source, target = snakemake.input, snakemake.output

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    qc = list(source.qc)
    intake = take_in(
        read_json(source.record),
        [source.counts] if isinstance(source.counts, str) else list(source.counts),
        gene_table=source.get("gene_table") or None,
        max_zero_share=snakemake.params.max_zero_share,
        quality=check_quality(qc[0], snakemake.params.keep_rejected, snakemake.params.reads_stage) if qc else [],
        name_files={key: source.get(key) for key in snakemake.params.name_files},
    )
    write_parquet(intake.counts, target.counts)
    write_tsv(intake.samples, target.samples)
    write_tsv(intake.features, target.features)
    write_json(intake.facts, target.facts)
