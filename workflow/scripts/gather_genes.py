"""Sum the transcripts of a study's samples up to genes and judge each library."""

from acuomics.job import logged_job

source = snakemake.input

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.files import read_json
    from acuomics.rnaseq.qc import QcLimits
    from acuomics.rnaseq.run import GatheredPaths, gather_study

    record = read_json(source.record)
    counted = zip(source.counts, source.facts, strict=True)
    gather_study(
        # The order of the jobs is that of the record's samples.
        dict(zip([row["sample"] for row in record["samples"]], counted, strict=True)),
        f"{source.index}/index.json",
        source.markers,
        record["taxon"],
        {row["sample"]: row.get("sex", "") for row in record["samples"]},
        GatheredPaths(**snakemake.output),
        study=record["study"],
        limits=QcLimits(**snakemake.params.limits),
    )
