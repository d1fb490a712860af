# What is known of a study before its data are opened.


localrules:
    record_study,


rule record_study:
    input:
        record_files=record_files_of,
    output:
        record="results/{study}/catalogue/study.json",
    log:
        "results/logs/{study}/record_study.log",
    benchmark:
        "results/benchmarks/{study}/record_study.tsv"
    wildcard_constraints:
        study=only(config["studies"]),
    conda:
        "../../envs/catalogue.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        record=record_of,
    message:
        "{wildcards.study}: writing the checked study record"
    script:
        "../scripts/record_study.py"
