# What a person sees: the figures of every study, and one page for all.

REPORT_FOLDER = f"{ROOT}/workflow/report"
# What the figures and the page say about thresholds; a change of any of them draws and writes anew.
REPORT_SETTINGS = {name: config[name] for name in ("de", "reversal", "seed")}


rule draw_figures:
    input:
        record="results/{study}/catalogue/study.json",
        intake="results/{study}/intake/intake.json",
        samples="results/{study}/intake/samples.tsv",
        tables="results/{study}/de/tables",
        summary="results/{study}/de/summary.tsv",
        fit="results/{study}/de/fit.json",
        dispersions="results/{study}/de/dispersions.parquet",
        transformed="results/{study}/de/transformed.parquet",
        annotations="results/{study}/mechanisms/annotations.tsv",
        mechanisms="results/{study}/mechanisms/mechanisms.json",
        settests="results/{study}/mechanisms/settests.tsv",
        reversal=reversal_results_of,
        recovery=recovery_results_of,
        reads=reads_results_of,
    output:
        figures=report(
            directory("results/{study}/report/figures"),
            patterns=["{figure}.svg"],
            caption="../report/captions/figures.rst",
            category="Figures",
            subcategory="{study}",
            labels={"figure": "{figure}"},
        ),
        charts="results/{study}/report/charts.json",
        description="results/{study}/report/study.json",
    log:
        "results/logs/{study}/draw_figures.log",
    benchmark:
        "results/benchmarks/{study}/draw_figures.tsv"
    wildcard_constraints:
        study=only(COUNTED),
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=REPORT_SETTINGS,
    message:
        "{wildcards.study}: drawing the figures"
    script:
        "../scripts/draw_figures.py"


rule describe_published:
    input:
        record="results/{study}/catalogue/study.json",
        recount=recount_of,
    output:
        description="results/{study}/report/study.json",
    log:
        "results/logs/{study}/describe_published.log",
    benchmark:
        "results/benchmarks/{study}/describe_published.tsv"
    wildcard_constraints:
        study=only(PUBLISHED),
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "{wildcards.study}: gathering what was published"
    script:
        "../scripts/describe_published.py"


rule describe_cells:
    input:
        record="results/{study}/catalogue/study.json",
        cells="results/{study}/singlecell",
        types=descriptions_of_types,
        verdicts="results/mechanisms/verdicts.tsv",
    output:
        description="results/{study}/report/study.json",
        charts="results/{study}/report/charts.json",
    log:
        "results/logs/{study}/describe_cells.log",
    benchmark:
        "results/benchmarks/{study}/describe_cells.tsv"
    wildcard_constraints:
        study=only(CELLS),
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=REPORT_SETTINGS,
    message:
        "{wildcards.study}: gathering what the report says of its cells"
    script:
        "../scripts/describe_cells.py"


rule write_report:
    input:
        descriptions=collect(
            "results/{study}/report/study.json", study=config["studies"]
        ),
        figures=collect("results/{study}/report/figures", study=COUNTED),
        verdicts="results/mechanisms/verdicts.tsv",
        mechanism_verdicts="results/mechanisms/mechanism_verdicts.tsv",
        published=collect(
            "results/{study}/claims/verdicts.tsv", study=config["studies"]
        ),
        template=f"{REPORT_FOLDER}/page.html.j2",
        assets=collect(
            "{folder}/{name}",
            folder=REPORT_FOLDER,
            name=[
                "study.html.j2",
                "published.html.j2",
                "claims.html.j2",
                "parts.html.j2",
                "verdicts.html.j2",
                "report.css",
                "report.js",
                "vendor/jquery.min.js",
                "vendor/dataTables.min.js",
            ],
        ),
    output:
        page="results/report/index.html",
    log:
        "results/logs/report/write_report.log",
    benchmark:
        "results/benchmarks/report/write_report.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        settings=REPORT_SETTINGS,
    message:
        "writing the report"
    script:
        "../scripts/write_report.py"
