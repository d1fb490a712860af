"""mRNA reads through the workflow: a tiny study from FASTQ files to verdicts, and input that must be refused."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.outputs import faults
from tests.rnaseq import Tiny, simulate_pairs, tiny
from tests.workflow import digests, snakemake, write_config

STUDY = "tiny_reads"
ARMS = {"control": "Control", "model": "CCI", "treated": "CCI_EA"}
#: Of 80 genes: these have four times as much in the model, and half of that is taken back by the treatment.
CHANGED = range(8)
#: A study of a few thousand reads; everything else is judged as ever.
LIMITS = {"mapped_good": 100, "mapped_reject": 50}


def arm_counts(source: Tiny, arm: str, level: np.ndarray, rng: np.random.Generator) -> dict[str, int]:
    factor = {"control": 1.0, "model": 4.0, "treated": 1.5}[arm]
    change = np.where([int(gene[-2:]) in CHANGED for gene in source.genes.values()], factor, 1.0)
    counts = rng.negative_binomial(50, 50 / (50 + level * change))
    return dict(zip(source.sequences, counts.tolist(), strict=True))


def make_study(root: Path) -> tuple[Path, pd.DataFrame]:
    """The folders of the study, its reads and transcripts; gives the configuration and the true counts of genes."""
    source, rng = tiny(n_genes=80), np.random.default_rng(11)
    folder, reads = root / "studies" / STUDY, root / "data" / "fastq"
    folder.mkdir(parents=True)
    reads.mkdir(parents=True)
    level = rng.uniform(10, 60, len(source.sequences))
    truth, rows = {}, []
    for arm, condition in ARMS.items():
        for i in (1, 2, 3):
            sample = f"{arm}_{i}"
            counts = arm_counts(source, arm, level, rng)
            simulate_pairs(source, counts, reads / sample, seed=len(truth), strand="reverse", error=0.002)
            truth[sample] = pd.Series(counts).groupby(source.genes).sum()
            rows.append(f"{sample}\t{condition}\tmale\n")
    study = {
        "study": STUDY,
        "title": "A tiny study of mRNA reads",
        "summary": "Three arms of three invented rats; made for a test.",
        "species": "Rattus norvegicus",
        "taxon": 10116,
        "tissue": {"name": "spinal cord", "uberon": "UBERON:0002240", "level": "spinal"},
        "assay": "mrna",
        "source": "made for a test",
        "model": "none",
        "intervention": "none",
        "design": "~ condition",
        "feature_id": "ensembl_gene",
        "reads": {"folder": "fastq"},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    (folder / "samples.tsv").write_text("sample\tcondition\tsex\n" + "".join(rows))
    (folder / "contrasts.tsv").write_text(
        "contrast\tfactor\tnumerator\tdenominator\tcovariates\trole\n"
        "cci_vs_control\tcondition\tCCI\tControl\t\tmodel\nea_vs_cci\tcondition\tCCI_EA\tCCI\t\ttreatment\n"
    )
    # Two files, as Ensembl has coding and other transcripts.
    names = list(source.sequences)
    files = []
    for part, chosen in (("cdna", names[:90]), ("ncrna", names[90:])):
        files.append(str(Tiny({n: source.sequences[n] for n in chosen}, source.genes).write(root / f"{part}.fa.gz")))
    config = write_config(
        root / "config.yaml",
        studies=[STUDY],
        study_folders=[str(root / "studies")],
        data_root=str(root / "data"),
        references={"transcriptome": {10116: {"fasta": files}}},
        rnaseq={"sampled": 1000, "limits": LIMITS},
        reversal={"permutations": 5},
        mechanisms={"ulm_sensitivity": False},
    )
    return config, pd.DataFrame(truth)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("mrna_reads")
    config, truth = make_study(root)
    result = snakemake(root, config=config)
    assert result.returncode == 0, result.stdout
    return root, config, truth


def table(root: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(root / "results" / STUDY / name, sep="\t", index_col=0)


def test_every_column_that_is_written_is_described(run):
    assert faults(run[0] / "results") == []


def test_the_counts_are_those_put_in(run):
    root, _, truth = run
    counts = pd.read_parquet(root / f"results/{STUDY}/intake/counts.parquet").set_index("feature")
    assert list(counts.columns) == list(truth.columns) and counts.index.tolist() == truth.index.tolist()
    np.testing.assert_allclose(counts, truth, atol=3)
    facts = json.loads((root / f"results/{STUDY}/intake/intake.json").read_text())
    assert facts["rounding"]["mode"] == "nearest" and "estimated counts" in facts["rounding"]["reason"]
    lengths = pd.read_parquet(root / f"results/{STUDY}/intake/lengths.parquet").set_index("feature")
    assert lengths.index.equals(counts.index) and lengths.stack().between(500, 1100).all()


def test_the_model_uses_the_lengths_and_finds_the_planted_changes(run):
    root, _, truth = run
    fit = json.loads((root / f"results/{STUDY}/de/fit.json").read_text())
    assert fit["offsets"] == "gene_lengths" and list(fit["size_factors"]) == list(truth.columns)
    changed = [gene for gene in truth.index if int(gene[-2:]) in CHANGED]
    model = table(root, "de/tables/cci_vs_control.tsv")
    assert (model.loc[changed, "q"] < 0.05).all() and model.loc[changed, "log2fc"].between(1.4, 2.6).all()
    assert (model.drop(changed)["q"] < 0.05).sum() <= 3
    reversal = table(root, "reversal/cci_vs_control__ea_vs_cci.tsv")
    assert reversal.loc[changed, "reversed"].mean() >= 0.75 and reversal.drop(changed)["reversed"].sum() <= 1


def test_libraries_are_judged(run):
    root, _, truth = run
    qc = table(root, "rnaseq/qc.tsv")
    assert list(qc.index) == list(truth.columns) and (qc["verdict"] == "good").all(), qc["reasons"].tolist()
    assert (qc["strand"] == "reverse").all() and (qc["sex_declared"] == "male").all()
    assert qc["mapping"].gt(0.95).all() and qc["mismatches"].lt(0.005).all()


def test_the_page_shows_the_libraries(run):
    page = (run[0] / f"results/report/studies/{STUDY}.html").read_text()
    assert 'id="reads"' in page and "found on the transcripts of the species" in page
    table = json.loads((run[0] / f"results/{STUDY}/report/study.json").read_text())["tables"]["reads"]
    assert table["path"] == f"results/{STUDY}/rnaseq/qc.tsv"
    assert (run[0] / f"results/report/tables/{STUDY}/rnaseq/qc.xlsx").is_file()
    assert "could be drawn" not in page[page.index('id="reads"') :].split("</section>")[0]
    figure = json.loads((run[0] / f"results/{STUDY}/report/study.json").read_text())["figures"]
    (places,) = [row for row in figure if row["name"] == "places"]
    assert "one a sample (9)" in places["alt"]


def test_the_methods_say_how_the_reads_were_counted(run):
    described = json.loads((run[0] / f"results/{STUDY}/report/study.json").read_text())
    text = " ".join(described["methods"])
    assert "Transcripts (cdna.fa.gz + ncrna.fa.gz) were quantified by kallisto" in text and "deposited" not in text
    assert "as offsets (Soneson et al. 2015)" in text and "rounded to the nearest integer." in text
    assert sum(name in " ".join(described["references"]) for name in ("Bray NL", "Soneson C", "Patro R")) == 2


def test_a_second_run_has_nothing_to_do_and_bytes_are_the_same_again(run):
    root, config, _ = run
    before = digests(root)
    assert "Nothing to be done" in snakemake(root, f"results/{STUDY}/intake/lengths.parquet", config=config).stdout
    for path in (root / "results" / STUDY / "rnaseq").rglob("model_2.*"):
        path.unlink()
    targets = [f"results/{STUDY}/rnaseq/{name}" for name in ("samples/model_2.tsv", "counts.tsv")]
    assert snakemake(root, *targets, config=config, cores=1).returncode == 0
    assert digests(root) == before


def refused(root: Path, config: Path, *targets: str) -> str:
    """Run to `targets`, which must fail with a message and without a traceback; give what was said."""
    result = snakemake(root, *targets, config=config)
    assert result.returncode != 0, result.stdout
    assert "Traceback" not in result.stdout, result.stdout
    assert not [target for target in targets if (root / target).exists()]
    return result.stdout


def copy_of(run, tmp_path: Path, **changes) -> Path:
    """The study with another configuration, in a directory of its own; its reads may be replaced."""
    root, config, _ = run
    shutil.copytree(root / "data", tmp_path / "data")
    content = yaml.safe_load(config.read_text()) | {"data_root": str(tmp_path / "data")} | changes
    return write_config(tmp_path / "config.yaml", **content)


def test_bad_reads_and_a_strange_species_each_have_one_clear_error(run, tmp_path):
    """Four samples and a transcriptome at fault at once: each says its own, and nothing is written of any."""
    (tmp_path / "empty.fa").write_text("")
    transcripts = yaml.safe_load(run[1].read_text())["references"]["transcriptome"]
    transcripts |= {10090: {"fasta": [str(tmp_path / "empty.fa")]}}
    config = copy_of(run, tmp_path, references={"transcriptome": transcripts})
    shutil.copytree(run[0] / "results" / "transcriptomes", tmp_path / "results" / "transcriptomes")
    reads = tmp_path / "data" / "fastq"
    cut = reads / "control_1_1.fastq.gz"
    cut.write_bytes(cut.read_bytes()[:-2000])
    short = reads / "model_1_2.fastq.gz"
    short.write_bytes(gzip.compress(gzip.decompress(short.read_bytes()).rsplit(b"@r", 3)[0]))
    (reads / "treated_1_2.fastq.gz").unlink()
    other = Tiny(tiny(seed=99, n_genes=80).sequences, tiny(n_genes=80).genes)
    counts = dict.fromkeys(other.sequences, 10)
    simulate_pairs(other, counts, reads / "model_2")
    wrong = ("control_1", "model_1", "treated_1", "model_2")
    targets = [f"results/{STUDY}/rnaseq/samples/{sample}.tsv" for sample in wrong]
    said = refused(tmp_path, config, *targets, "results/transcriptomes/10090")
    assert "empty.fa: the file has no sequences: it is empty" in said
    assert "control_1_1.fastq.gz: the gzip file is cut short" in said
    assert "model_1_2.fastq.gz" in said and "where the file of first mates (model_1_1.fastq.gz) has" in said
    assert "'treated_1': this is read 1 of a pair, and read 2 is missing" in said
    assert "model_2_1.fastq.gz: only 0.0% of" in said and "transcripts of the study's species" in said
    assert not [path for path in (tmp_path / "results" / STUDY).rglob("samples/*") if path.is_file()]


def test_rejected_samples_stop_at_intake_unless_kept(run, tmp_path):
    root, config, _ = run
    content = yaml.safe_load(config.read_text())
    few = tmp_path / "few.yaml"
    write_config(few, **content | {"rnaseq": {"sampled": 1000, "keep_rejected": ["model_1"]}})
    for name in ("studies", "data", "results"):
        shutil.copytree(root / name, tmp_path / name)
    target = f"results/{STUDY}/intake/counts.parquet"
    (tmp_path / target).unlink()
    said = snakemake(tmp_path, target, "--forcerun", "gather_genes", config=few)
    assert said.returncode != 0 and "Traceback" not in said.stdout
    log = (tmp_path / f"results/logs/{STUDY}/take_in_counts.log").read_text()
    assert log.count("fragments found (good from 5,000,000, rejected below 100,000)") == 8
    assert "rnaseq.keep_rejected: [control_1]" in log and "[model_1]" not in log
