"""Write the site of all studies."""

from pathlib import Path

from acuomics.job import logged_job

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.report.site.write import SiteFiles, write_site

    given = snakemake.input
    files = SiteFiles(
        descriptions=given.descriptions,
        verdicts=given.verdicts,
        mechanism_verdicts=given.mechanism_verdicts,
        replication=given.replication,
        mechanisms=Path(given.mechanisms[0]).parent,
        catalogue={Path(path).stem: path for path in given.catalogue},
    )
    templates = next(Path(path).parent for path in given.templates if Path(path).name == "strings.tsv")
    write_site(files, templates, snakemake.params.settings, snakemake.params.config, snakemake.output.page)
