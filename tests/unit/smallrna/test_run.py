"""The stage as a whole on a small study: every output, the same bytes at any threads, bowtie's path, MultiQC."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from fastq_text import TRUSEQ, fastq
from small_study import OUTPUTS, SPECIES, SmallStudy, inserts, reads, sample

from acuomics.problems import InputError
from acuomics.smallrna.collapse import collapse
from acuomics.smallrna.cutadapt import collapse_with_cutadapt
from acuomics.smallrna.kits import TRIMMED, Kit

N = 15_000


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Two samples, the second of two runs, and where they were counted."""
    made = SmallStudy(tmp_path_factory.mktemp("study"))
    texts = reads(inserts(N, 2)[0])
    made.add("b", fastq(texts[:9000]), fastq(texts[9000:])).add("a", sample(N, 1))
    return made, made.count()


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / f"{name}.tsv", sep="\t")


def test_every_output_is_there_and_the_samples_keep_their_order(study):
    _, out = study
    assert len(list(out.iterdir())) == len(OUTPUTS) and all(path.stat().st_size for path in out.iterdir())
    counts = table(out, "counts")
    assert list(counts.columns) == ["mimat", "mirna", "b", "a"]
    assert len(counts) == len(SPECIES["rno"])
    for name in ("isomirs", "classes", "summary", "qc"):
        assert list(dict.fromkeys(table(out, name)["sample"])) == ["b", "a"]


def test_the_truth_is_counted(study):
    _, out = study
    features = table(out, "features").set_index("feature")["sequence"]
    counts = table(out, "counts").set_index("mimat")
    for name, seed in (("a", 1), ("b", 2)):
        truth = inserts(N, seed)[1]
        assert {features[mimat]: n for mimat, n in counts[name].items() if n} == dict(truth)


def test_reads_are_accounted_for(study):
    _, out = study
    facts = json.loads((out / "facts.json").read_text())
    classes = table(out, "classes").groupby("sample")["reads"].sum()
    for name in ("a", "b"):
        total = facts["samples"][name]["totals"]
        lost = sum(total[key] for key in ("untrimmed", "dimers", "too_short", "with_n"))
        assert total["reads"] == N and total["kept"] == N - lost == classes[name]
        assert sum(run["reads"] for run in facts["samples"][name]["runs"]) == N
    assert [run["run"] for run in facts["samples"]["b"]["runs"]] == ["b_run0.fastq", "b_run1.fastq"]
    assert facts["verdicts"] == {"a": "usable", "b": "usable"}


def test_threads_do_not_change_a_byte(study):
    made, out = study
    again = made.count(threads=2, into="threads")
    for path in out.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


@pytest.mark.skipif(shutil.which("bowtie") is None, reason="bowtie is not on PATH")
def test_the_reference_engine_agrees(study):
    made, out = study
    other = made.count(engine="bowtie", into="bowtie")
    fast, slow = (table(where, "counts").set_index("mimat")[["a", "b"]] for where in (out, other))
    assert (fast - slow).abs().to_numpy().sum() <= 0.002 * slow.to_numpy().sum() and slow.to_numpy().sum() > N
    totals = [json.loads((where / "facts.json").read_text())["samples"]["b"] for where in (out, other)]
    for name in ("reads", "with_n"):
        assert totals[0]["totals"][name] == totals[1]["totals"][name]
    for number in (0, 1):
        assert totals[0]["runs"][number]["reads"] == totals[1]["runs"][number]["reads"]


def test_sharing_and_correction_are_passed_on(study):
    made, _ = study
    other = made.count(sharing="em", correct_errors=False, into="em")
    facts = json.loads((other / "facts.json").read_text())
    assert (facts["sharing"], facts["correct_errors"]) == ("em", False)
    assert (table(other, "summary")["seed_errors"] == 0).all()


