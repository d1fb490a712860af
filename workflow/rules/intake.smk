# May these numbers be tested, and how?


rule take_in_counts:
    input:
        unpack(name_files_of),
        record=rules.record_study.output.record,
        counts=counts_files_of,
        gene_table=gene_table_of,
        qc=quality_of,
    output:
        counts="results/{study}/intake/counts.parquet",
        samples="results/{study}/intake/samples.tsv",
        features="results/{study}/intake/features.tsv",
        facts="results/{study}/intake/intake.json",
    log:
        "results/logs/{study}/take_in_counts.log",
    benchmark:
        "results/benchmarks/{study}/take_in_counts.tsv"
    wildcard_constraints:
        study=only(COUNTED),
    conda:
        "../../envs/intake.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        max_zero_share=config["intake"]["max_zero_share"],
        keep_rejected=keep_rejected_of,
        reads_stage=reads_stage_of,
        name_files=name_files_of,
    message:
        "{wildcards.study}: checking the counts and naming the features"
    script:
        "../scripts/take_in_counts.py"


rule take_in_lengths:
    input:
        counts=rules.take_in_counts.output.counts,
        lengths="results/{study}/rnaseq/lengths.tsv",
    output:
        lengths="results/{study}/intake/lengths.parquet",
    log:
        "results/logs/{study}/take_in_lengths.log",
    benchmark:
        "results/benchmarks/{study}/take_in_lengths.tsv"
    wildcard_constraints:
        study=only(MRNA_READS),
    conda:
        "../../envs/intake.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    message:
        "{wildcards.study}: taking in the gene lengths"
    script:
        "../scripts/take_in_lengths.py"


rule take_in_statistics:
    input:
        unpack(name_files_of),
        record=rules.record_study.output.record,
        table=counts_files_of,
    output:
        statistics="results/{study}/intake/statistics.tsv",
        recount="results/{study}/intake/recount.tsv",
        facts="results/{study}/intake/intake.json",
    log:
        "results/logs/{study}/take_in_statistics.log",
    benchmark:
        "results/benchmarks/{study}/take_in_statistics.tsv"
    wildcard_constraints:
        study=only(STATISTICS),
    conda:
        "../../envs/intake.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        name_files=name_files_of,
    message:
        "{wildcards.study}: recounting the deposited statistics"
    script:
        "../scripts/take_in_statistics.py"
