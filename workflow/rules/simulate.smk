# Embedded studies: counts with known truth, made at run time.


def simulated_studies():
    """The wildcard pattern of the simulated studies; matches nothing when there are none."""
    names = sorted(name for name, study in CATALOGUE.studies.items() if study.simulated)
    return "|".join(names) or "(?!)"


def study_file(wildcards):
    """How to simulate: the study's own description."""
    return f"{CATALOGUE.studies[wildcards.study].folder}/study.yaml"


def listed_features(wildcards):
    """The table of real features and planted effects beside a simulated study's study.yaml."""
    return f"{CATALOGUE.studies[wildcards.study].folder}/features.tsv"


rule simulate_study:
    input:
        record="results/{study}/catalogue/study.json",
        study=study_file,
        features=listed_features,
    output:
        counts="results/{study}/simulate/counts.tsv.gz",
        truth="results/{study}/simulate/truth.tsv",
    log:
        "logs/{study}/simulate_study.log",
    benchmark:
        "benchmarks/{study}/simulate_study.tsv"
    wildcard_constraints:
        study=simulated_studies(),
    conda:
        "../../envs/simulate.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        seed=config["seed"],
    script:
        "../scripts/simulate_study.py"
