# Embedded studies: counts with known truth, and reads that hold them, made at run time.


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


rule simulate_cells:
    input:
        record=rules.record_study.output.record,
        study=study_file_of,
        features=planted_features_of,
        types=planted_types_of,
        markers=f"{CELL_TABLES}/markers.tsv",
        mitochondrial=f"{CELL_TABLES}/mitochondrial.tsv",
    output:
        cells="results/{study}/simulate/cells.h5ad",
        truth="results/{study}/simulate/truth.tsv",
        types="results/{study}/simulate/cells.tsv.gz",
        composition="results/{study}/simulate/composition.tsv",
    log:
        "results/logs/{study}/simulate_cells.log",
    benchmark:
        "results/benchmarks/{study}/simulate_cells.tsv"
    wildcard_constraints:
        study=only(SIMULATED_CELLS),
    conda:
        "../../envs/simulate.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        seed=config["seed"],
    message:
        "{wildcards.study}: simulating single cells with known truth"
    script:
        "../scripts/simulate_cells.py"


# One job writes all samples: starting Python takes longer than writing the reads of one.
rule simulate_reads:
    input:
        record=rules.record_study.output.record,
        study=study_file_of,
        features=planted_features_of,
        contaminants=contaminants_of,
        counts=rules.simulate_study.output.counts,
    output:
        reads=directory("results/{study}/simulate/reads"),
        reference=directory("results/{study}/simulate/reference"),
    log:
        "results/logs/{study}/simulate_reads.log",
    benchmark:
        "results/benchmarks/{study}/simulate_reads.tsv"
    wildcard_constraints:
        study=only(SIMULATED_READS),
    conda:
        "../../envs/simulate.yaml"
    threads: 2
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        seed=config["seed"],
    message:
        "{wildcards.study}: simulating reads"
    script:
        "../scripts/simulate_reads.py"
