"""Adapter of the rule bundle_vega."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.report.site.assets import write_vega

    write_vega(snakemake.output.script)
