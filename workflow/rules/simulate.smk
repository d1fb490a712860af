# Embedded studies: counts with known truth, made at run time.


rule simulate_study:
    input:
        record="results/{study}/catalogue/study.json",
        study=study_file_of,
        features=planted_features_of,
    output:
        counts="results/{study}/simulate/counts.tsv.gz",
        truth="results/{study}/simulate/truth.tsv",
    log:
        "results/logs/{study}/simulate_study.log",
    benchmark:
        "results/benchmarks/{study}/simulate_study.tsv"
    wildcard_constraints:
        study=only(named("simulated")),
    conda:
        "../../envs/simulate.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        seed=config["seed"],
    message:
        "{wildcards.study}: simulating counts with known truth"
    script:
        "../scripts/simulate_study.py"
