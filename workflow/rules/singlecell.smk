# From cells to counts an animal and cell type, and each declared type through the ordinary stages.
from types import SimpleNamespace

# What the ordinary rules of these stages are given.
TYPE_SETTINGS = {
    "intake": {"max_zero_share": config["intake"]["max_zero_share"]},
    "de": {
        "engine": config["de"]["engine"],
        "inference": config["de"]["inference"],
        "rate": config["de"]["q"],
        "power": config["de"]["power"],
    },
    "reversal": {
        "rate": config["reversal"]["q"],
        "alpha": config["reversal"]["alpha"],
        "bound": config["reversal"]["equivalence_log2fc"],
        "draws": config["reversal"]["permutations"],
        "seed": config["seed"],
    },
    "verdicts": VERDICT_SETTINGS,
    # The gene-permutation test is left out here: sensitivity only, and slow to import.
    "sensitivity": False,
    "report": {name: config[name] for name in ("de", "reversal", "seed")},
}


rule analyse_cells:
    input:
        record=rules.record_study.output.record,
        cells=cells_of,
        # What stands beside a matrix (features, barcodes) and has no name of its own in the record.
        deposited=acquired_files_of,
        markers=f"{CELL_TABLES}/markers.tsv",
        mitochondrial=f"{CELL_TABLES}/mitochondrial.tsv",
    output:
        cells=directory("results/{study}/singlecell"),
    log:
        "results/logs/{study}/analyse_cells.log",
    benchmark:
        "results/benchmarks/{study}/analyse_cells.tsv"
    wildcard_constraints:
        study=only(CELLS),
    conda:
        "../../envs/singlecell.yaml"
    threads: 1
    resources:
        mem_mb=6000,
        runtime=120,
    params:
        settings=config["singlecell"],
        seed=config["seed"],
    message:
        "{wildcards.study}: quality, clusters, types and pseudobulk of single cells"
    script:
        "../scripts/analyse_cells.py"


# A rule a study: its outputs are the folders of the studies that its types become, whose names no wildcard gives.
# One job for all types of a study: a type is tested sooner than the processes of its stages would start.
for PARENT, TYPES in TYPES_OF.items():

    rule:
        name:
            f"test_types_{PARENT}"
        input:
            record=f"results/{PARENT}/catalogue/study.json",
            cells=f"results/{PARENT}/singlecell",
            truth=collect(
                "results/{study}/simulate/truth.tsv",
                study=[PARENT] if PARENT in SIMULATED_CELLS else [],
            ),
            gene_table=gene_table_of(SimpleNamespace(study=PARENT)),
            name_files=list(name_files_of(SimpleNamespace(study=PARENT)).values()),
            families=f"{CURATED_FOLDER}/superfamilies.tsv",
            curated=CURATED_TABLES,
        output:
            records=collect("results/{study}/catalogue/study.json", study=TYPES),
            verdicts=collect("results/{study}/mechanisms/verdicts.tsv", study=TYPES),
            settests=collect("results/{study}/mechanisms/settests.tsv", study=TYPES),
            annotations=collect(
                "results/{study}/mechanisms/annotations.tsv", study=TYPES
            ),
            stages=directory(
                collect(
                    "results/{study}/{stage}",
                    study=TYPES,
                    stage=["intake", "de", "reversal", "claims", "recovery"],
                )
            ),
            descriptions=collect("results/{study}/report/study.json", study=TYPES),
        log:
            f"results/logs/{PARENT}/test_types.log",
        benchmark:
            f"results/benchmarks/{PARENT}/test_types.tsv"
        conda:
            "../../envs/singlecell.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=240,
        params:
            settings=TYPE_SETTINGS,
            name_files=name_files_of(SimpleNamespace(study=PARENT)),
        message:
            f"{PARENT}: testing every cell type, with animals as samples"
        script:
            "../scripts/test_types.py"
