# Embedded studies: how much of the planted truth was found.


rule score_recovery:
    input:
        truth="results/{study}/simulate/truth.tsv",
        tables="results/{study}/de/tables",
        contrasts="results/{study}/de/summary.tsv",
        pairs=reversal_tables_of,
    output:
        table=report(
            "results/{study}/recovery/recovery.tsv",
            caption="../report/captions/recovery.rst",
            category="Planted truth",
            subcategory="{study}",
            labels={"table": "recovery"},
        ),
        summary="results/{study}/recovery/recovery.json",
    log:
        "results/logs/{study}/score_recovery.log",
    benchmark:
        "results/benchmarks/{study}/score_recovery.tsv"
    wildcard_constraints:
        study=only(named("simulated")),
    conda:
        "../../envs/recovery.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        q_de=config["de"]["q"],
        q_reversal=config["reversal"]["q"],
    message:
        "{wildcards.study}: scoring the results against the planted truth"
    script:
        "../scripts/score_recovery.py"
