"""Simulated reads, parsed by other means: they hold the counts, and the rest of a library in its shares."""

import copy
import hashlib
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from acuomics.problems import InputError
from acuomics.simulate import fastq
from acuomics.simulate.counts import simulate_record, write_counts
from acuomics.simulate.reads import simulate_reads
from tests.unit.simulate.naive import counted, read_fasta, read_fastq, windows
from tests.unit.simulate.test_reference import FOLDER, study

SEED = 20190523
PLAIN, UMI = "control_1", "control_2"


def simulate(
    folder, samples=(PLAIN, UMI), depth=12_000, threads=1, contaminants=FOLDER / "contaminants.tsv", **changes
):
    """Counts and reads of a few samples of the demo; `changes` are of simulation.reads."""
    content = copy.deepcopy(study())
    # The listed means alone make up 5,535 counts.
    content["simulation"]["depth"]["mean"] = depth
    content["simulation"]["reads"] |= changes
    content["simulation"]["reads"]["exceptions"] = {UMI: "qiaseq"} if UMI in samples else {}
    content["samples"] = [{"sample": name, "condition": "control"} for name in samples]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(content))
    counts, _ = simulate_record(content, folder / "study.yaml", FOLDER / "features.tsv", SEED)
    write_counts(counts, folder / "counts.tsv.gz")
    simulate_reads(
        content,
        folder / "study.yaml",
        FOLDER / "features.tsv",
        contaminants,
        folder / "counts.tsv.gz",
        SEED,
        folder / "reads",
        folder / "reference",
        threads=threads,
    )
    return counts.set_index("feature")


