# From small-RNA reads to miRNA counts.

SIMULATED_READS = [name for name in FROM_READS if name in named("simulated")]


def reads_of(wildcards):
    """The FASTQ files of the study; of a simulated one the folder that holds them."""
    if wildcards.study in SIMULATED_READS:
        return [f"results/{wildcards.study}/simulate/reads"]
    return [
        path for paths in study_of(wildcards).reads_files.values() for path in paths
    ]


def simulated_reference_of(wildcards):
    """The reference that a simulated study brings along."""
    return collect(
        "results/{study}/simulate/reference",
        study=wildcards.study if wildcards.study in SIMULATED_READS else [],
    )


def given_reference(name):
    """A configured reference, for studies that do not bring their own."""

    def reference(wildcards):
        simulated = wildcards.study in SIMULATED_READS
        return [] if simulated else config["references"][name] or []

    return reference


def quality_of(wildcards):
    """The verdicts on the samples' reads; nothing where the study begins with counts."""
    return collect(
        "results/{study}/smallrna/qc.tsv",
        study=wildcards.study if wildcards.study in FROM_READS else [],
    )


def reads_results_of(wildcards):
    """What the report says of the reads; nothing where the study begins with counts."""
    return collect(
        "results/{study}/smallrna/{name}",
        study=wildcards.study if wildcards.study in FROM_READS else [],
        name=["qc.tsv", "classes.tsv", "smallrna.json"],
    )


# One job counts all samples: Python and its kernels start once.
rule count_reads:
    input:
        record="results/{study}/catalogue/study.json",
        reads=reads_of,
        reference=simulated_reference_of,
        mature=given_reference("mirbase_mature"),
        hairpins=given_reference("mirbase_hairpins"),
        other=given_reference("other_rna"),
        kits=f"{workflow.basedir}/resources/adapters/kits.tsv",
        clades=f"{workflow.basedir}/resources/names/clades.tsv",
        markers=f"{workflow.basedir}/resources/smallrna/markers.tsv",
    output:
        counts="results/{study}/smallrna/counts.tsv",
        fractions="results/{study}/smallrna/fractions.tsv",
        features="results/{study}/smallrna/features.tsv",
        isomirs="results/{study}/smallrna/isomirs.tsv",
        gff="results/{study}/smallrna/isomirs.gff3",
        classes="results/{study}/smallrna/classes.tsv",
        lengths="results/{study}/smallrna/lengths.tsv",
        clades="results/{study}/smallrna/clades.tsv",
        markers="results/{study}/smallrna/markers.tsv",
        summary="results/{study}/smallrna/summary.tsv",
        qc="results/{study}/smallrna/qc.tsv",
        facts="results/{study}/smallrna/smallrna.json",
        multiqc="results/{study}/smallrna/smallrna_mqc.json",
    log:
        "results/logs/{study}/count_reads.log",
    benchmark:
        "results/benchmarks/{study}/count_reads.tsv"
    wildcard_constraints:
        study=only(FROM_READS),
    conda:
        "../../envs/smallrna.yaml"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        settings=config["smallrna"],
        simulated=lambda wildcards: wildcards.study in SIMULATED_READS,
    message:
        "{wildcards.study}: counting small RNAs"
    script:
        "../scripts/count_reads.py"
