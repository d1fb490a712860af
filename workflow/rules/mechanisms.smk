# Which curated mechanisms the features of a study belong to, and the curated set for other programs.

CURATED_TABLES = collect(
    "{folder}/{name}",
    folder=f"{workflow.basedir}/resources/mechanisms",
    name=[
        "datapackage.json",
        "claims.tsv",
        "conflicts.tsv",
        "entities.tsv",
        "evidence.tsv",
        "levels.tsv",
        "mechanisms.tsv",
        "members.tsv",
        "mirnas.tsv",
        "testability.tsv",
    ],
)


rule annotate_hits:
    input:
        record="results/{study}/catalogue/study.json",
        features="results/{study}/intake/features.tsv",
        tables="results/{study}/de/tables",
        curated=CURATED_TABLES,
    output:
        annotations="results/{study}/mechanisms/annotations.tsv",
        summary="results/{study}/mechanisms/mechanisms.json",
    log:
        "results/logs/{study}/annotate_hits.log",
    benchmark:
        "results/benchmarks/{study}/annotate_hits.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        q=config["de"]["q"],
    message:
        "{wildcards.study}: holding the features against the curated mechanisms"
    script:
        "../scripts/annotate_hits.py"


rule export_set:
    input:
        curated=CURATED_TABLES,
    output:
        gene_sets=collect(
            "results/mechanisms/{species}.{tier}.{name}.gmt",
            species=["human", "mouse", "rat"],
            tier=["seed_named", "seed_direct", "seed_proxy", "extended"],
            name=["id", "symbol"],
        ),
        nets=collect(
            "results/mechanisms/{species}.net.{name}.tsv",
            species=["human", "mouse", "rat"],
            name=["id", "symbol"],
        ),
        annotations="results/mechanisms/annotations.gpad.tsv",
        summary="results/mechanisms/set.json",
    log:
        "logs/mechanisms/export_set.log",
    benchmark:
        "benchmarks/mechanisms/export_set.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    script:
        "../scripts/export_set.py"
