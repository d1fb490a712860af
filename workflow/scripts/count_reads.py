"""Count the small RNAs of a study."""

from pathlib import Path

from acuomics.files import read_json
from acuomics.job import logged_job

source = snakemake.input
place = Path(source.reference[0]) if snakemake.params.simulated else None

with logged_job(snakemake.log[0], snakemake.input, snakemake.output):
    from acuomics.smallrna.run import References, count_study

    count_study(
        read_json(source.record),
        list(source.reads),
        References(
            mature=str(place / "mature.fa") if place else source.mature,
            hairpins=[str(place / "hairpin.fa")] if place else list(source.hairpins),
            other=str(place / "other" / "other.tsv") if place else source.get("other") or None,
            kits=source.kits,
            clades=source.clades,
            markers=source.markers,
        ),
        snakemake.params.settings,
        dict(snakemake.output.items()),
        threads=snakemake.threads,
    )
