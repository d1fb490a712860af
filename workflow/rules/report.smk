# What a person sees: the figures of every study, and a site for all.
from pathlib import Path

REPORT_FOLDER = f"{ROOT}/workflow/report"
# What the figures and the page say about thresholds; a change of any of them draws and writes anew.
REPORT_SETTINGS = {name: config[name] for name in ("de", "reversal", "seed")}
# Templates, style sheet, scripts and words; the curated set with our translations.
REPORT_FILES = sorted(
    str(path)
    for name in ("strings.tsv", "pages/*", "assets/*", "assets/vendor/*", "map/*")
    for path in Path(REPORT_FOLDER).glob(name)
    if path.is_file()
)
MECHANISM_FILES = sorted(
    str(path)
    for name in ("*.tsv", "datapackage.json")
    for path in Path(f"{ROOT}/resources/mechanisms").glob(name)
)
# Studies with a page: those of the run, each followed by the studies of its cell types.
SHOWN = [
    name for study in config["studies"] for name in (study, *TYPES_OF.get(study, ()))
]
# Tables of a study that its page shows and offers as they are.
REPORTED_TABLES = [
    "results/{study}/de/tables",
    "results/{study}/intake/samples.tsv",
    "results/{study}/mechanisms/annotations.tsv",
    "results/{study}/mechanisms/settests.tsv",
]


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
        descriptions=collect("results/{study}/report/study.json", study=SHOWN),
        figures=collect("results/{study}/report/figures", study=COUNTED),
        charts=collect("results/{study}/report/charts.json", study=[*COUNTED, *CELLS]),
        tables=collect(REPORTED_TABLES, study=COUNTED),
        reversal=[
            f"results/{study}/reversal/{pair}.tsv"
            for study in COUNTED
            for pair in CATALOGUE.studies[study].pairs
        ],
        reads=READS_QUALITY,
        recounts=collect("results/{study}/intake/recount.tsv", study=STATISTICS),
        verdicts="results/mechanisms/verdicts.tsv",
        mechanism_verdicts="results/mechanisms/mechanism_verdicts.tsv",
        published=collect(
            "results/{study}/claims/verdicts.tsv", study=config["studies"]
        ),
        replication="results/synthesis/replication.tsv",
        catalogue=collect(
            "results/catalogue/{name}.tsv", name=["studies", "claims", "reporting"]
        ),
        mechanisms=MECHANISM_FILES,
        vega="results/report/vega/vega.js",
        templates=REPORT_FILES,
    output:
        page="results/report/index.html",
        synthesis="results/report/synthesis.html",
        catalogue="results/report/catalogue.html",
        methods="results/report/methods.html",
        provenance="results/report/provenance.html",
        studies=directory("results/report/studies"),
        levels=directory("results/report/levels"),
        assets=directory("results/report/assets"),
        figures=directory("results/report/figures"),
        data=directory("results/report/data"),
        tables=directory("results/report/tables"),
    log:
        "results/logs/report/write_report.log",
    benchmark:
        "results/benchmarks/report/write_report.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        settings=REPORT_SETTINGS,
        config=config,
    message:
        "writing the report"
    script:
        "../scripts/write_report.py"


rule bundle_vega:
    output:
        script="results/report/vega/vega.js",
    log:
        "results/logs/report/bundle_vega.log",
    benchmark:
        "results/benchmarks/report/bundle_vega.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    message:
        "bundling the library of charts"
    script:
        "../scripts/bundle_vega.py"
