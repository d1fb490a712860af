# From mRNA-seq reads to gene counts: transcripts indexed once, one job a sample, gathered by study.


# No benchmark: with --cache the index may come from the cache, and Snakemake then has no time to write.
rule index_transcripts:
    input:
        fasta=transcript_files_of,
        genes=transcript_genes_of,
        decoys=transcript_decoys_of,
    output:
        index=directory("results/transcriptomes/{taxon}"),
    log:
        "results/logs/transcriptomes/index_transcripts.{taxon}.log",
    wildcard_constraints:
        taxon=r"[1-9][0-9]*",
    cache: True
    conda:
        "../../envs/rnaseq.yaml"
    threads: 4
    resources:
        mem_mb=12000,
        runtime=60,
    params:
        engine=config["rnaseq"]["engine"],
        version=engine_version,
        # What a file is there for: Snakemake and its cache see only that it is there.
        n_transcript_files=lambda wildcards, input: len(input.fasta),
        n_decoy_files=lambda wildcards, input: len(input.decoys),
    message:
        "indexing the transcripts of taxon {wildcards.taxon} with {params.engine} {params.version}"
    script:
        "../scripts/index_transcripts.py"


rule count_transcripts:
    input:
        record="results/{study}/catalogue/study.json",
        reads=reads_of_sample,
        index=index_of,
        fasta=transcript_files_of,
        adapters=f"{ROOT}/resources/rnaseq/adapters.tsv",
    output:
        counts="results/{study}/rnaseq/samples/{sample}.tsv",
        facts="results/{study}/rnaseq/samples/{sample}.json",
    log:
        "results/logs/{study}/count_transcripts.{sample}.log",
    benchmark:
        "results/benchmarks/{study}/count_transcripts.{sample}.tsv"
    wildcard_constraints:
        study=only(MRNA_READS),
        sample=r"[A-Za-z0-9][A-Za-z0-9_.+-]*",
    conda:
        "../../envs/rnaseq.yaml"
    threads: 4
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        settings=config["rnaseq"],
    message:
        "{wildcards.study}: counting the transcripts of {wildcards.sample}"
    script:
        "../scripts/count_transcripts.py"


rule gather_genes:
    input:
        record="results/{study}/catalogue/study.json",
        index=index_of,
        counts=counted_samples_of("tsv"),
        facts=counted_samples_of("json"),
        markers=f"{ROOT}/resources/rnaseq/markers.tsv",
    output:
        counts="results/{study}/rnaseq/counts.tsv",
        lengths="results/{study}/rnaseq/lengths.tsv",
        tpm="results/{study}/rnaseq/tpm.tsv",
        qc="results/{study}/rnaseq/qc.tsv",
        facts="results/{study}/rnaseq/rnaseq.json",
        multiqc=directory("results/{study}/rnaseq/multiqc"),
    log:
        "results/logs/{study}/gather_genes.log",
    benchmark:
        "results/benchmarks/{study}/gather_genes.tsv"
    wildcard_constraints:
        study=only(MRNA_READS),
    conda:
        "../../envs/rnaseq.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=20,
    params:
        limits=config["rnaseq"]["limits"],
    message:
        "{wildcards.study}: summing transcripts up to genes, and judging the libraries"
    script:
        "../scripts/gather_genes.py"


# On request (snakemake multiqc): MultiQC takes longer than counting the reads of an embedded study.
rule multiqc_reads:
    input:
        sources=multiqc_sources,
    output:
        page="results/report/multiqc.html",
    log:
        "results/logs/report/multiqc_reads.log",
    benchmark:
        "results/benchmarks/report/multiqc_reads.tsv"
    conda:
        "../../envs/rnaseq.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    message:
        "gathering the quality of all reads on one page"
    script:
        "../scripts/multiqc_reads.py"
