"""Write the HTML report of all studies."""

from pathlib import Path

from acuomics.job import logged_job

with logged_job(snakemake.log[0]):
    from acuomics.report.page import write_page

    write_page(
        snakemake.input.descriptions,
        snakemake.input.figures,
        Path(snakemake.input.template).parent,
        snakemake.params.settings,
        snakemake.output.page,
        verdicts=snakemake.input.get("verdicts"),
        mechanism_verdicts=snakemake.input.get("mechanism_verdicts"),
        published=snakemake.input.published,
    )
