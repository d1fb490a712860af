"""The stage from simulated reads to gene tables: the truth comes back, and every fault is told and writes nothing."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acuomics.problems import InputError
from acuomics.rnaseq.index import write_index
from acuomics.rnaseq.multiqc import settled, write_page
from acuomics.rnaseq.qc import QcLimits
from acuomics.rnaseq.run import GatheredPaths, count_sample, gather_study
from acuomics.rnaseq.settings import CountSettings
from tests.conftest import REPO
from tests.rnaseq import Tiny, simulate_pairs, tiny

RESOURCES = REPO / "resources" / "rnaseq"
SETTINGS = CountSettings(sampled=2000)


@dataclass
class Bench:
    root: Path
    source: Tiny
    fasta: Path
    index: Path
    reads: dict[str, tuple[Path, Path]]
    counts: dict[str, dict[str, int]]

    def count(self, sample, files, out, settings=SETTINGS, index=None, fasta=None):
        paths = out / f"{sample}.tsv", out / f"{sample}.json"
        at = index or self.index
        count_sample(
            sample, files, at, fasta or self.fasta, RESOURCES / "adapters.tsv", *paths, settings=settings, limits=None
        )
        return paths

    def fault(self, files, out, **how):
        with pytest.raises(InputError) as caught:
            self.count("bad", files, out, **how)
        assert not out.exists() or not list(out.iterdir())
        return str(caught.value)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    root = tmp_path_factory.mktemp("rnaseq")
    source = tiny()
    fasta = source.write(root / "cdna.fa.gz")
    write_index(fasta, None, root / "index")
    rng = np.random.default_rng(5)
    reads, counts = {}, {}
    for at, (sample, strand) in enumerate({"a": "unstranded", "b": "reverse"}.items()):
        counts[sample] = {name: int(n) for name, n in zip(source.sequences, rng.integers(0, 200, 40), strict=True)}
        reads[sample] = simulate_pairs(source, counts[sample], root / sample, seed=at, strand=strand, error=0.002)
    return Bench(root, source, fasta, root / "index" / "index.json", reads, counts)


@pytest.fixture(scope="module")
def study(bench):
    """Both samples counted and gathered; genes 01 and 02 of the tiny species are its sex genes."""
    out = bench.root / "study"
    counted = {s: bench.count(s, files, out) for s, files in bench.reads.items()}
    markers = bench.root / "markers.tsv"
    markers.write_text(
        "kind\ttaxon\tensembl_gene\tsymbol\tsource\n"
        "male\t10116\tENSRNOG00000000001\t\ttest\nfemale\t10116\tENSRNOG00000000099\tXist\ttest\n"
        "haemoglobin\t10116\t\tSym04\ttest\n"
    )
    names = {"counts": "gene_counts.tsv", "lengths": "gene_lengths.tsv", "tpm": "tpm.tsv", "qc": "qc.tsv"}
    paths = GatheredPaths(
        **{k: out / name for k, name in names.items()}, facts=out / "rnaseq.json", multiqc=out / "multiqc"
    )
    gather_study(counted, bench.index, markers, 10116, {"a": "male", "b": "F"}, paths, study="ab")
    return out


def test_gene_counts_are_those_put_in(bench, study):
    found = pd.read_csv(study / "gene_counts.tsv", sep="\t", index_col="gene")
    assert list(found.columns) == ["symbol", "a", "b"] and found["symbol"].iloc[7] == "Sym07"
    for sample, counts in bench.counts.items():
        truth = pd.Series(counts).groupby(bench.source.genes).sum()
        assert found.index.tolist() == truth.index.tolist()
        # 200 fragments at most, two errors in a thousand bases: only a pair with errors in every word is lost.
        np.testing.assert_allclose(found[sample], truth, atol=2)


def test_lengths_follow_the_isoforms(bench, study):
    """The mean length of a gene with two isoforms lies between theirs, nearer to the one with more molecules."""
    lengths = pd.read_csv(study / "gene_lengths.tsv", sep="\t", index_col="gene")
    for sample, counts in bench.counts.items():
        for gene in sorted(set(bench.source.genes.values())):
            names = [name for name, g in bench.source.genes.items() if g == gene]
            effective = {name: len(bench.source.sequences[name]) - 200 + 1 for name in names}
            molecules = {name: counts[name] / effective[name] for name in names}
            if min(counts[name] for name in names) < 50:
                continue
            expected = sum(molecules[n] * effective[n] for n in names) / sum(molecules.values())
            # The isoforms differ by 400 nt; some 50 fragments tell them apart, so that their shares are known to 0.1.
            assert lengths.loc[gene, sample] == pytest.approx(expected, abs=2 * 0.1 * 400)


def test_tpm_sums_to_a_million(study):
    tpm = pd.read_csv(study / "tpm.tsv", sep="\t", index_col="gene")
    np.testing.assert_allclose(tpm.sum(), 1e6, rtol=1e-4)


def test_strand_and_fragment_length_are_found(study):
    facts = json.loads((study / "rnaseq.json").read_text())["samples"]
    assert [facts[s]["strand"]["strand"] for s in "ab"] == ["unstranded", "reverse"]
    assert all(facts[s]["strand"]["clear"] and facts[s]["strand"]["source"] == "inferred" for s in "ab")
    assert all(abs(facts[s]["fragment_mean"] - 200) < 3 for s in "ab")
    assert facts["a"]["fragments"] == facts["a"]["runs"][0]["reads"]
    assert all(facts[s]["positions"]["mismatches"] < 0.003 for s in "ab")


def test_qc_says_what_is_known_and_what_not(study):
    qc = pd.read_csv(study / "qc.tsv", sep="\t", index_col="sample", keep_default_na=False)
    # Far too few reads for any study.
    assert (qc["verdict"] == "reject").all() and qc["reasons"].str.contains("fragments found").all()
    assert (qc["rrna"] == "NA").all()
    assert qc["haemoglobin"].astype(float).between(0.001, 0.1).all()
    assert qc["place"].astype(float).between(0.4, 0.6).all()
    # The "Y gene" is expressed in both: right for a, wrong for b.
    assert qc["sex_seen"].tolist() == ["male", "male"] and qc["sex_agrees"].tolist() == [True, False]
    assert "the sheet says female" in qc.loc["b", "reasons"] and "sheet" not in qc.loc["a", "reasons"]


def test_multiqc_makes_a_page_of_it(study, tmp_path):
    write_page([study / "multiqc"], tmp_path / "multiqc.html")
    page = (tmp_path / "multiqc.html").read_text()
    assert "acuomics: reads to gene counts of ab" in page and "Quality along the reads of ab" in page
    # Neither the machine nor the hour: the page is the same wherever and whenever it is made.
    assert str(tmp_path) not in page and str(study) not in page and "Report generated on" not in page
    assert [path.name for path in tmp_path.iterdir()] == ["multiqc.html"]
    table = pd.read_csv(study / "multiqc" / "rnaseq_samples_mqc.tsv", sep="\t", comment="#", index_col="Sample")
    assert list(table.index) == ["a", "b"] and (table["mapping"] > 95).all()


def test_a_page_loses_its_time_and_its_random_name():
    pages = [
        f'<script id="mqc_compressed_plotdata">{base64.b64encode(gzip.compress(b"[1]", mtime=time)).decode()}</script>'
        f'reportUuid = "{name}"; configCreationDate = "22 Nov 2026, 17:1{time} UTC";'
        for time, name in ((7, "87172b4e-5ca1"), (8, "f4c83ef5-6327"))
    ]
    one, two = map(settled, pages)
    assert one == two and pages[0] != pages[1]
    assert gzip.decompress(base64.b64decode(one.split(">")[1].split("<")[0])) == b"[1]"
    assert settled(pages[0].replace("reportUuid", "x")).count('x = "87172b4e') == 1


def test_single_reads_record_their_fragment_length(bench, tmp_path):
    first = bench.reads["b"][0]
    table, info = bench.count("b", [first], tmp_path, CountSettings(layout="single", sampled=1000))
    facts = json.loads(info.read_text())
    assert (facts["paired"], facts["fragment_mean"], facts["fragment_source"]) == (False, 200.0, "default")
    assert facts["strand"]["strand"] == "reverse"
    assert pd.read_csv(table, sep="\t")["count"].sum() == pytest.approx(facts["mapped"], abs=0.5)


def test_several_runs_add_up_and_bytes_are_the_same_again(bench, tmp_path):
    for name, lines in (("x", slice(0, 4000)), ("y", slice(4000, None))):
        for mate, path in enumerate(bench.reads["a"], start=1):
            text = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
            (tmp_path / f"{name}_{mate}.fastq").write_bytes(b"".join(text[lines]))
    files = sorted(tmp_path.glob("*.fastq"))
    split, info = bench.count("a", files, tmp_path / "1")
    again, _ = bench.count("a", files[::-1], tmp_path / "2")
    assert split.read_bytes() == again.read_bytes()
    assert json.loads(info.read_text())["runs"][0]["reads"] == 1000
    whole, _ = bench.count("a", bench.reads["a"], tmp_path / "3")
    one, two = (pd.read_csv(path, sep="\t")["count"] for path in (whole, split))
    np.testing.assert_allclose(one.sum(), two.sum(), rtol=1e-6)


# Reads from elsewhere


@pytest.fixture(scope="module")
def elsewhere(bench):
    """A genome with every transcript and, far away, a piece of gene 01 between other bases; 300 pairs of there."""
    rng = np.random.default_rng(8)
    between = ["".join(rng.choice(list("ACGT"), 400)) for _ in range(3)]
    piece = bench.source.sequences["ENSRNOT00000000100.1"][500:670]
    place = between[0][-25:] + piece + between[1][:25]
    text = "".join([*bench.source.sequences.values(), between[0], piece, between[1]])
    genome = bench.root / "genome.fa"
    genome.write_text(f">chr1 dna\n{text}\n>chr2\n{between[2]}\n")
    source = Tiny({"place": place}, {})
    return genome, simulate_pairs(source, {"place": 300}, bench.root / "elsewhere", seed=4)


@pytest.mark.parametrize("engine", ["kallisto", "salmon"])
def test_reads_of_a_repeat_go_to_the_genome_where_the_index_knows_it(bench, elsewhere, engine, tmp_path):
    if engine == "salmon" and shutil.which("salmon") is None:
        pytest.skip("salmon is not on PATH")
    genome, there = elsewhere
    gene, found, mapped = "ENSRNOT00000000100.1", {}, {}
    for name, decoys in (("without", []), ("with", [genome])):
        index = write_index(bench.fasta, None, tmp_path / name / "index", engine=engine, decoys=decoys)
        files, settings = [*bench.reads["a"], *there], CountSettings(engine=engine, sampled=2000)
        paths = bench.count("a", files, tmp_path / name, settings, Path(index.folder) / "index.json")
        found[name] = pd.read_csv(paths[0], sep="\t", index_col="transcript")["count"]
        mapped[name] = json.loads(paths[1].read_text())["mapped"]
    truth = bench.counts["a"]
    assert found["with"][gene] == pytest.approx(truth[gene], abs=3) and found["without"][gene] > truth[gene] + 50
    assert mapped["with"] < mapped["without"] - 50
    # Nothing else is lost to the genome, which holds all transcripts.
    others = found["with"].drop(gene)
    np.testing.assert_allclose(others.sum(), sum(truth.values()) - truth[gene], rtol=0.005)


def test_an_index_names_its_decoys_and_samples_of_another_are_not_gathered(bench, elsewhere, study, tmp_path):
    index = write_index(bench.fasta, None, tmp_path / "decoyed", decoys=[elsewhere[0]])
    assert index.decoys == "genome.fa" and len(index.decoys_sha256) == 64
    plain = json.loads(bench.index.read_text())
    assert index.sha256 == plain["sha256"] and plain["decoys"] == plain["decoys_sha256"] == ""
    paths = GatheredPaths(*(tmp_path / "out" / name for name in "abcdef"))
    counted = {"a": (study / "a.tsv", study / "a.json")}
    with pytest.raises(InputError, match="on other transcripts"):
        gather_study(counted, tmp_path / "decoyed" / "index.json", RESOURCES / "markers.tsv", 10116, {}, paths)


@pytest.mark.parametrize("engine", ["kallisto", "salmon"])
def test_decoys_come_in_files_of_any_name_and_number(bench, elsewhere, engine, tmp_path):
    if engine == "salmon" and shutil.which("salmon") is None:
        pytest.skip("salmon is not on PATH")
    place = tmp_path / "of rat, and so on"
    place.mkdir()
    one, two = elsewhere[0].read_text().split(">chr2")
    (place / "chr 1,a.fa").write_text(one)
    (place / "chr2.fa.gz").write_bytes(gzip.compress(f">chr2{two}".encode()))
    index = write_index(bench.fasta, None, place / "in, here" / "one", engine=engine, decoys=[place / "chr 1,a.fa"])
    assert index.decoys == "chr 1,a.fa"
    both = [place / "chr 1,a.fa", place / "chr2.fa.gz"]
    index = write_index(bench.fasta, None, tmp_path / "two", engine=engine, decoys=both)
    assert index.decoys == "chr 1,a.fa + chr2.fa.gz"
    with pytest.raises(InputError, match="named twice"):
        write_index(bench.fasta, None, tmp_path / "three", engine=engine, decoys=[*both, both[0]])
    again = [*both, tmp_path / "again" / "chr2.fa.gz"]
    again[-1].parent.mkdir()
    again[-1].write_bytes((place / "chr2.fa.gz").read_bytes())
    with pytest.raises(InputError, match=r"1 names of decoys are also in .*chr2\.fa\.gz"):
        write_index(bench.fasta, None, tmp_path / "three", engine=engine, decoys=again)


@pytest.mark.parametrize("engine", ["kallisto", "salmon"])
def test_names_of_gencode_keep_their_counts(bench, engine, tmp_path):
    if engine == "salmon" and shutil.which("salmon") is None:
        pytest.skip("salmon is not on PATH")
    fasta = tmp_path / "gencode.fa"
    genes = bench.source.genes
    named = {f"{name}|{genes[name]}|-|-|X-1|X|45|lncRNA|": text for name, text in bench.source.sequences.items()}
    fasta.write_text("".join(f">{name}\n{text}\n" for name, text in named.items()))
    write_index(fasta, None, tmp_path / "index", engine=engine)
    settings = CountSettings(engine=engine, sampled=2000)
    table, info = bench.count("a", bench.reads["a"], tmp_path, settings, tmp_path / "index" / "index.json", fasta)
    assert pd.read_csv(table, sep="\t")["count"].sum() == pytest.approx(json.loads(info.read_text())["mapped"], abs=1)


def test_reads_in_small_letters_and_a_declared_strand(bench, tmp_path):
    for mate, path in enumerate(bench.reads["b"], start=1):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()[:4000]
        lines[1::4] = [line.lower() for line in lines[1::4]]
        (tmp_path / f"small_{mate}.fq").write_text("\n".join(lines) + "\n")
    files = sorted(tmp_path.glob("small_*"))
    settings = CountSettings(sampled=1000, strand="unstranded")
    told = json.loads(bench.count("small", files, tmp_path / "out", settings)[1].read_text())
    assert told["positions"]["mismatches"] < 0.01
    assert (told["strand"]["strand"], told["strand"]["source"]) == ("unstranded", "declared")
    assert told["strand"]["share_forward"] < 0.05


def test_samples_counted_before_there_were_decoys_are_to_be_counted_again(bench, study, tmp_path):
    info = json.loads((study / "a.json").read_text())
    del info["decoys_sha256"]
    (tmp_path / "a.json").write_text(json.dumps(info))
    paths = GatheredPaths(*(tmp_path / "out" / name for name in "abcdef"))
    with pytest.raises(InputError, match="count the sample again"):
        gather_study(
            {"a": (study / "a.tsv", tmp_path / "a.json")}, bench.index, RESOURCES / "markers.tsv", 10116, {}, paths
        )


def test_pairs_of_which_one_mate_lies_on_no_transcript_are_told(bench, study, tmp_path):
    whole = json.loads((study / "rnaseq.json").read_text())["samples"]["a"]["positions"]["whole"]
    assert whole > 0.98
    # Of every fourth pair the second mate is of a sequence that no transcript has.
    alien = simulate_pairs(tiny(seed=99), {"ENSRNOT00000000100.1": 500}, tmp_path / "alien")[1]
    first, second = (gzip.decompress(path.read_bytes()).splitlines(keepends=True) for path in bench.reads["a"])
    other = gzip.decompress(alien.read_bytes()).splitlines(keepends=True)
    for read in range(0, 2000, 4):
        second[4 * read + 1] = other[read + 1]
    for mate, lines in ((1, first[:8000]), (2, second[:8000])):
        (tmp_path / f"half_{mate}.fq").write_bytes(b"".join(lines))
    _, info = bench.count("half", sorted(tmp_path.glob("half_*")), tmp_path / "out")
    assert json.loads(info.read_text())["positions"]["whole"] == pytest.approx(0.75 * whole, abs=0.01)


# Faults


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file has no sequences: it is empty"),
        (">p\n" + "MKVLAAGLLFWQ" * 5, "name the genome of the transcripts' release"),
        (">chr1\n" + "ACGT" * 20 + "\n>chr1\n" + "ACGT" * 20, "1 names stand there more than once"),
        (">chr1\n" + "ACGT" * 20 + "\n>chr2\n>chr3\n", "2 headers without a sequence (chr2, chr3)"),
        (">ENSRNOT00000000100.1\n" + "ACGT" * 20, "1 names of decoys are also in the transcripts"),
    ],
)
def test_faults_of_decoys(bench, text, said, tmp_path):
    (tmp_path / "genome.fa").write_text(text)
    with pytest.raises(InputError, match=re.escape(said)):
        write_index(bench.fasta, None, tmp_path / "made" / "index", decoys=[tmp_path / "genome.fa"])
    assert not (tmp_path / "made").exists()


def test_a_cut_file_is_no_small_file(bench, tmp_path):
    first, second = bench.reads["a"]
    cut = tmp_path / "cut_1.fastq.gz"
    cut.write_bytes(first.read_bytes()[: first.stat().st_size // 2])
    (tmp_path / "cut_2.fastq.gz").write_bytes(second.read_bytes())
    assert "cut short" in bench.fault([cut, tmp_path / "cut_2.fastq.gz"], tmp_path / "out")


def test_mates_of_different_number(bench, tmp_path):
    for mate, path in enumerate(bench.reads["a"], start=1):
        text = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        (tmp_path / f"u_{mate}.fq").write_bytes(b"".join(text[: 400 * mate]))
    said = bench.fault(sorted(tmp_path.glob("*.fq")), tmp_path / "out")
    assert "200 reads, where the file of first mates (u_1.fq) has 100" in said


def test_mates_out_of_step(bench, tmp_path):
    first, second = bench.reads["a"]
    (tmp_path / "s_1.fastq.gz").write_bytes(first.read_bytes())
    text = gzip.decompress(second.read_bytes()).splitlines(keepends=True)
    (tmp_path / "s_2.fastq.gz").write_bytes(gzip.compress(b"".join([*text[4:], *text[:4]])))
    assert "not the mate of 'r0'" in bench.fault(sorted(tmp_path.glob("s_*")), tmp_path / "out")


def test_the_same_file_twice_is_no_pair(bench, tmp_path):
    for mate in "12":
        (tmp_path / f"s_{mate}.fastq.gz").write_bytes(bench.reads["a"][0].read_bytes())
    assert "the same reads" in bench.fault(sorted(tmp_path.glob("s_*")), tmp_path / "out")


def test_a_missing_mate_and_fasta_for_fastq(bench, tmp_path):
    assert "read 2 is missing" in bench.fault([bench.reads["a"][0]], tmp_path / "out")
    assert "this is FASTA, not FASTQ" in bench.fault([bench.fasta], tmp_path / "out")


def test_all_faults_of_the_files_come_at_once(bench, tmp_path):
    said = bench.fault([tmp_path / "no_1.fastq", tmp_path / "no_2.fastq"], tmp_path / "out")
    assert said.count("does not exist") == 2


def _other(bench, tmp_path, share):
    """A transcriptome whose bases differ in this share: a relative, or another species."""
    rng = np.random.default_rng(3)
    changed = {}
    for name, text in bench.source.sequences.items():
        letters = np.array(list(text))
        wrong = rng.random(len(letters)) < share
        letters[wrong] = rng.choice(list("ACGT"), int(wrong.sum()))
        changed[name] = "".join(letters)
    fasta = Tiny(changed, bench.source.genes).write(tmp_path / "other.fa.gz")
    write_index(fasta, None, tmp_path / "other")
    return {"index": tmp_path / "other" / "index.json", "fasta": fasta}


def test_another_species_is_refused_with_figures(bench, tmp_path):
    said = bench.fault(bench.reads["a"], tmp_path / "out", **_other(bench, tmp_path, 0.3))
    assert "only 0.4% " in said and "of 2,000 sampled reads" in said and f"{QcLimits().mapping_reject:.0%}" in said


def test_reads_of_which_none_is_found(bench, tmp_path):
    reads = simulate_pairs(tiny(seed=99), dict.fromkeys(tiny(seed=99).sequences, 20), tmp_path / "alien")
    assert "only 0.0% of 800 sampled reads are found" in bench.fault(reads, tmp_path / "out")


def test_a_related_species_is_refused_although_its_reads_are_found(bench, tmp_path):
    """Six in a hundred bases differ: half of the reads share a word with the transcripts, and disagree elsewhere."""
    said = bench.fault(bench.reads["a"], tmp_path / "out", **_other(bench, tmp_path, 0.08))
    assert "they disagree in" in said and "a related species?" in said


def test_an_index_that_is_gone(bench, tmp_path):
    (tmp_path / "gone.json").write_text(bench.index.read_text())
    assert "the index is gone" in bench.fault(bench.reads["a"], tmp_path / "out", index=tmp_path / "gone.json")


def test_samples_of_different_transcripts_are_not_gathered(bench, study, tmp_path):
    other = _other(bench, tmp_path, 0.01)
    paths = GatheredPaths(*(tmp_path / "out" / name for name in "abcdef"))
    counted = {"a": (study / "a.tsv", study / "a.json")}
    with pytest.raises(InputError, match="on other transcripts"):
        gather_study(counted, other["index"], RESOURCES / "markers.tsv", 10116, {}, paths)
    assert not (tmp_path / "out").exists()
