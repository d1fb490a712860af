# Does the data bear out what the paper said?

CLAIM_SETTINGS = VERDICT_SETTINGS | {"rate": config["de"]["q"]}


def kind_of(wildcards):
    return study_of(wildcards).kind


def is_counted(wildcards):
    return wildcards.study in COUNTED


rule judge_published:
    input:
        record="results/{study}/catalogue/study.json",
        tables=branch(
            kind_of,
            cases={
                "statistics": "results/{study}/intake/statistics.tsv",
                "claims_only": [],
            },
            otherwise="results/{study}/de/tables",
        ),
        summary=branch(
            kind_of,
            cases={
                "statistics": "results/{study}/intake/recount.tsv",
                "claims_only": [],
            },
            otherwise="results/{study}/de/summary.tsv",
        ),
        features=branch(is_counted, then="results/{study}/intake/features.tsv"),
        reversals=branch(is_counted, then=reversal_results_of),
    output:
        verdicts="results/{study}/claims/verdicts.tsv",
        facts="results/{study}/claims/claims.json",
    log:
        "results/logs/{study}/judge_published.log",
    benchmark:
        "results/benchmarks/{study}/judge_published.tsv"
    conda:
        "../../envs/claims.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        settings=CLAIM_SETTINGS,
    message:
        "{wildcards.study}: holding the published claims against the data"
    script:
        "../scripts/judge_published.py"
