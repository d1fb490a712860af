# Could a stranger repeat it? The summary that ends a run, and its crate: what went in, what came out, by what software.
# This file is included last: it knows the outputs of every rule before it.


rule summarise_run:
    input:
        records=collect("results/{study}/catalogue/study.json", study=config["studies"]),
        verdicts="results/mechanisms/verdicts.tsv",
        published=collect(
            "results/{study}/claims/verdicts.tsv", study=config["studies"]
        ),
        of_types=collect("results/{study}/claims", study=DERIVED),
        facts=collect("results/{study}/intake/intake.json", study=COUNTED + STATISTICS)
        + collect("results/{study}/de/fit.json", study=COUNTED),
        contrasts=collect("results/{study}/de/summary.tsv", study=COUNTED),
        reversals=[
            f"results/{name}/reversal/{pair}.json"
            for name in COUNTED
            for pair in CATALOGUE.studies[name].pairs
        ],
        quality=READS_QUALITY,
    output:
        summary="results/provenance/summary.txt",
    log:
        "results/logs/provenance/summarise_run.log",
    benchmark:
        "results/benchmarks/provenance/summarise_run.tsv"
    conda:
        "../../envs/provenance.yaml"
    threads: 1
    resources:
        mem_mb=200,
        runtime=5,
    message:
        "summing up the verdicts and warnings"
    script:
        "../scripts/summarise_run.py"


# What the rules so far make; the crate that the next one writes does not list itself.
PATTERNS = patterns_of_outputs()


# What stands in `all` beside the crate is its input, so that it is the last job.
rule write_crate:
    input:
        results=FINAL_RESULTS,
        summary="results/provenance/summary.txt",
        mechanism_set="results/mechanisms/set.json",
        read=files_read,
    output:
        crate="results/ro-crate-metadata.json",
        config="results/provenance/config.json",
        workflow="results/provenance/Snakefile",
        snapshot="results/provenance/acuomics.zip",
    log:
        "results/logs/provenance/write_crate.log",
    benchmark:
        "results/benchmarks/provenance/write_crate.tsv"
    conda:
        "../../envs/provenance.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=30,
    params:
        config=config,
        patterns=PATTERNS,
        pairs={name: study.pairs for name, study in CATALOGUE.studies.items()},
    message:
        "recording what the run read, made and ran on (RO-Crate)"
    script:
        "../scripts/write_crate.py"


# `make run` shows the summary itself.
onsuccess:
    if "ACUOMICS_RUNNER" not in os.environ:
        show_summary()
