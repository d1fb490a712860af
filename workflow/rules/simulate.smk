# Embedded studies: counts with known truth, made at run time.

# The two files that describe how to simulate each of them.
SIMULATED = {
    name: {
        "study": f"{study.folder}/study.yaml",
        "features": f"{study.folder}/features.tsv",
    }
    for name, study in CATALOGUE.studies.items()
    if study.simulated
}
# Rules for simulated studies match these names only; without any, nothing.
SIMULATED_NAMES = "|".join(SIMULATED) or "(?!)"


rule simulate_study:
    input:
        record="results/{study}/catalogue/study.json",
        study=lookup(within=SIMULATED, dpath="{study}/study"),
        features=lookup(within=SIMULATED, dpath="{study}/features"),
    output:
        counts="results/{study}/simulate/counts.tsv.gz",
        truth="results/{study}/simulate/truth.tsv",
    log:
        "logs/{study}/simulate_study.log",
    benchmark:
        "benchmarks/{study}/simulate_study.tsv"
    wildcard_constraints:
        study=SIMULATED_NAMES,
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
