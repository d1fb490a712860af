# What holds across the studies of a run, and where else every claim was looked for.

STUDIES_FOLDER = f"{ROOT}/resources/studies"
SYNTHESIS_FOLDER = f"{ROOT}/resources/synthesis"
# What is read of every published study, run or not.
PUBLISHED_TABLES = ("study.yaml", "contrasts.tsv", "claims.tsv")
SYNTHESIS_SETTINGS = {
    "rate": config["synthesis"]["q"],
    "tau2": config["synthesis"]["tau2"],
    "low_hz": config["synthesis"]["low_hz"],
    "high_hz": config["synthesis"]["high_hz"],
    "ortholog_support": config["synthesis"]["ortholog_support"],
    "equivalence_bound": config["mechanisms"]["equivalence_log2fc"],
}


rule synthesise_studies:
    input:
        records=collect(
            "results/{study}/catalogue/study.json",
            study=config["studies"] + DERIVED,
        ),
        tables=collect("results/{study}/de/tables", study=COUNTED),
        summaries=collect("results/{study}/de/summary.tsv", study=COUNTED),
        features=collect("results/{study}/intake/features.tsv", study=COUNTED),
        statistics=collect(
            "results/{study}/intake/{name}.tsv",
            study=STATISTICS,
            name=["statistics", "recount"],
        ),
        reversals=[
            f"results/{study}/reversal/{pair}.{suffix}"
            for study in COUNTED
            for pair in CATALOGUE.studies[study].pairs
            for suffix in ("tsv", "json")
        ],
        verdicts="results/mechanisms/verdicts.tsv",
        published=collect(
            "results/{study}/claims/verdicts.tsv", study=config["studies"]
        ),
        published_of_types=collect("results/{study}/claims", study=DERIVED),
        curated=CURATED_TABLES,
        catalogue=sorted(
            f"{folder}/{name}"
            for folder, _, names in os.walk(STUDIES_FOLDER)
            for name in names
            if name in PUBLISHED_TABLES
        ),
        other_papers=f"{STUDIES_FOLDER}/other_papers.tsv",
        endpoints=f"{SYNTHESIS_FOLDER}/endpoints.tsv",
        roles=f"{SYNTHESIS_FOLDER}/roles.tsv",
        orthologues=config["synthesis"]["orthologues"] or [],
        pins=f"{ROOT}/resources/references/references.tsv",
    output:
        effects="results/synthesis/effects.tsv",
        pooled="results/synthesis/pooled.tsv",
        leave_one_out="results/synthesis/leave_one_out.tsv",
        replication="results/synthesis/replication.tsv",
        published_elsewhere="results/synthesis/published_elsewhere.tsv",
        reporting="results/synthesis/reporting.tsv",
        moderators="results/synthesis/moderators.tsv",
        all_effects="results/synthesis/effects.parquet",
        facts="results/synthesis/synthesis.json",
    log:
        "results/logs/synthesis/synthesise_studies.log",
    benchmark:
        "results/benchmarks/synthesis/synthesise_studies.tsv"
    conda:
        "../../envs/synthesis.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        studies=config["studies"] + DERIVED,
        settings=SYNTHESIS_SETTINGS,
        claim_settings=CLAIM_SETTINGS,
    message:
        "holding the studies against one another"
    script:
        "../scripts/synthesise_studies.py"
