"""Reading simulated reads with plain string methods, from the files alone: no code of the simulator."""

import gzip
from collections import Counter


def read_fasta(path):
    """Header to sequence, in DNA letters."""
    entries = [block.split("\n", 1) for block in path.read_text().lstrip(">").split("\n>")]
    return {head: body.replace("\n", "").replace("U", "T") for head, body in entries}


def read_fastq(path):
    """(name, bases, qualities) of every record."""
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    assert lines.pop() == "" and len(lines) % 4 == 0
    assert set(lines[2::4]) == {"+"}
    return list(zip(lines[::4], lines[1::4], lines[3::4], strict=True))


def windows(folder):
    """Every insert that a miRNA of the folder's species can give, to the accessions it can be of."""
    hairpins = list(read_fasta(folder / "hairpin.fa").values())
    found = {}
    for head, mature in read_fasta(folder / "mature.fa").items():
        for hairpin in hairpins:
            at = hairpin.find(mature)
            if at < 0:
                continue
            for first in (-1, 0, 1):
                for last in (-2, -1, 0, 1, 2):
                    templated = hairpin[at + first : at + len(mature) + last]
                    for tail in ("", "A", "T", "AA", "AT", "TA", "TT"):
                        found.setdefault(templated + tail, set()).add(head.split()[1])
    return found


def counted(reads, adapter, umi_length, inserts_of):
    """Molecules of each accession, reads of each, and the other inserts (None: no whole adapter in the read)."""
    seen, molecules, copies, rest = set(), Counter(), Counter(), []
    for _, bases, _ in reads:
        at = bases.find(adapter)
        insert = bases[:at] if at >= 0 else None
        if insert not in inserts_of:
            rest.append((bases, insert))
            continue
        (accession,) = inserts_of[insert]
        copies[accession] += 1
        umi = bases[at + len(adapter) :][:umi_length] if umi_length else len(seen)
        if (insert, umi) not in seen:
            molecules[accession] += 1
        seen.add((insert, umi))
    return molecules, copies, rest
