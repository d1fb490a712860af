# From small-RNA reads to miRNA counts.


# One job counts all samples: Python and its kernels start once.
rule count_reads:
    input:
        record="results/{study}/catalogue/study.json",
        reads=reads_of,
        reference=simulated_reference_of,
        mature=given_reference("mirbase_mature"),
        hairpins=given_reference("mirbase_hairpins"),
        other=given_reference("other_rna"),
        kits=f"{ROOT}/resources/adapters/kits.tsv",
        clades=f"{ROOT}/resources/names/clades.tsv",
        markers=f"{ROOT}/resources/smallrna/markers.tsv",
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
        qc=report(
            "results/{study}/smallrna/qc.tsv",
            caption="../report/captions/reads.rst",
            category="Reads",
            subcategory="{study}",
            labels={"table": "quality of the samples"},
        ),
        facts="results/{study}/smallrna/smallrna.json",
        multiqc="results/{study}/smallrna/smallrna_mqc.json",
    log:
        "results/logs/{study}/count_reads.log",
    benchmark:
        "results/benchmarks/{study}/count_reads.tsv"
    wildcard_constraints:
        study=only(SMALL_RNA),
    conda:
        "../../envs/smallrna.yaml"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        settings=config["smallrna"],
        simulated=begins_with_simulated_reads,
    message:
        "{wildcards.study}: counting small RNAs"
    script:
        "../scripts/count_reads.py"
