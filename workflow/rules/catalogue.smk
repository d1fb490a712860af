# What is known of a study before its data are opened.


wildcard_constraints:
    study=r"[a-z][a-z0-9_]*",
    contrast=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    pair=r"[A-Za-z0-9][A-Za-z0-9_.-]*",


localrules:
    record_study,


def record_files_of(wildcards):
    return CATALOGUE.studies[wildcards.study].record_files


def record_of(wildcards):
    return CATALOGUE.studies[wildcards.study].record


rule record_study:
    input:
        record_files=record_files_of,
    output:
        record="results/{study}/catalogue/study.json",
    log:
        "logs/{study}/record_study.log",
    benchmark:
        "benchmarks/{study}/record_study.tsv"
    conda:
        "../../envs/catalogue.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        record=record_of,
    script:
        "../scripts/record_study.py"