def path_of(folder, sample):
    return folder / "reads" / f"{sample}.fastq.gz"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A library without errors of each kit, and what a plain parser makes of it."""
    folder = tmp_path_factory.mktemp("reads")
    counts = simulate(folder, error_rate=0)
    kits = study()["simulation"]["reads"]["kits"]
    inserts_of = windows(folder / "reference")
    parsed = {}
    for sample, kit in ((PLAIN, kits["truseq"]), (UMI, kits["qiaseq"])):
        reads = read_fastq(path_of(folder, sample))
        molecules, copies, rest = counted(reads, kit["adapter"], kit["umi_length"], inserts_of)
        parsed[sample] = SimpleNamespace(kit=kit, reads=reads, molecules=molecules, copies=copies, rest=rest)
    return SimpleNamespace(folder=folder, counts=counts, inserts_of=inserts_of, **{"parsed": parsed})


def test_no_insert_can_be_of_two_mirnas(made):
    assert len(made.inserts_of) > 20_000
    assert max(map(len, made.inserts_of.values())) == 1


def agree(molecules, truth, umis):
    """Whether reads hold the counts: exactly; with UMIs but for those that two molecules got by chance."""
    missing = {name: n - molecules[name] for name, n in truth.items() if n != molecules[name]}
    # Of n molecules of one insert, n^2 / (2 x 4^12) share a UMI: of 5,500 less than one.
    return set(molecules) <= set(truth[truth > 0].index) and (
        missing == {} if not umis else all(truth[name] > 1000 and 0 < n <= 4 for name, n in missing.items())
    )


@pytest.mark.parametrize("sample", [PLAIN, UMI])
def test_reads_give_back_the_counts_exactly(made, sample):
    assert agree(made.parsed[sample].molecules, made.counts[sample], sample == UMI)


def test_umis_tell_molecules_from_copies(made):
    molecules, copies = (sum(getattr(made.parsed[UMI], name).values()) for name in ("molecules", "copies"))
    assert copies / molecules == pytest.approx(2, abs=0.05)  # 1 + Poisson(1): standard error 0.01
    assert made.parsed[PLAIN].copies == made.parsed[PLAIN].molecules


def test_every_class_has_its_share(made):
    folder, parsed = made.folder / "reference", made.parsed[PLAIN]
    shares = study()["simulation"]["reads"]["shares"]
    texts = {
        name: "|".join(read_fasta(path).values()) for name in shares if (path := folder / f"other/{name}.fa").exists()
    }
    assert len(texts) == 5
    foreign = {s for head, s in read_fasta(folder / "mature.fa").items() if head.startswith("ath-")}
    seen = Counter()
    for bases, insert in parsed.rest:
        if insert == "":
            seen["dimers"] += 1
        elif insert in foreign:
            seen["contamination"] += 1
        elif insert is not None and len(insert) < 15:
            assert len(insert) >= 6 and insert in texts["rrna"]
            seen["too_short"] += 1
        else:
            (name,) = [name for name, text in texts.items() if (insert or bases[:16]) in text]
            seen[name] += 1
    total = len(parsed.reads)
    assert seen == {name: pytest.approx(share * total, abs=1) for name, share in shares.items()}


def test_isomirs_have_their_shares(made):
    """A mature that is cut where its hairpin goes on alike looks untouched, so the shares seen are a little lower."""
    matures = set(read_fasta(made.folder / "reference" / "mature.fa").values())
    reads = made.parsed[PLAIN].reads
    kit = made.parsed[PLAIN].kit
    inserts = [bases[: bases.find(kit["adapter"])] for _, bases, _ in reads]
    mirna = [insert for insert in inserts if insert in made.inserts_of]
    exact = sum(insert in matures for insert in mirna) / len(mirna)
    assert exact == pytest.approx(0.97 * 0.65 * 0.9, abs=0.03)


def test_records_are_whole_and_in_random_order(made):
    for sample, parsed in made.parsed.items():
        size = parsed.kit["read_length"]
        for number, (name, bases, qualities) in enumerate(parsed.reads, start=1):
            assert name == f"@{sample}.{number:08d}"
            assert len(bases) == len(qualities) == size
        assert set("".join(q for _, _, q in parsed.reads)) == set("F:,#")
        # A third of the library is no miRNA, at its beginning as at its end.
        half = len(parsed.reads) // 2
        rest = {bases for bases, _ in parsed.rest}
        parts = [sum(bases in rest for _, bases, _ in part) for part in (parsed.reads[:half], parsed.reads[half:])]
        assert parts[0] == pytest.approx(parts[1], rel=0.1)


def test_bases_behind_the_adapter_are_random(made):
    kit = made.parsed[PLAIN].kit
    tails = "".join(
        b[b.find(kit["adapter"]) + len(kit["adapter"]) :] for _, b, _ in made.parsed[PLAIN].reads if kit["adapter"] in b
    )
    for letter in "ACGT":
        assert tails.count(letter) / len(tails) == pytest.approx(0.25, abs=0.01)


def test_errors_come_at_their_rate_and_with_poor_quality(made, tmp_path):
    simulate(tmp_path, error_rate=0.01)
    pairs = list(zip(made.parsed[PLAIN].reads, read_fastq(path_of(tmp_path, PLAIN)), strict=True))
    clean, dirty = ("".join(pair[side][1] for pair in pairs) for side in (0, 1))
    qualities = "".join(record[2] for _, record in pairs)
    wrong = [i for i, (x, y) in enumerate(zip(clean, dirty, strict=True)) if x != y]
    assert len(wrong) / len(clean) == pytest.approx(0.01, rel=0.05)
    assert {qualities[i] for i in wrong} == {","}


def test_same_bytes_again_with_two_threads(tmp_path):
    simulate(tmp_path / "one")
    simulate(tmp_path / "two", threads=2)
    for path in sorted((tmp_path / "one").rglob("*.f*")):
        assert digest(path) == digest(tmp_path / "two" / path.relative_to(tmp_path / "one")), path
    first = (tmp_path / "one" / "reads" / f"{PLAIN}.fastq.gz").read_bytes()
    assert first[4:8] == bytes(4) and not first[3] & 8  # neither time nor name in the gzip header
    assert read_fastq(path_of(tmp_path / "one", PLAIN))[0][1] != read_fastq(path_of(tmp_path / "one", UMI))[0][1][:50]


def test_the_reads_of_a_sample_do_not_depend_on_the_others(tmp_path):
    simulate(tmp_path)
    record = study() | {"samples": [{"sample": UMI, "condition": "control"}]}
    tables = (tmp_path / "study.yaml", FOLDER / "features.tsv", FOLDER / "contaminants.tsv", tmp_path / "counts.tsv.gz")
    simulate_reads(record, *tables, SEED, tmp_path / "alone", tmp_path / "alone_reference")
    assert [path.name for path in (tmp_path / "alone").iterdir()] == [f"{UMI}.fastq.gz"]
    assert digest(tmp_path / "alone" / f"{UMI}.fastq.gz") == digest(path_of(tmp_path, UMI))


def test_chunks_change_nothing_of_the_counts(made, tmp_path, monkeypatch):
    monkeypatch.setattr(fastq, "CHUNK", 1000)
    counts = simulate(tmp_path, error_rate=0)
    for sample, parsed in made.parsed.items():
        reads = read_fastq(path_of(tmp_path, sample))
        kit = parsed.kit
        molecules, _, rest = counted(reads, kit["adapter"], kit["umi_length"], windows(tmp_path / "reference"))
        assert agree(molecules, counts[sample], sample == UMI)
        assert sample == UMI or len(rest) == len(parsed.rest)


def test_nothing_is_in_an_empty_library(tmp_path):
    pool = SimpleNamespace(n_mirnas=2)
    spec = SimpleNamespace(shares=Counter(), error_rate=0.0, pcr_copies=1)
    kit = SimpleNamespace(adapter="TGGAATTC", read_length=50, umi_length=0)
    fastq.write_fastq(tmp_path / "a.fastq.gz", "a", np.zeros(2, np.int64), pool, spec, kit, [1])
    assert pd.read_csv(tmp_path / "a.fastq.gz", header=None, names=["x"]).empty


def test_contaminants_must_be_listed(tmp_path):
    with pytest.raises(InputError, match=r"contaminants\.tsv.*other species are not listed"):
        simulate(tmp_path, contaminants=None)
    shares = study()["simulation"]["reads"]["shares"] | {"contamination": 0}
    simulate(tmp_path, contaminants=None, shares=shares, samples=[PLAIN])
    assert "ath-" not in (tmp_path / "reference" / "mature.fa").read_text()


def test_it_is_cheap(tmp_path):
    """Eighteen files of the demo's size are to take 12 s: a file of 200,000 reads well under one."""
    import time

    start = time.process_time()
    simulate(tmp_path, samples=[PLAIN], depth=150_000)
    assert len(read_fastq(path_of(tmp_path, PLAIN))) > 150_000
    assert time.process_time() - start < 3
