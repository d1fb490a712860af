# Which curated mechanisms the features of a study belong to, and the curated set for other programs.

CURATED_TABLES = collect(
    "{folder}/{name}",
    folder=f"{ROOT}/resources/mechanisms",
    name=[
        "datapackage.json",
        "claims.tsv",
        "conflicts.tsv",
        "entities.tsv",
        "evidence.tsv",
        "levels.tsv",
        "mechanisms.tsv",
        "members.tsv",
        "mirnas.tsv",
        "testability.tsv",
    ],
)
CURATED_FOLDER = f"{ROOT}/resources/mechanisms"
VERDICT_SETTINGS = {
    "rate": config["mechanisms"]["q"],
    "power": config["de"]["power"],
    "detectable_bound": config["mechanisms"]["detectable_log2fc"],
    "equivalence_bound": config["mechanisms"]["equivalence_log2fc"],
}


rule annotate_hits:
    input:
        record="results/{study}/catalogue/study.json",
        features="results/{study}/intake/features.tsv",
        tables="results/{study}/de/tables",
        curated=CURATED_TABLES,
    output:
        annotations="results/{study}/mechanisms/annotations.tsv",
        summary="results/{study}/mechanisms/mechanisms.json",
    log:
        "results/logs/{study}/annotate_hits.log",
    benchmark:
        "results/benchmarks/{study}/annotate_hits.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        q=config["de"]["q"],
    message:
        "{wildcards.study}: looking up the features in the curated mechanisms"
    script:
        "../scripts/annotate_hits.py"


rule export_set:
    input:
        curated=CURATED_TABLES,
    output:
        gene_sets=collect(
            "results/mechanisms/{species}.{tier}.{name}.gmt",
            species=["human", "mouse", "rat"],
            tier=["seed_named", "seed_direct", "seed_proxy", "extended"],
            name=["id", "symbol"],
        ),
        nets=collect(
            "results/mechanisms/{species}.net.{name}.tsv",
            species=["human", "mouse", "rat"],
            name=["id", "symbol"],
        ),
        annotations="results/mechanisms/annotations.gpad.tsv",
        summary="results/mechanisms/set.json",
    log:
        "results/logs/mechanisms/export_set.log",
    benchmark:
        "results/benchmarks/mechanisms/export_set.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "writing the curated set for other programs"
    script:
        "../scripts/export_set.py"


rule judge_claims:
    input:
        record="results/{study}/catalogue/study.json",
        features="results/{study}/intake/features.tsv",
        tables="results/{study}/de/tables",
        curated=CURATED_TABLES,
    output:
        verdicts="results/{study}/mechanisms/verdicts.tsv",
    log:
        "results/logs/{study}/judge_claims.log",
    benchmark:
        "results/benchmarks/{study}/judge_claims.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        settings=VERDICT_SETTINGS,
    message:
        "{wildcards.study}: judging every claim of the curated set"
    script:
        "../scripts/judge_claims.py"


rule test_sets:
    input:
        record="results/{study}/catalogue/study.json",
        counts="results/{study}/intake/counts.parquet",
        features="results/{study}/intake/features.tsv",
        fit="results/{study}/de/fit.json",
        lengths=lengths_of,
        families=f"{CURATED_FOLDER}/superfamilies.tsv",
        curated=CURATED_TABLES,
    output:
        settests=report(
            "results/{study}/mechanisms/settests.tsv",
            caption="../report/captions/settests.rst",
            category="Mechanisms",
            subcategory="{study}",
            labels={"table": "sets of genes"},
        ),
    log:
        "results/logs/{study}/test_sets.log",
    benchmark:
        "results/benchmarks/{study}/test_sets.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        sensitivity=config["mechanisms"]["ulm_sensitivity"],
    message:
        "{wildcards.study}: testing families of genes as sets"
    script:
        "../scripts/test_sets.py"


rule conclude_claims:
    input:
        studies=collect(
            "results/{study}/mechanisms/verdicts.tsv", study=COUNTED + DERIVED
        ),
        curated=CURATED_TABLES,
    output:
        verdicts=report(
            "results/mechanisms/verdicts.tsv",
            caption="../report/captions/verdicts.rst",
            category="Mechanisms",
            subcategory="all studies",
            labels={"table": "verdicts of the claims"},
        ),
        mechanisms="results/mechanisms/mechanism_verdicts.tsv",
    log:
        "results/logs/mechanisms/conclude_claims.log",
    benchmark:
        "results/benchmarks/mechanisms/conclude_claims.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        settings=VERDICT_SETTINGS,
        simulated=[
            *(CATALOGUE.studies[name].simulated for name in COUNTED),
            *(
                CATALOGUE.studies[name].simulated
                for name in CELLS
                for _ in TYPES_OF[name]
            ),
        ],
    message:
        "judging the curated claims of all studies together"
    script:
        "../scripts/conclude_claims.py"


rule link_targets:
    input:
        record="results/{study}/catalogue/study.json",
        features="results/{study}/intake/features.tsv",
        tables="results/{study}/de/tables",
        mrna_record="results/{mrna}/catalogue/study.json",
        mrna_features="results/{mrna}/intake/features.tsv",
        mrna_tables="results/{mrna}/de/tables",
        targets=TARGETS["table"] or [],
        names=config["references"]["mirbase_names"] or [],
        methods=f"{ROOT}/resources/targets/methods.tsv",
        pins=f"{ROOT}/resources/references/references.tsv",
        curated=CURATED_TABLES,
    output:
        statements="results/{study}/mechanisms/targets.{mrna}.tsv",
        enrichment="results/{study}/mechanisms/target_sets.{mrna}.tsv",
        facts="results/{study}/mechanisms/targets.{mrna}.json",
    log:
        "results/logs/{study}/link_targets.{mrna}.log",
    benchmark:
        "results/benchmarks/{study}/link_targets.{mrna}.tsv"
    conda:
        "../../envs/mechanisms.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        draws=TARGETS["draws"],
        rate=config["de"]["q"],
        seed=config["seed"],
    message:
        "{wildcards.study}: linking miRNAs to their targets in {wildcards.mrna}"
    script:
        "../scripts/link_targets.py"
