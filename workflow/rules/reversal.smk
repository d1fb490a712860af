# Did treatment undo what the model did? One job a pair of a model and a treatment contrast.


rule test_reversal:
    input:
        record="results/{study}/catalogue/study.json",
        counts="results/{study}/intake/counts.parquet",
        tables="results/{study}/de/tables",
        covariance="results/{study}/de/covariance.parquet",
        fit="results/{study}/de/fit.json",
        lengths=lengths_of,
    output:
        table=report(
            "results/{study}/reversal/{pair}.tsv",
            caption="../report/captions/reversal.rst",
            category="Reversal",
            subcategory="{study}",
            labels={"pair": "{pair}"},
        ),
        summary="results/{study}/reversal/{pair}.json",
    log:
        "results/logs/{study}/test_reversal.{pair}.log",
    benchmark:
        "results/benchmarks/{study}/test_reversal.{pair}.tsv"
    conda:
        "../../envs/reversal.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        rate=lookup(within=config, dpath="reversal/q"),
        alpha=lookup(within=config, dpath="reversal/alpha"),
        bound=lookup(within=config, dpath="reversal/equivalence_log2fc"),
        draws=lookup(within=config, dpath="reversal/permutations"),
        seed=lookup(within=config, dpath="seed"),
    message:
        "{wildcards.study}: testing reversal ({wildcards.pair}), with {params.draws} relabelings"
    script:
        "../scripts/test_reversal.py"
