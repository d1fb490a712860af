# Which curated mechanisms the features of a study belong to.

CURATED_TABLES = collect(
    "{folder}/{table}.tsv",
    folder=f"{workflow.basedir}/resources/mechanisms",
    table=["assertions", "conflicts", "genes", "levels", "mechanisms", "mirnas"],
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
