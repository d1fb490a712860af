"""An index of references is made once for all workflows that share Snakemake's cache."""

import random
import subprocess

import pytest

from tests.realdata import REPO
from tests.workflow import command, environment, write_config

TARGET = "results/transcriptomes/10116"


@pytest.fixture
def transcripts(tmp_path):
    """Twenty random transcripts of ten genes."""
    chance = random.Random(1)
    lines = []
    for i in range(20):
        sequence = "".join(chance.choice("ACGT") for _ in range(600))
        lines.append(f">ENSRNOT{i:011d}.1 cdna gene:ENSRNOG{i // 2:011d}.1 gene_symbol:G{i // 2}\n{sequence}\n")
    path = tmp_path / "transcripts.fa"
    path.write_text("".join(lines))
    return path


def index(folder, cache, transcripts):
    folder.mkdir()
    references = {"transcriptome": {10116: {"fasta": [str(transcripts)]}}}
    config = write_config(folder / "c.yaml", studies=["demo_phn_mrna"], references=references)
    words = [*command(folder, TARGET, config=config), "--cache"]
    result = subprocess.run(
        words,
        env=environment() | {"SNAKEMAKE_OUTPUT_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    files = {path.name: path.read_bytes() for path in (folder / TARGET).iterdir() if not path.name.startswith(".")}
    return files, result.stdout


@pytest.mark.slow
def test_a_second_workflow_takes_the_index_from_the_cache(tmp_path, transcripts):
    if not (REPO / "workflow" / "rules" / "rnaseq.smk").exists():
        pytest.skip("no rule makes an index of references yet")
    cache = tmp_path / "cache"
    cache.mkdir()
    first, told_first = index(tmp_path / "first", cache, transcripts)
    second, told_second = index(tmp_path / "second", cache, transcripts)
    assert first == second and first
    assert "to cache" in told_first
    assert "to cache" not in told_second and "from cache" in told_second
    assert len(list(cache.iterdir())) == 1
