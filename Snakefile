# acuomics: honest re-analysis of acupuncture sequencing studies.
from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.basedir}/config.yaml"


report: "workflow/report/captions/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/catalogue.smk"
include: "workflow/rules/acquire.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/smallrna.smk"
include: "workflow/rules/intake.smk"
include: "workflow/rules/de.smk"
include: "workflow/rules/reversal.smk"
include: "workflow/rules/mechanisms.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/recovery.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "results/report/index.html",
        "results/mechanisms/verdicts.tsv",
        "results/mechanisms/set.json",
        collect("results/{study}/mechanisms/settests.tsv", study=COUNTED),
        TARGET_LINKS,
