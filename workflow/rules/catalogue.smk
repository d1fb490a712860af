# What is known of a study before its data are opened.

from pathlib import Path

# The published studies that the catalogue lists.
PUBLISHED_FILES = sorted(
    str(path)
    for name in ("*/study.yaml", "*/claims.tsv", "*/contrasts.tsv")
    for path in Path(f"{ROOT}/resources/studies").glob(name)
)


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


rule list_catalogue:
    input:
        published=PUBLISHED_FILES,
        other_papers=f"{ROOT}/resources/studies/other_papers.tsv",
    output:
        studies="results/catalogue/studies.tsv",
        claims="results/catalogue/claims.tsv",
        reporting="results/catalogue/reporting.tsv",
    log:
        "results/logs/catalogue/list_catalogue.log",
    benchmark:
        "results/benchmarks/catalogue/list_catalogue.tsv"
    conda:
        "../../envs/catalogue.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "listing the published studies"
    script:
        "../scripts/list_catalogue.py"
