"""Write the few lines that end a run."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.provenance.summary import write_summary

    write_summary(snakemake.output.summary, **snakemake.input)
