# Does the data bear out what the paper said?

CLAIM_SETTINGS = VERDICT_SETTINGS | {"rate": config["de"]["q"]}
# What speaks to the claims of a study: its fit, a deposited table of statistics, or nothing.
KIND_OF = {name: study.kind for name, study in CATALOGUE.studies.items()}
NO_FIT = {"statistics": [], "claims_only": [], "cells": []}


rule judge_published:
    input:
        record="results/{study}/catalogue/study.json",
        tables=branch(
            lookup(dpath="{study}", within=KIND_OF),
            cases=NO_FIT | {"statistics": "results/{study}/intake/statistics.tsv"},
            otherwise="results/{study}/de/tables",
        ),
        summary=branch(
            lookup(dpath="{study}", within=KIND_OF),
            cases=NO_FIT | {"statistics": "results/{study}/intake/recount.tsv"},
            otherwise="results/{study}/de/summary.tsv",
        ),
        features=branch(
            lookup(dpath="{study}", within=KIND_OF),
            cases=NO_FIT,
            otherwise="results/{study}/intake/features.tsv",
        ),
        reversals=branch(
            lookup(dpath="{study}", within=KIND_OF),
            cases=NO_FIT,
            otherwise=reversal_results_of,
        ),
    output:
        verdicts=report(
            "results/{study}/claims/verdicts.tsv",
            caption="../report/captions/published.rst",
            category="Published claims",
            subcategory="{study}",
            labels={"table": "verdicts"},
        ),
        facts="results/{study}/claims/claims.json",
    log:
        "results/logs/{study}/judge_published.log",
    benchmark:
        "results/benchmarks/{study}/judge_published.tsv"
    conda:
        "../../envs/claims.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        settings=CLAIM_SETTINGS,
    message:
        "{wildcards.study}: holding the published claims against the data"
    script:
        "../scripts/judge_published.py"
