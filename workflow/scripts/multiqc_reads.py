"""Make one page of what the stages that count reads left for MultiQC."""

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.rnaseq.multiqc import write_page

    write_page(list(snakemake.input.sources), snakemake.output.page)
