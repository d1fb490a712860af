# Are these the deposited bytes? One job a file of files.tsv; a killed job's .part file is continued by the next.


localrules:
    fetch_file,


rule fetch_file:
    output:
        file=ensure("results/{study}/acquire/{file}", non_empty=True, sha256=hash_of),
        receipt="results/{study}/acquire/{file}.receipt.json",
    log:
        "results/logs/{study}/fetch_file.{file}.log",
    benchmark:
        "results/benchmarks/{study}/fetch_file.{file}.tsv"
    wildcard_constraints:
        file=DEPOSITED_NAMES,
    conda:
        "../../envs/acquire.yaml"
    threads: 1
    resources:
        connections=1,
        mem_mb=200,
        runtime=240,
    params:
        deposit=deposit_of,
        settings=lookup(within=config, dpath="acquire"),
        data_root=config["data_root"],
    message:
        "{wildcards.study}: fetching {wildcards.file}"
    script:
        "../scripts/fetch_file.py"
