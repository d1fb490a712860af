# acuomics: honest re-analysis of acupuncture sequencing studies.
from snakemake.utils import min_version

min_version("9.0")


# The folder of this file, also where another workflow imports it as a module.
configfile: f"{workflow.current_basedir}/config.yaml"


report: "workflow/report/captions/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/catalogue.smk"
include: "workflow/rules/acquire.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/smallrna.smk"
include: "workflow/rules/rnaseq.smk"
include: "workflow/rules/intake.smk"
include: "workflow/rules/de.smk"
include: "workflow/rules/reversal.smk"
include: "workflow/rules/mechanisms.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/recovery.smk"
include: "workflow/rules/singlecell.smk"
include: "workflow/rules/synthesis.smk"
include: "workflow/rules/report.smk"


# What a run is for; the crate, written last, tells of them.
FINAL_RESULTS = [
    "results/report/index.html",
    "results/mechanisms/verdicts.tsv",
    "results/mechanisms/set.json",
    "results/synthesis/synthesis.json",
    *collect("results/{study}/mechanisms/settests.tsv", study=COUNTED),
    *TARGET_LINKS,
]


include: "workflow/rules/provenance.smk"


rule all:
    default_target: True
    input:
        FINAL_RESULTS,
        "results/ro-crate-metadata.json",
    message:
        "all results are there"


# On request: the quality of all reads as a page of MultiQC.
rule multiqc:
    input:
        "results/report/multiqc.html",
