# Are these the deposited bytes? One job a file of files.tsv; a killed job's .part file is continued by the next.
import re

from acuomics.acquire.ledger import Ledger
from acuomics.acquire.plan import binding_sha256

# The rule matches the files of the tables only; without any, nothing.
DEPOSITED_NAMES = (
    "|".join(sorted({re.escape(name) for files in DEPOSITS.values() for name in files}))
    or "(?!)"
)


def deposit_of(wildcards):
    return DEPOSITS[wildcards.study][wildcards.file].row()


def hash_of(wildcards):
    """What the bytes must hash to: the deposited SHA-256, the recorded one, or the one that was verified by MD5."""
    return binding_sha256(
        DEPOSITS[wildcards.study][wildcards.file],
        f"results/{wildcards.study}/acquire/{wildcards.file}",
        Ledger(config["acquire"]["ledger"], wildcards.study),
    )


def acquired_files_of(wildcards):
    """The files that files.tsv of the study names, in its order; none where it has none."""
    return [
        f"results/{wildcards.study}/acquire/{name}"
        for name in DEPOSITS.get(wildcards.study, {})
    ]


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
