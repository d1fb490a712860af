# What changed between arms, and with what error rate: one fit a study answers every contrast.


rule fit_study:
    input:
        record="results/{study}/catalogue/study.json",
        counts="results/{study}/intake/counts.parquet",
        features="results/{study}/intake/features.tsv",
        lengths=lengths_of,
    output:
        tables=report(
            directory("results/{study}/de/tables"),
            patterns=["{contrast}.tsv"],
            caption="../report/captions/contrast.rst",
            category="Differential expression",
            subcategory="{study}",
            labels={"contrast": "{contrast}"},
        ),
        summary=report(
            "results/{study}/de/summary.tsv",
            caption="../report/captions/summary.rst",
            category="Differential expression",
            subcategory="{study}",
            labels={"contrast": "all, found against chance"},
        ),
        fit="results/{study}/de/fit.json",
        dispersions="results/{study}/de/dispersions.parquet",
        covariance="results/{study}/de/covariance.parquet",
        transformed="results/{study}/de/transformed.parquet",
    log:
        "results/logs/{study}/fit_study.log",
    benchmark:
        "results/benchmarks/{study}/fit_study.tsv"
    conda:
        "../../envs/de.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        engine=lookup(within=config, dpath="de/engine"),
        inference=lookup(within=config, dpath="de/inference"),
        rate=lookup(within=config, dpath="de/q"),
        power=lookup(within=config, dpath="de/power"),
    message:
        "{wildcards.study}: fitting the model and testing every contrast"
    script:
        "../scripts/fit_study.py"