def test_multiqc_makes_a_page_of_the_section(study):
    _, out = study
    tool = Path(sys.executable).with_name("multiqc")
    if not tool.exists():
        pytest.skip("multiqc is not installed")
    command = [str(tool), str(out), "--outdir", str(out.parent / "page"), "--quiet", "-m", "custom_content"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "acuomics: small RNA of small" in (out.parent / "page" / "multiqc_report.html").read_text()
    data = out.parent / "page" / "multiqc_data"
    shown = (
        "".join(path.read_text() for path in data.glob("multiqc_acuomics*")) or (data / "multiqc_data.json").read_text()
    )
    assert "a (usable)" in shown and "b (usable)" in shown


def test_all_faulty_samples_are_named_at_once_and_nothing_is_written(tmp_path):
    made = SmallStudy(tmp_path).add("x", b">r\nACGT\n").add("y", sample(200)).add("z", b"")
    with pytest.raises(InputError) as caught:
        made.count(threads=2)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["x_run0.fastq", "z_run0.fastq"]
    assert not (tmp_path / "out").exists()


def test_a_species_that_mirbase_has_not(tmp_path, monkeypatch):
    made = SmallStudy(tmp_path).add("x", sample(200))
    clades = tmp_path / "clades.tsv"
    clades.write_text("\n".join(Path(made.references.clades).read_text().splitlines()[:2]) + "\n")
    object.__setattr__(made.references, "clades", str(clades))
    with pytest.raises(InputError, match="miRBase has no species Rattus norvegicus"):
        made.count()


def test_cutadapt_trims_as_our_own_code_does(tmp_path):
    file = tmp_path / "a.fastq"
    texts = [*reads(inserts(3000, 5)[0]), "ACGTACGTGG" * 5, TRUSEQ.adapter3 + "A" * 29, "ACGTN" * 4 + TRUSEQ.adapter3]
    file.write_bytes(fastq(texts))
    mine, my_totals = collapse([file], TRUSEQ)
    theirs, totals = collapse_with_cutadapt([str(file)], TRUSEQ)
    assert (mine.keys == theirs.keys).all() and (mine.reads == theirs.reads).all()
    assert totals.total.reads == my_totals.total.reads == len(texts)
    for name in ("untrimmed", "dimers", "too_short", "with_n", "kept"):
        assert getattr(totals.total, name) == getattr(my_totals.total, name), name
        assert getattr(totals.runs[0], name) == getattr(my_totals.runs[0], name), name


def test_a_run_without_the_adapter_beside_one_with_it(tmp_path):
    files = [tmp_path / "none.fastq", tmp_path / "some.fastq"]
    files[0].write_bytes(fastq(["ACGTACGTGG" * 5] * 7))
    files[1].write_bytes(fastq(reads(inserts(100, 6)[0])))
    inserts_, totals = collapse_with_cutadapt([str(file) for file in files], TRUSEQ)
    assert [(run.reads, run.untrimmed, run.kept) for run in totals.runs] == [(7, 7, 0), (100, 0, 100)]
    assert (totals.total.reads, totals.total.untrimmed) == (107, 7) and inserts_.reads.sum() == 100
    with pytest.raises(InputError, match="in none of 7 reads") as caught:
        collapse_with_cutadapt([str(files[0])], TRUSEQ)
    assert caught.value.problems[0].file == str(files[0])


def test_kits_that_cutadapt_does_not_know_go_the_usual_way(tmp_path):
    file = tmp_path / "a.fastq"
    file.write_bytes(fastq(inserts(100, 6)[0]))
    assert collapse_with_cutadapt([str(file)], TRIMMED)[1].total.untrimmed == 0
    random_ends = Kit("ends", TRUSEQ.adapter3, random5=4, random3=4)
    file.write_bytes(fastq(reads(["ACGT" + text + "TTGA" for text in inserts(100, 6)[0]], 80)))
    kept = collapse_with_cutadapt([str(file)], random_ends)[0]
    assert kept.reads.sum() == 100 and set(kept.lengths) <= set(range(16, 41))


def test_what_cutadapt_says_is_a_problem_of_the_file(tmp_path):
    file = tmp_path / "a.fastq"
    file.write_bytes(b"@r\nACGT\n+\nII\n")
    with pytest.raises(InputError, match="cutadapt stopped") as caught:
        collapse_with_cutadapt([str(file)], TRUSEQ)
    assert caught.value.problems[0].file == str(file)
