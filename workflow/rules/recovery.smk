# Embedded studies: how much of the planted truth was found.


def reversal_tables(wildcards):
    """The reversal tables of all pairs of a study."""
    pairs = CATALOGUE.studies[wildcards.study].pairs
    return collect(
        "results/{study}/reversal/{pair}.tsv", study=wildcards.study, pair=pairs
    )


rule score_recovery:
    input:
        truth="results/{study}/simulate/truth.tsv",
        tables="results/{study}/de/tables",
        contrasts="results/{study}/de/summary.tsv",
        pairs=reversal_tables,
    output:
        table="results/{study}/recovery/recovery.tsv",
        summary="results/{study}/recovery/recovery.json",
    log:
        "logs/{study}/score_recovery.log",
    benchmark:
        "benchmarks/{study}/score_recovery.tsv"
    wildcard_constraints:
        study=simulated_studies(),
    conda:
        "../../envs/recovery.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        q_de=config["de"]["q"],
        q_reversal=config["reversal"]["q"],
    script:
        "../scripts/score_recovery.py"
